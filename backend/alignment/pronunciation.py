"""How an English word sounds that the dictionary does not hold: ARPAbet phones from its parts or its letters.

First the word is taken apart (prefix, suffix, compound) into words that the dictionary holds; words without a vowel
letter are spelled out; what is left goes through ordered letter-to-sound rules in the manner of Elovitz et al. 1976
("Letter-to-sound rules for automatic translation of English text to phonetics"), with a small table of our own. The
result only has to be near enough for forced alignment, which is forgiving.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Lookup = Callable[[str], list[str] | None]
"""A dictionary: the ARPAbet phones of a word, without stress digits, or None."""

_LETTER_NAMES: Final[dict[str, str]] = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip

_PREFIXES: Final[dict[str, str]] = {
    "un": "AH N", "re": "R IY", "non": "N AA N", "pre": "P R IY", "dis": "D IH S", "mis": "M IH S",
    "over": "OW V ER", "under": "AH N D ER", "out": "AW T", "anti": "AE N T IY", "semi": "S EH M IY",
    "super": "S UW P ER", "multi": "M AH L T IY", "micro": "M AY K R OW",
}  # fmt: skip

_SUFFIXES: Final[dict[str, str]] = {
    "ing": "IH NG", "ings": "IH NG Z", "er": "ER", "ers": "ER Z", "est": "AH S T", "ly": "L IY", "less": "L AH S",
    "ness": "N AH S", "ful": "F AH L", "ment": "M AH N T", "ments": "M AH N T S", "able": "AH B AH L", "y": "IY",
    "ish": "IH SH", "like": "L AY K", "ism": "IH Z AH M", "ist": "IH S T", "ists": "IH S T S", "ous": "AH S",
    "ship": "SH IH P", "hood": "HH UH D", "ity": "AH T IY", "al": "AH L", "als": "AH L Z",
}  # fmt: skip

# (letters, what must follow as a regular expression or "", phones). The first match wins; longest letters first.
_RULES: Final[tuple[tuple[str, str, str], ...]] = (
    ("ough", "t", "AO"), ("ough", "", "AH F"), ("eigh", "", "EY"), ("tion", "", "SH AH N"), ("sion", "", "ZH AH N"),
    ("cious", "", "SH AH S"), ("tious", "", "SH AH S"), ("cial", "", "SH AH L"), ("tial", "", "SH AH L"),
    ("igh", "", "AY"), ("augh", "", "AO"), ("tch", "", "CH"), ("sch", "", "SH"), ("dge", "", "JH"),
    ("eau", "", "OW"), ("ture", "", "CH ER"), ("sure", "", "ZH ER"), ("que", "$", "K"), ("gue", "$", "G"),
    ("ous", "$", "AH S"), ("ed", "$", "D"), ("es", "$", "Z"), ("le", "$", "AH L"), ("oar", "", "AO R"),
    ("air", "", "EH R"), ("are", "$", "EH R"), ("ear", "", "IH R"), ("eer", "", "IH R"), ("our", "", "AO R"),
    ("oor", "", "AO R"), ("ire", "$", "AY ER"), ("ore", "", "AO R"), ("ure", "$", "Y UH R"),
    ("ar", "", "AA R"), ("er", "", "ER"), ("ir", "", "ER"), ("or", "", "AO R"), ("ur", "", "ER"),
    ("ch", "[lr]", "K"), ("ch", "", "CH"), ("ck", "", "K"), ("sh", "", "SH"), ("th", "", "TH"), ("ph", "", "F"),
    ("gh", "", "G"), ("wh", "", "W"), ("wr", "", "R"), ("kn", "", "N"), ("gn", "$", "N"), ("ps", "y", "S"),
    ("mb", "$", "M"), ("ng", "$", "NG"), ("nk", "", "NG K"), ("qu", "", "K W"), ("sc", "[eiy]", "S"),
    ("cc", "[eiy]", "K S"), ("ai", "", "EY"), ("ay", "", "EY"), ("au", "", "AO"), ("aw", "", "AO"),
    ("ea", "", "IY"), ("ee", "", "IY"), ("ei", "", "IY"), ("ey", "$", "IY"), ("ey", "", "EY"), ("eu", "", "Y UW"),
    ("ew", "", "UW"), ("ie", "$", "IY"), ("ie", "", "IY"), ("oa", "", "OW"), ("oe", "", "OW"), ("oi", "", "OY"),
    ("oo", "k", "UH"), ("oo", "", "UW"), ("ou", "", "AW"), ("ow", "$", "OW"), ("ow", "", "AW"), ("oy", "", "OY"),
    ("ue", "", "UW"), ("ui", "", "UW"), ("uy", "", "AY"),
    ("a", "$", "AH"), ("a", "[^aeiouwy]e$", "EY"), ("a", "", "AE"),
    ("e", "$", ""), ("e", "[^aeiouwy]e$", "IY"), ("e", "", "EH"),
    ("i", "$", "IY"), ("i", "[^aeiouwy]e$", "AY"), ("i", "nd", "AY"), ("i", "", "IH"),
    ("o", "$", "OW"), ("o", "[^aeiouwy]e$", "OW"), ("o", "ld", "OW"), ("o", "", "AA"),
    ("u", "[^aeiouwy]e$", "UW"), ("u", "", "AH"),
    ("y", "[aeiou]", "Y"), ("y", "$", "IY"), ("y", "", "IH"),
    ("b", "", "B"), ("c", "[eiy]", "S"), ("c", "", "K"), ("d", "", "D"), ("f", "", "F"), ("g", "[eiy]", "JH"),
    ("g", "", "G"), ("h", "", "HH"), ("j", "", "JH"), ("k", "", "K"), ("l", "", "L"), ("m", "", "M"), ("n", "", "N"),
    ("p", "", "P"), ("q", "", "K"), ("r", "", "R"), ("s", "", "S"), ("t", "", "T"), ("v", "", "V"), ("w", "", "W"),
    ("x", "", "K S"), ("z", "", "Z"),
)  # fmt: skip
_VOICELESS: Final = frozenset(["P", "T", "K", "F", "TH", "S", "SH", "CH", "HH"])
_HISSING: Final = frozenset(["S", "Z", "SH", "ZH", "CH", "JH"])


def pronounce(word: str, lookup: Lookup) -> list[str]:
    """ARPAbet phones (no stress digits) of a lower-case word; never empty for a word with a letter in it."""
    return lookup(word) or _from_parts(word, lookup) or _spelled(word) or _from_letters(word)


def _from_parts(word: str, lookup: Lookup) -> list[str] | None:
    """The word as inflection, prefix + word, word + suffix, or two words joined; None if it is none of these."""
    return (
        _inflected(word, lookup)
        or next((_join(phones, lookup(word.removeprefix(affix))) for affix, phones in _PREFIXES.items()
                 if word.startswith(affix) and lookup(word.removeprefix(affix))), None)
        or next((_join_after(stem, phones) for affix, phones in _SUFFIXES.items()
                 if word.endswith(affix) and (stem := _stem(word.removesuffix(affix), lookup))), None)
        or _compound(word, lookup)
    )  # fmt: skip


def _inflected(word: str, lookup: Lookup) -> list[str] | None:
    """Plural, possessive and past tense, whose sound depends on the stem's last phone."""
    bare = word.replace("'", "")
    for ending in ("'s", "s'", "es", "s"):
        stem = word.endswith(ending) and _stem(word[: -len(ending)], lookup)
        if stem:
            return stem + (["IH", "Z"] if stem[-1] in _HISSING else ["S"] if stem[-1] in _VOICELESS else ["Z"])
    stem = _stem(bare[:-2], lookup) if bare.endswith("ed") else None
    if stem:
        return stem + (["IH", "D"] if stem[-1] in {"T", "D"} else ["T"] if stem[-1] in _VOICELESS else ["D"])
    return lookup(bare) if bare != word else None


