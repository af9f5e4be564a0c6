"""Lip contact as a constraint: /p b m/ seal, /f v/ touch, the lips rest together in a pause.

A blended target comes close to contact and, in fast speech, falls short of it; eyes notice that before anything else.
So contact is an envelope 0..1 of its own, 1 over a plateau that is never shorter than a frame, and the mouth obeys it
whatever its neighbours want (in task dynamics: a constriction goal with priority, Saltzman & Munhall 1989).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from models.motion.motion import FloatArray
from models.motion.timeline import SILENCE
from models.speech.phones import BILABIAL, LABIODENTAL, PhoneSpan

RAMP: Final = 0.065  # seconds to close and to part, as lips do at a conversational rate
PACE: Final = (0.85, 1.2)  # styles change it this far: slower would swallow the neighbours, faster would pop
MARGIN: Final = 0.010  # of a closure's span at each end, where aligners already hear the neighbour
LONGEST_STOP: Final = 0.140  # a /p/ or /b/ before a pause carries its release in its span

REST_AFTER: Final = 0.300  # seconds of silence from which on the mouth closes
REST_CLOSING: Final = 0.110  # from the end of speech to closed
REST_OPENING: Final = 0.130  # the mouth opens so long before speech starts


@dataclass(frozen=True, slots=True)
class Plateau:
    """Contact holds from `start` to `end` seconds and is approached over `rise`, left over `fall` seconds."""

    start: float
    end: float
    rise: float
    fall: float


def envelope(plateaus: Iterable[Plateau], times: FloatArray) -> FloatArray:
    """Strongest contact (T,) in 0..1 at `times` (T,), smooth-stepped at both ends."""
    strength = np.zeros(len(times))
    for plateau in plateaus:
        first = np.searchsorted(times, plateau.start - plateau.rise)
        last = np.searchsorted(times, plateau.end + plateau.fall, side="right")
        now = times[first:last]
        rise = (now - (plateau.start - plateau.rise)) / max(plateau.rise, 1e-9)
        fall = ((plateau.end + plateau.fall) - now) / max(plateau.fall, 1e-9)
        level = np.clip(np.minimum(rise, fall), 0.0, 1.0)
        strength[first:last] = np.maximum(strength[first:last], level * level * (3 - 2 * level))
    return strength


def seals(spans: Sequence[PhoneSpan], fps: float, crispness: float = 1.0) -> list[Plateau]:
    """Where /p b m/ seal the lips."""
    return _parted([_hold(span, fps, crispness) for span in spans if span.label in BILABIAL])


def bites(spans: Sequence[PhoneSpan], fps: float, crispness: float = 1.0, slower: float = 1.0) -> list[Plateau]:
    """Where /f v/ bring the lower lip to the upper teeth; `slower` stretches the way there and back."""
    return _parted([_hold(span, fps, crispness, slower) for span in spans if span.label in LABIODENTAL])


def rests(spans: Sequence[PhoneSpan]) -> list[Plateau]:
    """Where the mouth rests closed: in pauses from 300 ms on, and before and after all speech."""
    found = []
    for i, span in enumerate(spans):
        first, last = i == 0, i == len(spans) - 1
        if span.label != SILENCE or (span.end - span.start < REST_AFTER - 1e-9 and not (first or last)):
            continue
        # Beside a sealed phone there is nothing to open for: the lips stay where they are.
        closing = 0.0 if first or spans[i - 1].label in BILABIAL else REST_CLOSING
        opening = 0.0 if last or spans[i + 1].label in BILABIAL else REST_OPENING
        short = min(1.0, (span.end - span.start) / max(closing + opening, 1e-9))
        start, end = span.start + closing * short, span.end - opening * short
        found.append(Plateau(start, end, closing * short or RAMP, opening * short or RAMP))
    return found


def _hold(span: PhoneSpan, fps: float, crispness: float, slower: float = 1.0) -> Plateau:
    """The plateau of one contact: its span less margins, and at least a frame, so that a frame lies in it."""
    longest = LONGEST_STOP if span.label in {"P", "B"} else span.end - span.start
    centre, half = (span.start + span.end) / 2, min(span.end - span.start, longest) / 2 - MARGIN
    half = max(half, 0.5 / fps + 1e-6)
    ramp = RAMP * slower / min(max(crispness, PACE[0]), PACE[1])
    return Plateau(centre - half, centre + half, ramp, ramp)


def _parted(plateaus: list[Plateau]) -> list[Plateau]:
    """The same with ramps so short that the lips part between neighbours ("mum", "maybe")."""
    parted = list(plateaus)
    for i in range(len(parted) - 1):
        earlier, later = parted[i], parted[i + 1]
        ramp = max(later.start - earlier.end, 0.0) * 0.45
        parted[i] = replace(earlier, fall=min(earlier.fall, ramp))
        parted[i + 1] = replace(later, rise=min(later.rise, ramp))
    return parted
