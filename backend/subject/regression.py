"""How a texture follows the expression: reduced-rank ridge regression, its freedom chosen by cross-validation.

A short clip has fewer frames than the face has units, and neighbouring frames are alike. So the ridge, the number of
components, and whether there is anything to learn at all are decided on blocks of time that were left out, with a gap
around them (Izenman 1975 for the reduced rank; Roberts et al. 2017 for blocks).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]

RIDGES: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
MOST_COMPONENTS: Final = 3  # of one region of the face
FOLDS: Final = 5
GAP: Final = 2  # frames beside a block that are left out as well
WORTH: Final = 0.01  # share of the variance that one more component must explain
LEAST: Final = 0.02  # share of the variance below which the texture counts as still


@dataclass(frozen=True, eq=False)
class Following:
    """What was learned: component k of the texture goes with `weights` (K, F) · features, K may be 0.

    ridge: that was chosen; explained, total: of the left-out frames' squared deviations, pose apart, how much the model
    explains (0 for K = 0) of how much; low, high: (K,) the range that each component had in the clip.
    """

    weights: Float32Array
    low: Float32Array
    high: Float32Array
    ridge: float
    explained: float
    total: float

    def activations(self, features: FloatArray) -> Float32Array:
        """(..., K) in 0..1 for features (..., F): 0 and 1 are the ends of what the clip showed, never beyond."""
        span = np.maximum(self.high - self.low, 1e-6)
        return np.asarray(np.clip((features @ self.weights.T - self.low) / span, 0, 1), dtype=np.float32)


def follow(features: FloatArray, other: FloatArray, textures: Float32Array) -> Following:
    """Learn how textures (T, P) follow features (T, F), beside `other` (T, Q) that also move them.

    What the others explain (the pose, and with it the light) is taken account of and left out of the model.
    """
    folds = list(_blocks(len(features)))
    best, total, found = np.inf, 0.0, (RIDGES[-1], 0)
    for ridge in RIDGES:
        left = np.sum([_errors(features, other, textures, fold, ridge) for fold in folds], axis=0)
        count = _worthwhile(1 - left / max(float(left[0]), 1e-9))
        if left[count] < best:
            best, total, found = float(left[count]), float(left[0]), (ridge, count)
    ridge, count = found if total - best > LEAST * total else (RIDGES[-1], 0)
    weights, _, _ = _components(features, other, textures, ridge, count)
    values = features @ weights.T
    # The sign is free: rest is to lie near 0 of the range.
    upside = np.where(np.abs(values.max(axis=0)) < np.abs(values.min(axis=0)), -1.0, 1.0)
    values, weights = values * upside, weights * upside[:, None]
    return Following(
        weights.astype(np.float32),
        values.min(axis=0).astype(np.float32),
        values.max(axis=0).astype(np.float32),
        ridge,
        total - best if count else 0.0,
        total,
    )


def _worthwhile(explained: FloatArray) -> int:
    """The number of components after which none of the next adds its worth."""
    gains = np.diff(explained)
    worth = np.flatnonzero(gains > WORTH)
    return int(worth[-1]) + 1 if len(worth) else 0


def _blocks(frames: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(kept, left out), both (T,) bool."""
    edges = np.linspace(0, frames, FOLDS + 1).astype(int)
    index = np.arange(frames)
    for first, end in itertools.pairwise(edges):
        yield (index < first - GAP) | (index >= end + GAP), (index >= first) & (index < end)


def _errors(
    features: FloatArray,
    other: FloatArray,
    textures: Float32Array,
    fold: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    ridge: float,
) -> FloatArray:
    """Squared errors on what was left out with 0, 1, … `MOST_COMPONENTS` components, beside what the others explain."""
    kept, left = fold
    weights, images, beside = _components(features[kept], other[kept], textures[kept], ridge, MOST_COMPONENTS)
    values = features[kept] @ weights.T
    active = np.clip(features[left] @ weights.T, values.min(axis=0), values.max(axis=0)) - values.mean(axis=0)
    moved = (other[left] - other[kept].mean(axis=0)).astype(np.float32)
    wrong = textures[left] - textures[kept].mean(axis=0) - moved @ beside
    errors = [float((wrong**2).sum())]
    for k in range(MOST_COMPONENTS):
        if k < len(weights):
            wrong = wrong - active[:, k : k + 1].astype(np.float32) * images[k]
        errors.append(float((wrong**2).sum()))
    return np.array(errors)


def _components(
    features: FloatArray, other: FloatArray, textures: Float32Array, ridge: float, count: int
) -> tuple[FloatArray, Float32Array, Float32Array]:
    """Weights (K, F) and images (K, P) of the `count` strongest components of what the features explain, and images
    (Q, P) of what the others do.

    With few frames the work is done in their inner products, whatever the number of texels.
    """
    x = np.column_stack([features, other])
    x = x - x.mean(axis=0)
    centred = textures - textures.mean(axis=0)
    whole = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T)  # (F + Q, T)
    hat, beside = whole[: features.shape[1]], whole[features.shape[1] :].astype(np.float32) @ centred
    own = x[:, : features.shape[1]]
    gram = (centred @ centred.T).astype(np.float64)
    fitted = own @ hat  # (T, T): fitted textures are `fitted` · textures
    values, vectors = np.linalg.eigh(fitted @ gram @ fitted.T)
    order = [k for k in np.argsort(values)[::-1][:count] if values[k] > 1e-9 * max(float(values[-1]), 1e-9)]
    images = (vectors[:, order].T @ fitted) @ centred  # (K, P), orthogonal rows
    size = np.maximum((images.astype(np.float64) ** 2).sum(axis=1), 1e-12)
    weights = (hat @ (centred @ images.T)) / size  # (F, K)
    return weights.T, images.astype(np.float32), beside
