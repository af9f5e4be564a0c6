"""What is said when, from a take's timeline, in frames: sentences, words and pauses (no bpy)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final, Literal

Kind = Literal["SENTENCES", "WORDS", "PAUSES"]
Span = tuple[str, float, float]
"""(text, start, end) in seconds."""

PAUSE: Final = 0.2  # seconds of silence between two things that are said
SILENCE: Final = "SIL"
LONGEST: Final = 120  # letters of a line in the list


@dataclass(frozen=True)
class Part:
    """Something that is said in the frames `first` … `last`; `text` is "" for a pause."""

    text: str
    first: int
    last: int


def parts(timeline: Mapping[str, Any], transcript: str, kind: Kind, first_frame: float, fps: float) -> list[Part]:
    """The parts of a take whose voice begins on `first_frame` of the scene, in order of time.

    timeline: `phones` and `words` of the take's facts, each (text, start, end) in seconds; there are words only where
    the take was made with a transcript, and otherwise the phones are shown.
    """
    phones, words = (_spans(timeline.get(name)) for name in ("phones", "words"))
    if kind == "PAUSES":
        found: Sequence[Span] = [
            ("", start, end) for text, start, end in phones if text == SILENCE and end - start >= PAUSE
        ]
    elif kind == "WORDS":
        found = words or [one for one in phones if one[0] != SILENCE]
    else:
        found = sentences(words, transcript) or between_pauses(words, phones)
    return [
        Part(text[:LONGEST], floor(first_frame + start * fps + 1e-6), max(ceil(first_frame + end * fps - 1e-6) - 1, 0))
        for text, start, end in found
    ]


def sentences(words: Sequence[Span], transcript: str) -> list[Span]:
    """The sentences of the transcript; none when its words are not those of the timeline one by one."""
    texts = [one.strip() for one in re.split(r"(?<=[.!?…])\s+", transcript.strip()) if re.search(r"\w", one)]
    counts = [len(re.findall(r"[\w'’-]+", one)) for one in texts]
    if not words or sum(counts) != len(words):
        return []
    found, at = [], 0
    for text, count in zip(texts, counts, strict=True):
        found.append((text, words[at][1], words[at + count - 1][2]))
        at += count
    return found


def between_pauses(words: Sequence[Span], phones: Sequence[Span]) -> list[Span]:
    """What is said between two pauses."""
    edges = [(start, end) for text, start, end in phones if text == SILENCE and end - start >= PAUSE]
    spoken = [one for one in phones if one[0] != SILENCE]
    if not spoken:
        return []
    starts = [spoken[0][1], *(end for _, end in edges)]
    found = []
    for start, following in zip(starts, [*starts[1:], float("inf")], strict=True):
        inside = [one for one in spoken if start - 1e-6 <= one[1] < following - 1e-6]
        if inside:
            said = [text for text, begin, end in words if start <= (begin + end) / 2 < following]
            found.append((" ".join(said or [one[0] for one in inside]), inside[0][1], inside[-1][2]))
    return found


def _spans(given: Any) -> list[Span]:
    """(text, start, end) of whatever a file says, without what is none."""
    found = []
    for one in given if isinstance(given, list) else []:
        if isinstance(one, list) and len(one) == 3 and all(isinstance(value, int | float) for value in one[1:]):
            found.append((str(one[0]), float(one[1]), float(one[2])))
    return found
