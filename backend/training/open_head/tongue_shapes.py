"""Shapes of the tongue for speech: tip up (L, T, N), back up (K, NG), between the teeth (TH), wide."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.fields import smoothstep
from backend.training.open_head.head import Head
from backend.training.open_head.wheel import Float64Array

TIP = (6.655, 1.305)  # y and z of the tip at rest
ROOT_DEPTH, TIP_DEPTH = 0.98, 1.305


class Tongue:
    """The tongue at rest, with what its shapes need: share along its length, height of its middle."""

    def __init__(self, head: Head, jaw: Float64Array) -> None:
        """`jaw`: displacement (n, 3) of jawOpen, which carries the tongue."""
        self._head = head
        self._range = head.indices("tongue")
        self.rest = head.whole.rest[self._range]
        self._jaw = jaw[self._range]
        depth = self.rest[:, 2]
        grid = np.linspace(depth.min() + 0.02, depth.max() - 0.02, 24)
        near = [self.rest[np.abs(depth - z) < 0.045, 1] for z in grid]
        middle = [(heights.min() + heights.max()) / 2 for heights in near]
        self.middle = np.interp(depth, grid, middle)

    def field(self, displacement: Float64Array) -> Float64Array:
        """The displacement (tongue vertices, 3) as one of the whole head."""
        whole = self._head.zeros()
        whole[self._range] = displacement
        return whole

    def tip_at(
        self, y: float, z: float, jaw: float, thickness: float, start: float, narrow: float = 1.0
    ) -> Float64Array:
        """The blade bent from depth `start` on, so that at `jaw` its tip is at (y, z), `thickness` times as thick."""
        share = smoothstep(self.rest[:, 2], start, TIP_DEPTH)
        tip = np.argmax(self.rest[:, 2])
        wanted = np.array([0, y, z]) - (0, *TIP) - jaw * self._jaw[tip] * (0, 1, 1)
        motion = share[:, None] * wanted
        motion[:, 1] += (self.rest[:, 1] - self.middle) * (thickness - 1) * share
        motion[:, 0] += self.rest[:, 0] * (narrow - 1) * share
        return self.field(motion)

    def back_up(self) -> Float64Array:
        """The dorsum raised to the palate, the tip drawn back and down."""
        hump = np.exp(-(((self.rest[:, 2] - 1.02) / 0.14) ** 2))
        upper = smoothstep(self.rest[:, 1] - self.middle, -0.06, 0.04)
        tip = smoothstep(self.rest[:, 2], 1.1, TIP_DEPTH)
        motion = np.stack([0 * hump, 0.15 * hump * (0.4 + 0.6 * upper) - 0.015 * tip, -0.05 * tip], axis=1)
        return self.field(motion)

    def wide(self) -> Float64Array:
        """Spread sideways and flattened."""
        share = smoothstep(self.rest[:, 2], 0.9, 1.2)
        motion = np.zeros_like(self.rest)
        motion[:, 0] = 0.14 * self.rest[:, 0] * share
        motion[:, 1] = (self.rest[:, 1] - self.middle) * -0.18 * share
        return self.field(motion)
