"""The head between nods: small quick moves from one place to the next, twice a second, towards the middle again.

A head that holds is a puppet's. On captured talking (six clips, three people) the head's speed comes in bursts: its
logarithm is correlated over 0.2 s and no longer, and movement is the less Gaussian the faster it is (kurtosis 2.5 from
0.1 to 0.4 Hz, 7 from 1.6 to 3.2 Hz). That is a chain of ballistic moves, as hands make them too (Flash & Henis 1991),
and so it is made here: each aims at a new place, drawn about the last one and pulled back to the middle.

Everything is drawn move by move in the order of time: a longer clip begins with the very moves of a shorter one.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.motion.motion import FloatArray
from models.motion.timeline import Pause

SHORTEST_GAP: Final = 0.22  # seconds between the starts of two moves at least ...
FURTHER_GAP: Final = 0.36  # ... and the mean of what is added to it, exponentially distributed
DURATION: Final = (0.30, 0.65)  # seconds of a move, if the next does not come before
RETURN: Final = 0.7  # seconds after which a third of the way from the middle is left
UNEVEN: Final = 0.5  # deviation of the logarithm of a move's size: many are small, a few are large
EXTREMES: Final = (-2.2, 2.2)  # deviations beyond which nothing is drawn
TILT_WITH_TURN: Final = -0.35  # a turn to the left tips the head to the left (captured: -0.7 to 0.5, mean -0.3)
QUIET: Final = 0.55  # size in pauses: heads move with speech (Hadar et al. 1983; captured 0.5 to 0.75)


@dataclass(frozen=True, eq=False)
class Moves:
    """starts (K,) ascending and durations (K,) in seconds, targets (K, 3) of unit deviation; for `curves.glide`."""

    starts: FloatArray
    durations: FloatArray
    targets: FloatArray


def submovements(seconds: float, pauses: Sequence[Pause], tempo: float, generator: np.random.Generator) -> Moves:
    """The moves that begin up to `seconds`; `tempo` is how many more there are, and how much faster, than usual."""
    starts, durations, targets = [], [], [np.zeros(3)]
    now = 0.0
    while now <= seconds:
        size = np.exp(UNEVEN * np.clip(generator.standard_normal(), *EXTREMES) - UNEVEN**2)
        # A larger move takes longer, and is not cut short by the next one.
        duration = generator.uniform(*DURATION) * np.sqrt(size)
        gap = max(SHORTEST_GAP + generator.exponential(FURTHER_GAP), 0.75 * duration)
        kept = np.exp(-gap / RETURN)
        scale = size * np.sqrt(1 - kept**2) * (QUIET if within(pauses, now) else 1.0)
        targets.append(kept * targets[-1] + scale * _direction(generator))
        starts.append(now)
        durations.append(min(duration, gap) / tempo)
        now += gap / tempo
    return Moves(np.array(starts), np.array(durations), np.array(targets[1:]))


def _direction(generator: np.random.Generator) -> FloatArray:
    """Where a move goes, (3,) about x, y, z, each of unit deviation."""
    x, y, other = np.clip(generator.standard_normal(3), *EXTREMES)
    return np.array([x, y, TILT_WITH_TURN * y + np.sqrt(1 - TILT_WITH_TURN**2) * other])


def within(pauses: Sequence[Pause], now: float) -> bool:
    """Whether a time in seconds lies in one of `pauses`, which are in order."""
    place = bisect(pauses, now, key=lambda pause: pause.start) - 1
    return place >= 0 and now < pauses[place].end
