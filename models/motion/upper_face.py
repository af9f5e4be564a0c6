"""Brows and the muscles around the eyes: raised on emphasis, slowly drifting, coloured by the style.

Brow raises go with accented words, but with few of them, and begin a little before (Cavé et al. 1996; Flecha-García
2010: about 60 ms before the accent).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.curves import Bump, at_rest_at_both_ends, bumps, drift
from models.motion.motion import FloatArray
from models.motion.prosody import Emphasis
from models.motion.streams import stream
from models.motion.styles import Style

RISE, HOLD, FALL = 0.20, 0.12, 0.42
LEAD: Final = 0.06
HEIGHT: Final = 0.42  # browInnerUp on the strongest emphasis in a conversational style
DRIFT: Final = 0.025
STILL, FADE = 0.2, 0.4  # seconds at rest at either end, and from there into motion
PREFIXES: Final = ("brow", "eyeWide", "eyeSquint", "cheek", "nose")  # the units that are this channel's


def upper_face(
    emphases: Sequence[Emphasis],
    times: FloatArray,
    style: Style,
    slider: float,
    seed: int,
    end: float | None = None,
) -> dict[str, FloatArray]:
    """Weights (T,) of brow, lid-aperture and cheek units, all scaled by `slider`; `end` as in `head_motion`."""
    generator = stream(seed, "brows")
    lean = generator.uniform(-0.12, 0.12)
    floating = DRIFT * drift(generator, times, 0.08, 0.5)
    window = at_rest_at_both_ends(times, FADE, STILL, float(times[-1]) if end is None else end)
    floating, raised = floating * window, bumps(_raises(emphases, style, generator), times) * window

    weights = {unit: np.full(len(times), held) for unit, held in style.mood.items() if unit.startswith(PREFIXES)}
    inner = raised + floating
    _add(weights, "browInnerUp", inner)
    _add(weights, "browOuterUpLeft", 0.8 * inner * (1 + lean))
    _add(weights, "browOuterUpRight", 0.8 * inner * (1 - lean))
    for side in ("Left", "Right"):
        _add(weights, "eyeWide" + side, 0.25 * raised)
        # A raised brow is not a lowered one, whatever the mood.
        lowered = weights.get("browDown" + side)
        if lowered is not None:
            weights["browDown" + side] = lowered * (1 - np.clip(1.5 * raised, 0, 1))
    return {unit: np.clip(curve * slider, 0.0, 1.0) for unit, curve in weights.items()}


def without_wide_blinks(weights: dict[str, FloatArray]) -> None:
    """Take eyeWide and eyeSquint back, in place, where the lids close: the units contradict a blink."""
    for side in ("Left", "Right"):
        open_lids = 1 - weights["eyeBlink" + side]
        for unit in ("eyeWide" + side, "eyeSquint" + side):
            if unit in weights:
                weights[unit] = weights[unit] * np.clip(2 * open_lids - 1, 0.0, 1.0)


def _raises(emphases: Sequence[Emphasis], style: Style, generator: np.random.Generator) -> list[Bump]:
    found = []
    for emphasis in emphases:
        chance, size = generator.random(), generator.uniform(0.7, 1.1)
        if chance < 0.15 + 0.7 * emphasis.strength**2 * min(style.brows, 1.3):
            height = HEIGHT * style.brows * emphasis.strength * size
            found.append(Bump(emphasis.time - LEAD, RISE, HOLD, FALL, height))
    return found


def _add(weights: dict[str, FloatArray], unit: str, curve: FloatArray) -> None:
    weights[unit] = weights[unit] + curve if unit in weights else curve
