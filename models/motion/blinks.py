"""Blinks: when, and how the lids move.

Rates and spacing after Bentivoglio et al. (1997: about 17 a minute at rest, 26 in conversation, skewed intervals) and
Doughty (2001: 10 to 32 in conversation, 22 in the middle); they gather at the ends of phrases (Nakano & Kitazawa 2010).
The lids fall in about 75 ms and rise in 200 (Trutoiu et al. 2011). On captured talking (six clips, 63 blinks) they
are 137 ms wide at half height, 54 before the deepest point and 81 after it, and 207 at a fifth of it: they open at once
and settle slowly. The logarithm of intervals deviates by 0.63; one in sixty is a double blink.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.curves import smooth_step
from models.motion.motion import FloatArray
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.timeline import Pause

CLOSING: Final = 0.075
CLOSED: Final = 0.020
OPENING: Final = 0.200
SETTLING: Final = 1.8  # exponent by which the lids' opening is quick at first and slow at the end
SPREAD: Final = 0.63  # deviation of the logarithm of intervals beyond the least
NEAREST: Final = 0.45  # seconds between blinks at least, but for double ones
DOUBLE: Final = 0.02  # share of blinks that a second one follows ...
AGAIN: Final = 0.36  # ... after so many seconds
ATTRACTED: Final = 0.90  # a blink due within so many seconds after a phrase's end comes then ...
OBEDIENCE: Final = 0.80  # ... so often
AFTER_PHRASE: Final = 0.10
DEPTH: Final = (0.92, 1.0)  # the open head's lids are shut from 0.8 on
STILL: Final = 0.2  # seconds with open lids at either end of a clip


def blinks(
    pauses: Sequence[Pause],
    times: FloatArray,
    style: Style,
    slider: float,
    seed: int,
    fps: float,
    end: float | None = None,
) -> dict[str, FloatArray]:
    """Weights (T,) of both lids; `slider` scales how many blinks there are, 0 is none; `end` as in `head_motion`."""
    spacing, depths = stream(seed, "blinks").spawn(2)
    last = float(times[-1])
    until = min((last if end is None else end) - STILL - OPENING, last + CLOSING)
    closed = np.zeros(len(times))
    for deepest in _schedule(pauses, until, style.blinks_per_minute * slider, spacing):
        first, after = np.searchsorted(times, (deepest - CLOSING, deepest + CLOSED + 1.0 / fps + OPENING))
        now = depths.uniform(*DEPTH) * lids(times[first:after] - deepest, max(CLOSED, 1.0 / fps))
        closed[first:after] = np.maximum(closed[first:after], now)
    weights = {}
    for unit in ("eyeBlinkLeft", "eyeBlinkRight"):
        heavy = style.mood.get(unit, 0.0)
        weights[unit] = heavy + (1 - heavy) * closed
    return weights


def lids(since: FloatArray, shut: float = CLOSED) -> FloatArray:
    """How far (T,) the lids are closed, 0 to 1, `since` (T,) seconds from when they have just shut; `shut`: for how
    long they stay so.
    """
    opening = np.clip(1.0 - (since - shut) / OPENING, 0.0, 1.0)
    return np.minimum(smooth_step(1.0 + since / CLOSING), smooth_step(opening**SETTLING))


def _schedule(pauses: Sequence[Pause], until: float, per_minute: float, generator: np.random.Generator) -> list[float]:
    """Times before `until` at which the lids are shut."""
    if per_minute <= 0:
        return []
    phrase_ends = [pause.start + AFTER_PHRASE for pause in pauses if pause.start > 0]
    found: list[float] = []
    due = STILL + CLOSING + _interval(per_minute, generator) * generator.random()
    # A phrase's end brings forward a blink that would be due soon after: the first such end, which in a stream is known
    # before any later one.
    while due < until + ATTRACTED:
        earliest = found[-1] + NEAREST if found else STILL + CLOSING
        place = bisect(phrase_ends, max(due - ATTRACTED, earliest))
        obeys = generator.random() < OBEDIENCE and place < len(phrase_ends) and phrase_ends[place] <= due
        found.append(max(phrase_ends[place] if obeys else due, earliest))
        if generator.random() < DOUBLE:
            found.append(found[-1] + AGAIN)
        due = max(due, found[-1]) + _interval(per_minute, generator)
    return [when for when in found if when < until]


def _interval(per_minute: float, generator: np.random.Generator) -> float:
    """Seconds from one blink to the next, skewed, on average as the rate wants it."""
    rest = max(60.0 / per_minute * (1 + DOUBLE) - NEAREST, 0.05)
    return float(NEAREST + rest * np.exp(SPREAD * generator.standard_normal() - SPREAD**2 / 2))
