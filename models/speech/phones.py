"""The 29 phone classes, phone spans in time, and how fuller phone sets map onto the classes.

Phone spans are what alignment and decoding produce and what the articulator reads; times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# fmt: off
CLASSES: Final[tuple[str, ...]] = (
    "SIL", "AA", "AE", "AH", "AO", "EH", "ER", "IH", "IY", "UH", "UW",
    "P", "B", "M", "F", "V", "TH", "T", "N", "S", "SH", "CH", "L", "R", "Y", "W", "K", "NG", "HH",
)
# fmt: on
INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(CLASSES)}
RATE: Final = 50.0  # posteriors per second

MERGED: Final[dict[str, str]] = {"DH": "TH", "D": "T", "Z": "S", "ZH": "SH", "JH": "CH", "G": "K"}

# A diphthong is two vowels in time: (first, share of the duration, second).
DIPHTHONGS: Final[dict[str, tuple[str, float, str]]] = {
    "AY": ("AA", 0.60, "IH"),
    "EY": ("EH", 0.55, "IY"),
    "OY": ("AO", 0.60, "IH"),
    "AW": ("AA", 0.60, "UH"),
    "OW": ("AO", 0.55, "UH"),
}

VISEMES: Final[tuple[tuple[str, ...], ...]] = (
    ("SIL",),
    ("P", "B", "M"),
    ("F", "V"),
    ("TH", "T", "N", "L"),
    ("S",),
    ("SH", "CH", "R", "ER"),
    ("UH", "UW", "AO", "W"),
    ("AA", "AE", "AH"),
    ("EH", "IH", "IY", "Y"),
    ("K", "NG", "HH"),
)
VISEME_OF: Final[dict[str, int]] = {phone: i for i, group in enumerate(VISEMES) for phone in group}
BILABIAL: Final = frozenset({"P", "B", "M"})
LABIODENTAL: Final = frozenset({"F", "V"})
VOWELS: Final = frozenset({"AA", "AE", "AH", "AO", "EH", "ER", "IH", "IY", "UH", "UW"})


@dataclass(frozen=True, slots=True)
class PhoneSpan:
    """One phone in time: `label` from `CLASSES`, `start` and `end` in seconds, stress 0, 1 or 2 (ARPAbet)."""

    label: str
    start: float
    end: float
    stress: int = 0


@dataclass(frozen=True, slots=True)
class WordSpan:
    """One word in time; `start` and `end` in seconds."""

    word: str
    start: float
    end: float


def to_classes(phone: str, start: float, end: float) -> list[PhoneSpan]:
    """One ARPAbet phone (`AH0`, `ow1`, `SIL`, `+SPN+`) as spans of the 29 classes.

    Raises:
        KeyError: the phone is not ARPAbet.
    """
    name = phone.upper()
    if name in {"SIL", "SP", "SPN", ""} or name.startswith(("+", "<", "[")):
        return [PhoneSpan("SIL", start, end)]
    stress = int(name[-1]) if name[-1].isdigit() else 0
    name = name.rstrip("0123456789")
    if name in DIPHTHONGS:
        first, share, second = DIPHTHONGS[name]
        middle = start + share * (end - start)
        return [PhoneSpan(first, start, middle, stress), PhoneSpan(second, middle, end, stress)]
    name = MERGED.get(name, name)
    if name not in INDEX:
        raise KeyError(f"{phone!r} is not an ARPAbet phone")
    return [PhoneSpan(name, start, end, stress)]


def posteriors_from_spans(spans: Sequence[PhoneSpan], frames: int, rate: float = RATE) -> NDArray[np.float32]:
    """Spans as (frames, 29) soft labels: each row holds the share of its frame that each phone fills.

    Time that no span covers is silence. Frame i covers [i / rate, (i + 1) / rate) seconds.
    """
    soft = np.zeros((frames, len(CLASSES)), dtype=np.float32)
    for span in spans:
        first, last = span.start * rate, span.end * rate
        for i in range(max(int(first), 0), min(int(np.ceil(last)), frames)):
            soft[i, INDEX[span.label]] += max(min(last, i + 1) - max(first, i), 0.0)
    soft[:, INDEX["SIL"]] += np.maximum(1.0 - soft.sum(axis=1), 0.0)
    return soft / soft.sum(axis=1, keepdims=True)
