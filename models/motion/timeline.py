"""A clip's phones made gapless, and the pauses in them.

Alignment and decoding leave gaps and overlap by rounding; everything in this folder wants each moment of the clip to
belong to exactly one phone, so that is settled here, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.motion.motion import MotionError
from models.speech.phones import INDEX, PhoneSpan

SILENCE: Final = "SIL"
SHORTEST: Final = 1e-3  # seconds; anything shorter is rounding


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence, in seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


def gapless(phones: Sequence[PhoneSpan], seconds: float) -> list[PhoneSpan]:
    """`phones` in order, cut to 0..`seconds`, overlaps cut, gaps filled with silence, silences joined.

    Raises:
        MotionError: a label is not one of the 29 classes, or a time is not a number.
    """
    filled: list[PhoneSpan] = []
    for phone in sorted(phones, key=lambda span: span.start):
        _check(phone)
        reached = filled[-1].end if filled else 0.0
        start, end = max(phone.start, reached), min(phone.end, seconds)
        if end - start < SHORTEST:
            continue
        if start - reached >= SHORTEST:
            _append(filled, PhoneSpan(SILENCE, reached, start))
        else:
            start = reached
        _append(filled, PhoneSpan(phone.label, start, end, phone.stress))
    reached = filled[-1].end if filled else 0.0
    if seconds - reached >= SHORTEST or not filled:
        _append(filled, PhoneSpan(SILENCE, reached, seconds))
    return filled


def pauses(spans: Sequence[PhoneSpan], at_least: float = 0.0) -> list[Pause]:
    """The silences of gapless `spans` that last `at_least` so many seconds."""
    found = [Pause(span.start, span.end) for span in spans if span.label == SILENCE]
    return [pause for pause in found if pause.seconds >= at_least - 1e-9]


def _check(phone: PhoneSpan) -> None:
    if phone.label not in INDEX:
        raise MotionError(f"expected one of the 29 phone classes, got {phone.label!r}; map it with to_classes()")
    if not (math.isfinite(phone.start) and math.isfinite(phone.end)):
        raise MotionError(f"phone {phone.label} has no finite time: {phone.start} to {phone.end}")


def _append(filled: list[PhoneSpan], span: PhoneSpan) -> None:
    if filled and filled[-1].label == span.label == SILENCE:
        span = PhoneSpan(SILENCE, filled.pop().start, span.end)
    filled.append(span)
