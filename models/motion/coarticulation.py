"""Blending of neighbouring phones' targets into smooth control curves.

Cohen & Massaro (1993): each phone has, for each articulator, a dominance that falls off on both sides of it; a control
is the mean of all targets weighted by dominance at that moment. Their fall-off exp(-θ|τ|^c) is used with c = 2 outside
of a core of the phone in which it is flat, because then speed is continuous everywhere. The curves are functions of
continuous time: any frame rate samples the same motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.motion import FloatArray
from models.motion.visemes import ARTICULATOR_OF, ARTICULATORS, CONTROL_INDEX, CONTROLS, VISEMES
from models.speech.phones import PhoneSpan

# Fall-off in seconds before and after the phone. The jaw is the heaviest and so the slowest; the tongue tip is the
# quickest; rounding starts early where it is distinctive (AHEAD) and ends as other lip movements do.
REACH: Final = {
    "jaw": (0.046, 0.046),
    "aperture": (0.044, 0.044),
    "rounding": (0.055, 0.055),
    "width": (0.050, 0.050),
    "tongue_front": (0.040, 0.040),
    "tongue_body": (0.055, 0.055),
}
ROUNDING_AHEAD: Final = 0.140
CORE: Final = 0.5  # share of the phone's duration in which dominance is flat
NEIGHBOURS: Final = 7  # phones on each side that are still heard; beyond, dominance is nil
CHUNK: Final = 4096  # frames blended at once, which bounds memory for long clips


def blend(spans: Sequence[PhoneSpan], scale: FloatArray, times: FloatArray, crispness: float = 1.0) -> FloatArray:
    """Control curves (T, C) at `times` (T,) seconds for gapless `spans`.

    scale: (P, C) factors on each phone's targets (effort, style); crispness: above 1 the phones keep to themselves,
    below 1 they run into each other. Columns are in the order of `visemes.CONTROLS`.
    """
    targets = np.array([[VISEMES[s.label].targets.get(c, 0.0) for c in CONTROLS] for s in spans]) * scale
    dominance = np.array([[getattr(VISEMES[s.label], a) for a in ARTICULATORS] for s in spans])
    before, after = _reaches(spans, crispness)
    centres = np.array([(s.start + s.end) / 2 for s in spans])
    cores = np.array([(s.end - s.start) / 2 * CORE for s in spans])
    starts = np.array([s.start for s in spans])
    columns = np.array([ARTICULATOR_OF[name] for name in CONTROL_INDEX])

    curves = np.empty((len(times), len(CONTROLS)))
    for first in range(0, len(times), CHUNK):
        now = times[first : first + CHUNK]
        current = np.searchsorted(starts, now, side="right") - 1
        near = current[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
        inside = (near >= 0) & (near < len(spans))
        near = np.clip(near, 0, len(spans) - 1)
        offset = now[:, None] - centres[near]
        distance = np.maximum(np.abs(offset) - cores[near], 0.0)[:, :, None]
        reach = np.where(offset[:, :, None] < 0, before[near], after[near])
        fall = (distance / reach) ** 2
        # Only ratios matter; counted from the nearest phone, they cannot all underflow inside a long silence.
        fall -= fall.min(axis=1, keepdims=True)
        weight = inside[:, :, None] * dominance[near] * np.exp(-fall)
        weight /= weight.sum(axis=1, keepdims=True)
        curves[first : first + CHUNK] = np.einsum("tnc,tnc->tc", weight[:, :, columns], targets[near])
    return curves


def _reaches(spans: Sequence[PhoneSpan], crispness: float) -> tuple[FloatArray, FloatArray]:
    """Fall-off times (P, A) before and after each phone."""
    sides = np.array(list(REACH.values())) / crispness
    before, after = np.tile(sides[:, 0], (len(spans), 1)), np.tile(sides[:, 1], (len(spans), 1))
    rounding = list(ARTICULATORS).index("rounding")
    ahead = np.array([VISEMES[span.label].rounds_ahead for span in spans], dtype=bool)
    before[ahead, rounding] = ROUNDING_AHEAD  # a feature of the language, so styles leave it alone
    return before, after
