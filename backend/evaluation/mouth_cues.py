"""Mouth shapes with times, as other lip-sync programs give them, judged like contact on the mesh.

Two vocabularies: Rhubarb's letters (A closed for /p b m/, G teeth on the lower lip, X at rest, closed), and the fifteen
visemes of Oculus LipSync (PP, FF, sil).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.evaluation.contact import Seen
from models.motion import lip_sync
from models.motion.lip_sync import BoolArray
from models.speech.phones import BILABIAL, LABIODENTAL, PhoneSpan

CLOSED: Final = frozenset({"A", "PP"})
BITING: Final = frozenset({"G", "FF"})
RESTING: Final = frozenset({"X", "sil"})


class CueError(ValueError):
    """What should be mouth shapes with times is not; the message says what was expected."""


@dataclass(frozen=True)
class Cue:
    """A mouth shape from `start` to `end`, in seconds."""

    start: float
    end: float
    shape: str


def cues_of(text: str) -> list[Cue]:
    """The cues of Rhubarb's JSON, which other programs write too.

    Raises:
        CueError: `text` is something else.
    """
    try:
        return [Cue(float(one["start"]), float(one["end"]), str(one["value"])) for one in json.loads(text)["mouthCues"]]
    except (KeyError, TypeError, ValueError) as error:
        raise CueError(f'expected JSON with "mouthCues" of start, end and value, got {text[:80]!r}') from error


def look(cues: Sequence[Cue], seconds: float, fps: float, spans: Sequence[PhoneSpan]) -> Seen:
    """Judge the cues of one clip against its gapless reference phones, frame by frame.

    What counts as closed for /p b m/ are closures alone, not the mouth at rest: a program that rests for a moment
    within a word is not blamed for it. In pauses either is a closed mouth.
    """
    closed, biting = (shown(cues, shapes, seconds, fps) for shapes in (CLOSED, BITING))
    shut = closed | shown(cues, RESTING, seconds, fps)
    return Seen(
        lip_sync.recall(closed, fps, spans, BILABIAL),
        lip_sync.precision(closed, fps, spans, BILABIAL),
        lip_sync.recall(biting, fps, spans, LABIODENTAL),
        lip_sync.precision(biting, fps, spans, LABIODENTAL, excused=BILABIAL | {"SIL"}),
        lip_sync.closed_pauses(shut, fps, spans),
        lip_sync.closing_profile(1.0 - closed, fps, spans, BILABIAL)[0],
    )


def shown(cues: Sequence[Cue], shapes: frozenset[str], seconds: float, fps: float) -> BoolArray:
    """Which of the ceil(seconds · fps) frames show one of `shapes`."""
    times = np.arange(int(np.ceil(seconds * fps - 1e-6))) / fps
    found = np.zeros(len(times), dtype=bool)
    for cue in cues:
        if cue.shape in shapes:
            found |= (times >= cue.start - 1e-9) & (times < cue.end - 1e-9)
    return found
