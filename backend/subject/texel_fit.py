"""What each component adds at every texel: weighted least squares from sums, whose memory does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

RIDGE: Final = 0.4  # pull of the residuals to zero, in pictures that show a texel
DOUBT: Final = 2.0  # times its expected noise that a residual must exceed to be kept in full
SMOOTH: Final = 0.006  # texture sides over which signal and noise are compared
ALONE: Final = 1e-3  # share of a texel below which a region has no say in it


class TexelFit:
    """colour = base + sum over k of activation_k · share_k · residual_k, at every texel, by how well it was seen."""

    def __init__(self, size: int, shares: Sequence[Float32Array]) -> None:
        """shares: for each component (S, S) 0..1, how much of each texel its region has."""
        self._size, self._shares = size, shares
        count = len(shares) + 1
        # Components of regions that have no texel in common need no sum of products.
        self._pairs = [(i, j) for i in range(count) for j in range(i, count) if i == 0 or self._meet(i - 1, j - 1)]
        self._normal = np.zeros((len(self._pairs), size, size), np.float32)
        self._target = np.zeros((count, size, size, 3), np.float32)
        self._square = np.zeros((size, size, 3), np.float32)
        self._solved: tuple[Float32Array, Float32Array] | None = None

    @property
    def weight(self) -> Float32Array:
        """(S, S) how often each texel was seen."""
        return self._normal[0]

    def add(self, texture: Float32Array, weight: Float32Array, active: Float32Array) -> None:
        """One picture's texture (S, S, 3), its weights (S, S), and activations (K,)."""
        known = np.concatenate([[1.0], active]).astype(np.float32)
        for k, (i, j) in enumerate(self._pairs):
            self._normal[k] += known[i] * known[j] * weight
        weighted = weight[..., None] * texture
        for i, value in enumerate(known):
            self._target[i] += value * weighted
        self._square += weighted * texture

    def mean(self) -> Float32Array:
        """(S, S, 3) the best single texture."""
        return self._target[0] / np.maximum(self.weight, 1e-6)[..., None]

    def base(self) -> Float32Array:
        """(S, S, 3) where no component is active."""
        return self._solution()[0][:, :, 0]

    def residuals(self) -> Float32Array:
        """(K, S, S, 3), shrunk where they are not clearly more than noise (Wiener)."""
        solved, noise = self._solution()
        kept = np.zeros((len(self._shares), self._size, self._size, 3), np.float32)
        blur = max(1.0, SMOOTH * self._size)
        for k, share in enumerate(self._shares, start=1):
            image = solved[:, :, k] * share[..., None]
            energy = cv2.GaussianBlur((image**2).mean(axis=2), (0, 0), blur)
            doubt = cv2.GaussianBlur(noise[:, :, k] * share**2, (0, 0), blur)
            kept[k - 1] = image * np.clip(1 - DOUBT * doubt / np.maximum(energy, 1e-6), 0, 1)[..., None]
        return kept

    def _meet(self, i: int, j: int) -> bool:
        return bool((np.minimum(self._shares[i], self._shares[j]) > ALONE).any())

    def _solution(self) -> tuple[Float32Array, Float32Array]:
        """(S, S, K + 1, 3) and the variance of its noise, (S, S, K + 1)."""
        if self._solved is None:
            rows = [self._row(row) for row in range(self._size)]
            self._solved = np.stack([solution for solution, _ in rows]), np.stack([noise for _, noise in rows])
        return self._solved

    def _row(self, row: int) -> tuple[Float32Array, Float32Array]:
        unknowns = len(self._shares) + 1
        share = np.stack([np.ones(self._size, np.float32), *(s[row] for s in self._shares)], axis=1)
        normal = np.zeros((self._size, unknowns, unknowns))
        for k, (i, j) in enumerate(self._pairs):
            normal[:, i, j] = normal[:, j, i] = self._normal[k, row] * share[:, i] * share[:, j]
        target = self._target[:, row].transpose(1, 0, 2).astype(np.float64) * share[..., None]
        inverse = np.linalg.inv(normal + np.diag([1e-3] + [RIDGE] * (unknowns - 1)))
        solution = inverse @ target
        left = self._square[row] - 2 * (solution * target).sum(axis=1)
        left += np.einsum("nic,nij,njc->nc", solution, normal, solution)
        variance = np.maximum(left, 0).mean(axis=1) / np.maximum(self._normal[0, row] - unknowns, 1.0)
        noise = np.diagonal(inverse, axis1=1, axis2=2) * variance[:, None]
        return solution.astype(np.float32), noise.astype(np.float32)
