"""What a transcript sounds like: written English as the words that are spoken.

Numbers, ordinals, years, money, percentages and common abbreviations are written out; everything else is lower-cased
and freed of punctuation. Only letters and inner apostrophes remain, which is what the pronunciation step reads.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from num2words import num2words

_ABBREVIATIONS: Final[dict[str, str]] = {
    "mr.": "mister",
    "mr": "mister",
    "mrs.": "missus",
    "mrs": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "prof.": "professor",
    "st.": "saint",
    "jr.": "junior",
    "sr.": "senior",
    "capt.": "captain",
    "col.": "colonel",
    "gen.": "general",
    "lt.": "lieutenant",
    "rev.": "reverend",
    "hon.": "honorable",
    "etc.": "et cetera",
    "vs.": "versus",
    "e.g.": "for example",
    "i.e.": "that is",
    "no.": "number",
    "&": "and",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "%": "percent",
}
# Abbreviations that are words of their own when they end a sentence: expanded only in front of a number or name.
_BEFORE_NAME: Final = {"no.", "st.", "gen.", "col.", "hon.", "rev.", "capt.", "lt."}
_CURRENCY: Final[dict[str, tuple[str, str]]] = {
    "$": ("dollar", "dollars"),
    "£": ("pound", "pounds"),
    "€": ("euro", "euros"),
}
_NUMBER: Final = re.compile(r"([$£€]?)(\d[\d,]*)(?:\.(\d+))?(st|nd|rd|th|s|%)?")
_EDGES: Final = "\"'()[]{}<>,;:!?*_…“”‘’«»"


def spoken_words(transcript: str) -> list[str]:
    """The words somebody reading `transcript` aloud says, in order: lower case, letters and inner apostrophes only.

    A hyphenated word becomes several words; text with nothing to say gives an empty list.
    """
    plain = unicodedata.normalize("NFKC", transcript).replace("’", "'").replace("‘", "'")
    tokens = re.sub(r"[-–—/\\|~]+", " ", plain).split()
    words: list[str] = []
    for token, following in zip(tokens, [*tokens, ""][1:], strict=True):
        words.extend(_letters(_speak(token, following)))
    return words


def _speak(token: str, following: str) -> str:
    """One written token as speakable text."""
    bare = token.strip(_EDGES).lower()
    if bare in _ABBREVIATIONS:
        starts_name = following[:1].isupper() or following[:1].isdigit()
        if bare not in _BEFORE_NAME or starts_name:
            return _ABBREVIATIONS[bare]
    number = _NUMBER.fullmatch(bare.rstrip("."))
    if number:
        return _speak_number(*number.groups(default=""))
    if re.search(r"\d", bare):
        parts = re.findall(r"\d+|[^\W\d_]+", bare)
        return " ".join(num2words(int(part)) if part.isdigit() else part for part in parts)
    if re.fullmatch(r"(?:[a-z]\.){2,}[a-z]?", bare):  # initials: "u.s.a."
        return bare.replace(".", " ")
    return bare


def _speak_number(currency: str, whole: str, fraction: str, suffix: str) -> str:
    """A number with its sign: `$3.50`, `1,500`, `1984`, `21st`, `1920s`, `5%`, `.25`."""
    digits, grouped = whole.replace(",", ""), "," in whole
    value = int(digits)
    if currency:
        return _speak_money(value, fraction, *_CURRENCY[currency])
    if fraction:
        text = f"{num2words(value)} point {' '.join(num2words(int(digit)) for digit in fraction)}"
    elif suffix in {"st", "nd", "rd", "th"}:
        text = num2words(value, to="ordinal")
    elif len(digits) == 4 and not grouped and 1100 <= value < 2100:
        text = num2words(value, to="year")
    elif (digits.startswith("0") and len(digits) > 1) or (len(digits) > 9 and not grouped):
        text = " ".join(num2words(int(digit)) for digit in digits)  # a code or telephone number
    else:
        text = num2words(value)
    if suffix == "s":
        return text[:-1] + "ies" if text.endswith("y") else text + "s"
    return text + " percent" if suffix == "%" else text


def _speak_money(value: int, fraction: str, one: str, many: str) -> str:
    """`$1` as "one dollar", `$3.50` as "three dollars fifty"."""
    text = f"{num2words(value)} {one if value == 1 else many}"
    cents = int((fraction + "0")[:2]) if fraction else 0
    return f"{text} {num2words(cents)}" if cents else text


def _letters(text: str) -> list[str]:
    """Words of unaccented Latin letters and inner apostrophes; anything else separates words or is dropped."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return [word.strip("'") for word in re.findall(r"[a-z']+", plain) if word.strip("'")]
