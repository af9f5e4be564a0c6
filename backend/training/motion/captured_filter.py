"""The filter from what is heard to how captured mouths move: the sum of directions that the projection keeps for it.

What is kept of the speech encoder's states holds, for each captured control and each of a few rows about a moment, the
share that the row has in telling the control (`material.fitted_projection`); the filter adds them up.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.training.motion.lessons import Lessons
from backend.training.motion.material import GUIDE_ROWS
from models.motion.learned.features import CONTEXT
from models.motion.learned.network import CAPTURED, CAPTURED_TAPS, MotionNetwork
from models.motion.motion import FloatArray
from models.speech.phones import CLASSES

FIRST: Final = len(CLASSES) + CONTEXT - len(GUIDE_ROWS) * len(CAPTURED)  # column of the guided directions


def fit_captured(network: MotionNetwork, lessons: Lessons) -> None:
    """Set the network's captured filter, in place; it stays at rest where nothing was captured.

    What it gives has a deviation of 1 over the captured takes, as the teacher's curves have.
    """
    taps, bias = np.zeros(tuple(network.captured.weight.shape)), np.zeros(len(CAPTURED))
    items = [
        slice(int(first), int(last))
        for first, last in zip(lessons.starts[:-1], lessons.starts[1:], strict=True)
        if np.isfinite(lessons.captured[first, 0])
    ]
    if items:
        heard = np.concatenate([summed(lessons.heard[own]) for own in items])
        captured = np.concatenate([lessons.captured[own] for own in items]).astype(np.float64)
        for place in range(len(CAPTURED)):
            slope, rest = np.polyfit(heard[:, place], captured[:, place], 1)
            spread = abs(slope) * heard[:, place].std()
            for row, shift in enumerate(GUIDE_ROWS):
                taps[place, FIRST + row * len(CAPTURED) + place, CAPTURED_TAPS // 2 + shift] = slope / spread
            # A mouth at rest stays there: the scale is widened about nothing said, not about the mean.
            bias[place] = rest / spread
    with torch.no_grad():
        network.captured.weight.copy_(torch.from_numpy(taps))
        assert network.captured.bias is not None
        network.captured.bias.copy_(torch.from_numpy(bias))


def summed(heard: NDArray[np.floating]) -> FloatArray:
    """The sums (N, 3) of the directions for each control over the rows about each moment, of rows heard (N, D)."""
    reach = max(GUIDE_ROWS)
    padded = np.pad(heard.astype(np.float64), ((reach, reach), (0, 0)))
    total = np.zeros((len(heard), len(CAPTURED)))
    for row, shift in enumerate(GUIDE_ROWS):
        own = FIRST + row * len(CAPTURED)
        total += padded[reach + shift : reach + shift + len(heard), own : own + len(CAPTURED)]
    return total
