"""What the visemes of known sets look like, in expression units (no bpy).

The shapes are what modellers draw for these names: Oculus' reference images, Microsoft's table of viseme ids with
phones, VRM's five vowels and Reallusion's eight "V_" shapes. A viseme at 1 is a clear, not a shouted sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Mixture = Mapping[str, float]
"""Expression units; a base such as mouthStretch stands for its left and right unit."""

PRESSED: Final[Mixture] = {"lipPress": 0.3, "jawOpen": 0.05, "mouthClose": 0.05}
BITE: Final[Mixture] = {"lipBiteLower": 0.66, "jawOpen": 0.05}
BETWEEN: Final[Mixture] = {"tongueInterdental": 0.9, "jawOpen": 0.16, "mouthLowerDown": 0.2, "mouthUpperUp": 0.08}
TIP: Final[Mixture] = {"tongueTipUp": 0.75, "jawOpen": 0.11, "mouthLowerDown": 0.19, "mouthUpperUp": 0.06}
BACK: Final[Mixture] = {"tongueBackUp": 0.85, "jawOpen": 0.15, "mouthLowerDown": 0.17, "mouthUpperUp": 0.06}
HISS: Final[Mixture] = {"jawOpen": 0.05, "mouthLowerDown": 0.26, "mouthUpperUp": 0.1, "mouthWide": 0.3}
FLARED: Final[Mixture] = {"lipFlare": 0.55, "mouthFunnel": 0.3, "jawOpen": 0.05, "mouthLowerDown": 0.15}
ROUND_R: Final[Mixture] = {"lipFlare": 0.24, "mouthPucker": 0.28, "jawOpen": 0.16, "mouthLowerDown": 0.15}
AA: Final[Mixture] = {"jawOpen": 0.5, "mouthLowerDown": 0.18, "mouthUpperUp": 0.08}
AE: Final[Mixture] = {"jawOpen": 0.38, "mouthLowerDown": 0.22, "mouthUpperUp": 0.12, "mouthWide": 0.26}
EH: Final[Mixture] = {"jawOpen": 0.3, "mouthLowerDown": 0.2, "mouthUpperUp": 0.1, "mouthWide": 0.32}
IY: Final[Mixture] = {
    "jawOpen": 0.16,
    "mouthLowerDown": 0.22,
    "mouthUpperUp": 0.1,
    "mouthWide": 0.5,
    "mouthStretch": 0.1,
}
OH: Final[Mixture] = {"jawOpen": 0.34, "mouthFunnel": 0.28, "mouthPucker": 0.36, "mouthLowerDown": 0.1}
OO: Final[Mixture] = {"jawOpen": 0.1, "mouthPucker": 0.88, "mouthFunnel": 0.17, "mouthLowerDown": 0.1}
UH: Final[Mixture] = {"jawOpen": 0.2, "mouthPucker": 0.5, "mouthFunnel": 0.16, "mouthLowerDown": 0.12}
BREATH: Final[Mixture] = {"jawOpen": 0.2, "mouthLowerDown": 0.17, "mouthUpperUp": 0.07}

OCULUS: Final[Mapping[str, Mixture]] = {
    **{"sil": {}, "PP": PRESSED, "FF": BITE, "TH": BETWEEN, "DD": TIP, "kk": BACK, "CH": FLARED, "SS": HISS},
    **{"nn": TIP, "RR": ROUND_R, "aa": AA, "E": EH, "I": IY, "O": OH, "U": OO},
}
MICROSOFT: Final[Mapping[str, Mixture]] = {
    **{"0": {}, "1": AE, "2": AA, "3": {**OH, "mouthPucker": 0.25}, "4": EH, "5": ROUND_R, "6": IY, "7": OO, "8": OH},
    **{"9": {**AA, "mouthPucker": 0.15}, "10": {**OH, "mouthWide": 0.1}, "11": {**AA, "mouthWide": 0.2}, "12": BREATH},
    **{"13": ROUND_R, "14": {**TIP, "jawOpen": 0.23}, "15": HISS, "16": FLARED, "17": BETWEEN, "18": BITE},
    **{"19": TIP, "20": BACK, "21": PRESSED},
}
VRM: Final[Mapping[str, Mixture]] = {"A": AA, "I": IY, "U": OO, "E": EH, "O": OH}
REALLUSION: Final[Mapping[str, Mixture]] = {
    "Open": {"jawOpen": 0.6, "mouthLowerDown": 0.1},
    "Explosive": PRESSED,
    "Dental_Lip": BITE,
    "Tight_O": OO,
    "Tight": UH,
    "Wide": {"mouthWide": 0.7, "mouthStretch": 0.15, "mouthUpperUp": 0.06},
    "Affricate": FLARED,
    "Lip_Open": {"mouthLowerDown": 0.4, "mouthUpperUp": 0.25},
}

SETS: Final[Mapping[str, Mapping[str, Mixture]]] = {
    **{"oculus": OCULUS, "microsoft": MICROSOFT, "vrm": VRM, "reallusion": REALLUSION},
}
CLOSED: Final = {"oculus": "PP", "microsoft": "21", "reallusion": "Explosive"}
"""The viseme that shuts the lips; a set without one shuts them by showing nothing at all."""

SILENT: Final = {"oculus": "sil", "microsoft": "0"}
"""The viseme that is a resting mouth: modellers leave it empty, and it is never keyed."""
