"""Blinks: when, and how the lids move.

Rates and spacing after Bentivoglio et al. (1997: about 17 a minute at rest, 26 in conversation, skewed intervals);
they gather at the ends of phrases (Nakano & Kitazawa 2010). The lids fall in about 75 ms and rise in about 200 ms
(Trutoiu et al. 2011), which is also what captured talking shows: 0.18 s above 70 % of the height.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.curves import Bump, bumps
from models.motion.motion import FloatArray
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.timeline import Pause

CLOSING: Final = 0.075
CLOSED: Final = 0.040
OPENING: Final = 0.200
SPREAD: Final = 0.55  # deviation of the logarithm of intervals
NEAREST: Final = 0.60  # seconds between blinks at least
ATTRACTED: Final = 0.60  # a blink due within so many seconds of a phrase's end moves there ...
OBEDIENCE: Final = 0.70  # ... so often
DEPTH: Final = (0.92, 1.0)  # the open head's lids are shut from 0.8 on


def blinks(
    pauses: Sequence[Pause], times: FloatArray, style: Style, slider: float, seed: int, fps: float
) -> dict[str, FloatArray]:
    """Weights (T,) of both lids; `slider` scales how many blinks there are, 0 is none."""
    generator = stream(seed, "blinks")
    shapes = [
        Bump(peak, CLOSING, max(CLOSED, 1.0 / fps), OPENING, generator.uniform(*DEPTH))
        for peak in _schedule(pauses, float(times[-1]), style.blinks_per_minute * slider, generator)
    ]
    closed = np.clip(bumps(shapes, times), 0.0, 1.0)
    weights = {}
    for unit in ("eyeBlinkLeft", "eyeBlinkRight"):
        heavy = style.mood.get(unit, 0.0)
        weights[unit] = heavy + (1 - heavy) * closed
    return weights


def _schedule(
    pauses: Sequence[Pause], seconds: float, per_minute: float, generator: np.random.Generator
) -> list[float]:
    """Times at which the lids are shut."""
    if per_minute <= 0:
        return []
    median = 60.0 / per_minute / np.exp(SPREAD**2 / 2)
    phrase_ends = np.array([pause.start + 0.10 for pause in pauses if pause.start > 0])
    found: list[float] = []
    due = median * generator.uniform(0.3, 1.0)
    while due < seconds - OPENING:
        when = due
        if phrase_ends.size and generator.random() < OBEDIENCE:
            nearest = float(phrase_ends[np.argmin(np.abs(phrase_ends - due))])
            when = nearest if abs(nearest - due) < ATTRACTED else due
        earliest = found[-1] + NEAREST if found else CLOSING
        if earliest <= when < seconds - OPENING:
            found.append(when)
        due += max(median * np.exp(SPREAD * generator.standard_normal()), NEAREST)
    return found
