"""The filter from what is heard to how captured mouths move: ridge regression over the rows about each moment."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.training.motion.lessons import Lessons
from models.motion.learned.network import CAPTURED, CAPTURED_TAPS, MotionNetwork
from models.motion.motion import FloatArray

PENALTY: Final = 2e4  # on standardised inputs, for each item of about two minutes
EVERY: Final = 2  # rows between the filter's taps that are used: neighbours say nearly the same


def fit_captured(network: MotionNetwork, lessons: Lessons) -> None:
    """Set the network's captured filter, in place; it stays at rest where nothing was captured.

    What it gives has a deviation of 1 over the captured takes, as the teacher's curves have.
    """
    _set(network, np.zeros(tuple(network.captured.weight.shape)), np.zeros(len(CAPTURED)))
    items = [
        slice(int(first), int(last))
        for first, last in zip(lessons.starts[:-1], lessons.starts[1:], strict=True)
        if np.isfinite(lessons.captured[first, 0])
    ]
    if not items:
        return
    inputs = np.concatenate([windows(lessons.heard[own]) for own in items])
    targets = np.concatenate([lessons.captured[own] for own in items]).astype(np.float64)
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + 1e-2
    x, rest = (inputs - mean) / deviation, targets.mean(axis=0)
    weights = np.linalg.solve(x.T @ x + PENALTY * len(items) * np.eye(x.shape[1]), x.T @ (targets - rest))
    wider = 1.0 / (x @ weights).std(axis=0)
    weights *= wider / deviation[:, None]
    taps = np.zeros((len(rest), lessons.heard.shape[1], CAPTURED_TAPS))
    taps[:, :, ::EVERY] = weights.reshape(-1, lessons.heard.shape[1], len(rest)).transpose(2, 1, 0)
    # A mouth at rest stays there: the scale is widened about nothing said, not about the mean.
    bias = rest * wider - mean @ weights
    _set(network, taps, bias)


@torch.no_grad()
def _set(network: MotionNetwork, taps: FloatArray, bias: FloatArray) -> None:
    for parameter, values in zip(network.captured.parameters(), (taps, bias), strict=True):
        parameter.copy_(torch.from_numpy(values))


def windows(heard: NDArray[np.floating]) -> FloatArray:
    """Every `EVERY`-th of the rows (N, D) about each, side by side: (N, K · D)."""
    reach = CAPTURED_TAPS // 2
    padded = np.pad(heard.astype(np.float64), ((reach, reach), (0, 0)))
    return np.concatenate([padded[i : i + len(heard)] for i in range(0, CAPTURED_TAPS, EVERY)], axis=1)
