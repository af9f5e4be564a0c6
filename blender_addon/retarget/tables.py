"""How known kinds of characters name their shapes and bones (no bpy).

Keys are names as `names.Reading` has them: lower case, no separators, the side apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .channels import LOOKS, PAIRS
from .units import UNITS

Key = tuple[str, str]
"""(base, side): side "L", "R" or ""."""


def _units() -> dict[Key, str]:
    table: dict[Key, str] = {(base.lower(), ""): base for base in PAIRS}
    for name in UNITS:
        table[name.lower(), ""] = name
        for ending in ("Left", "Right"):
            if name.endswith(ending):
                table[name.removesuffix(ending).lower(), ending[0]] = name
    return table


EXACT: Final[Mapping[Key, str]] = _units()

# Other words for the same: Reallusion CC4, VRM and VRoid, MMD, and what people call things.
_OTHER_WORDS: Final[Mapping[str, str]] = {
    **{"browdrop": "browDown", "browlower": "browDown", "browraiseouter": "browOuterUp", "cheekraise": "cheekSquint"},
    **{"mouthupupper": "mouthUpperUp", "mouthdownlower": "mouthLowerDown", "blink": "eyeBlink", "eyeclose": "eyeBlink"},
    **{"eyesclosed": "eyeBlink", "eyeclosed": "eyeBlink", "fcleyeclose": "eyeBlink", "wink": "eyeBlink"},
    **{"まばたき": "eyeBlink", "ウィンク": "eyeBlink", "smile": "mouthSmile", "frown": "mouthFrown"},
    **{"mouthcornerpull": "mouthSmile", "mouthcornerdepress": "mouthFrown", "nosewrinkle": "noseSneer"},
    **{"eyelookinner": "eyeLookIn", "eyelookouter": "eyeLookOut", "squint": "eyeSquint", "eyewiden": "eyeWide"},
}
_SINGLE_WORDS: Final[Mapping[str, str]] = {
    **{"mouthopen": "jawOpen", "jawdrop": "jawOpen", "openmouth": "jawOpen", "pucker": "mouthPucker"},
    **{"kiss": "mouthPucker", "browraiseinner": "browInnerUp", "innerbrowup": "browInnerUp", "puff": "cheekPuff"},
    **{"mouthpuckerup": "mouthPucker", "mouthpuckerdown": "mouthPucker", "mouthfunnelup": "mouthFunnel"},
    **{"mouthfunneldown": "mouthFunnel", "mouthrollinupper": "mouthRollUpper", "mouthrollinlower": "mouthRollLower"},
    **{"tongueout": "tongueOut", "jawfwd": "jawForward"},
}


def _aliases() -> dict[Key, str]:
    table: dict[Key, str] = {(word, ""): name for word, name in _SINGLE_WORDS.items()}
    for word, base in _OTHER_WORDS.items():
        table |= {(word, ""): base, (word, "L"): f"{base}Left", (word, "R"): f"{base}Right"}
    for look in LOOKS:
        direction = look.removeprefix("look ")
        for spelling in (f"look{direction}", f"eyeslook{direction}", f"eyelook{direction}"):
            table.setdefault((spelling, ""), look)
            if direction in {"left", "right"}:
                table[spelling.removesuffix(direction), direction[0].upper()] = look
    table["ウィンク", ""] = "eyeBlinkLeft"
    table["ウィンク右", ""] = "eyeBlinkRight"
    return table


ALIASES: Final[Mapping[Key, str]] = _aliases()

_MPFB_MICROSOFT: Final = {
    **{"sil": "0", "aaahax": "1", "aa": "2", "ao": "3", "eyehuh": "4", "er": "5", "yiyihix": "6", "wuw": "7"},
    **{"ow": "8", "aw": "9", "oy": "10", "ay": "11", "h": "12", "r": "13", "l": "14", "sz": "15", "shchjhzh": "16"},
    **{"thdh": "17", "fv": "18", "dtn": "19", "kgng": "20", "pbm": "21"},
}

VISEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "oculus": {
        **{name.lower(): name for name in ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E")},
        **{"i": "I", "ih": "I", "o": "O", "oh": "O", "u": "U", "ou": "U"},
    },
    # Ids with Microsoft's phones behind them are MPFB's spelling: "p_b_m_21", "sil_00".
    "microsoft": {
        **{number: number for number in map(str, range(22))},
        **{f"{phones}{int(number):02d}": number for phones, number in _MPFB_MICROSOFT.items()},
    },
    "vrm": {
        **{"a": "A", "i": "I", "u": "U", "e": "E", "o": "O", "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O"},
        **{"あ": "A", "い": "I", "う": "U", "え": "E", "お": "O"},
    },
    "reallusion": {
        **{"open": "Open", "explosive": "Explosive", "dentallip": "Dental_Lip", "tighto": "Tight_O", "tight": "Tight"},
        **{"wide": "Wide", "affricate": "Affricate", "lipopen": "Lip_Open"},
    },
}

VISEME_PREFIXES: Final[Mapping[str, frozenset[str]]] = {
    "oculus": frozenset({"viseme", "visemes", "vis", "v", "vrc", "oculus", "ovr"}),
    "microsoft": frozenset({"viseme", "visemes", "vis", "ms", "microsoft", "azure"}),
    "vrm": frozenset({"mth", "fcl", "mouth", "vrm", "viseme", "lip", "lipsync", "v", "vowel"}),
    "reallusion": frozenset({"v"}),
}
"""Short names mean something only behind nothing, or behind one of these words; numbers and Reallusion's need one."""
NEEDS_PREFIX: Final = frozenset({"reallusion"})

BONES: Final[Mapping[Key, str]] = {
    **{(name, ""): "head" for name in ("head", "headbone", "bipheadjnt", "skull")},
    **{(name, ""): "neck" for name in ("neck", "necklower", "neck01", "neck1", "necktwist01")},
    **{(name, ""): "jaw" for name in ("jaw", "jawroot", "jawmaster", "lowerjaw", "jawbone", "mandible", "chinjaw")},
    **{
        (name, side): channel
        for name in ("eye", "eyeball", "eyes", "eyemaster", "mastereye", "eyebone", "faceeye")
        for side, channel in (("L", "left eye"), ("R", "right eye"))
    },
}