def _stem(letters: str, lookup: Lookup) -> list[str] | None:
    """The stem a suffix was put on: as it is, with a silent e restored, a doubled letter undone, or i for y."""
    if len(letters) < 3:
        return None
    found = lookup(letters) or lookup(letters + "e")
    if not found and letters[-1] == letters[-2]:
        found = lookup(letters[:-1])
    return found or (lookup(letters[:-1] + "y") if letters.endswith("i") else None)


def _compound(word: str, lookup: Lookup) -> list[str] | None:
    """Two dictionary words of at least three letters each, cut as near the middle as possible."""
    cuts = sorted(range(3, len(word) - 2), key=lambda cut: abs(cut - len(word) / 2))
    for cut in cuts:
        first, second = lookup(word[:cut]), lookup(word[cut:])
        if first and second:
            return first + second
    return None


def _join(prefix: str, stem: list[str] | None) -> list[str]:
    return prefix.split() + (stem or [])


def _join_after(stem: list[str], suffix: str) -> list[str]:
    return stem + suffix.split()


def _spelled(word: str) -> list[str] | None:
    """Letter by letter, for what cannot be read as a word (`mss`, `bbc`)."""
    if re.search(r"[aeiouy]", word):
        return None
    return " ".join(_LETTER_NAMES[letter] for letter in word if letter in _LETTER_NAMES).split()


def _from_letters(word: str) -> list[str]:
    """Ordered letter-to-sound rules, left to right; doubled consonants sound once."""
    letters = re.sub(r"([^aeiou])\1", r"\1", word.replace("'", ""))
    phones: list[str] = []
    at = 0
    while at < len(letters):
        rest = letters[at:]
        for text, following, sound in _RULES:
            if rest.startswith(text) and re.match(following, rest[len(text) :]):
                phones += sound.split()
                at += len(text)
                break
        else:
            at += 1  # a character without a sound
    return phones or ["AH"]
