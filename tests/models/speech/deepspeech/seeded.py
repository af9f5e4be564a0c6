"""DeepSpeech variables of any width, seeded, and the network as SPEC 9 words it, in plain NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.speech.deepspeech.variables import LSTM, variable_shapes

Variables = dict[str, NDArray[np.float32]]


def variables(width: int, seed: int = 0) -> Variables:
    rng = np.random.default_rng(seed)
    return {
        name: (rng.standard_normal(shape) * np.sqrt(2.0 / shape[0])).astype(np.float32)
        for name, shape in variable_shapes(width).items()
    }


def probabilities(weights: Variables, frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Frames in context (F, 494) to (F, 29), one step at a time."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}
    width = len(w["layer_1/bias"])
    x = frames.astype(np.float64)
    for name in ("layer_1", "layer_2", "layer_3"):
        x = _clipped(x @ w[f"{name}/weights"] + w[f"{name}/bias"])
    state, hidden = np.zeros(width), np.zeros((len(x), width))
    h = np.zeros(width)
    for i, frame in enumerate(x):
        gates = np.concatenate([frame, h]) @ w[f"{LSTM}/kernel"] + w[f"{LSTM}/bias"]
        given, candidate, forget, output = np.split(gates, 4)
        state = _sigmoid(forget) * state + _sigmoid(given) * np.tanh(candidate)
        h = hidden[i] = _sigmoid(output) * np.tanh(state)
    x = _clipped(hidden @ w["layer_5/weights"] + w["layer_5/bias"])
    scores = np.exp(x @ w["layer_6/weights"] + w["layer_6/bias"])
    return scores / scores.sum(axis=1, keepdims=True)


def _clipped(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(x, 0.0, 20.0)


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-x))
