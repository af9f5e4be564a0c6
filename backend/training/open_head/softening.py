"""Takes hard creases out of the data's shapes, on cheeks, temples and beside the nose."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.fields import averaging, nearest_distance, smoothed, smoothstep
from backend.training.open_head.head import Head
from backend.training.open_head.wheel import Float64Array

STEPS = 40


class Softener:
    """Averages displacements over neighbours; lips, lids and nostrils keep their exact motion."""

    def __init__(self, head: Head) -> None:
        """Find where on the skin motion may be averaged."""
        rest = head.skin.part.rest
        self._skin = head.indices("skin")
        self._matrix = averaging(head.skin.part.triangles, len(rest))
        lip, lid = head.skin.mouth_rings[10], head.skin.eye_rings[8]
        kept = np.concatenate([rest[lip], rest[lid], rest[head.skin.part.mirror[lid]]])
        nose = np.exp(-(((rest - (0, 6.98, 1.52)) / 0.2) ** 2).sum(axis=1))
        amount = smoothstep(nearest_distance(rest, kept), 0.03, 0.12) * (1 - nose)
        beside_eyes = smoothstep(np.abs(rest[:, 0]), 0.415, 0.46) * (rest[:, 2] > 0.8)  # the data folds there
        self._amount = np.maximum(amount, beside_eyes)

    def __call__(self, field: Float64Array) -> Float64Array:
        """The displacement (n, 3) of the whole head without creases."""
        soft = field.copy()
        soft[self._skin] = smoothed(field[self._skin], self._matrix, self._amount, STEPS)
        return soft
