"""Distances on a face, in millimetres per unit of expression.

Different mixtures of units give nearly the same face, and a fit to footage picks one of them; distances between points
of the face are what footage really shows, so spreads are taken of these and not of the units' weights.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

import numpy as np

from models.face.model import FaceModel
from models.motion.motion import FloatArray, MotionError

MM: Final = 100.0  # per decimetre

# MediaPipe's points.
UPPER_LIP, LOWER_LIP = (81, 13, 311), (178, 14, 402)  # inner rims about the middle
CHIN: Final = 152
CORNERS: Final = (61, 291)  # the subject's right and left
LIP_FRONTS: Final = (0, 13, 14, 17)
BROWS: Final = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
EYE_CORNERS: Final = (33, 133, 362, 263)

_JAW: Final = ("jawOpen", "mouthClose")
_LIDS: Final = ("eyeBlink", "eyeLook", "eyeWide", "eyeSquint")


@dataclass(frozen=True, eq=False)
class Distances:
    """One array of each.

    gap: between the lips; lower: lower lip below its place over the chin; upper: upper lip above its place; parting:
    the gap, width: between the corners, protrusion: lips forwards, these three without the jaw's share; brow: above
    the eyes, without the lids' share.
    """

    gap: FloatArray
    lower: FloatArray
    upper: FloatArray
    parting: FloatArray
    width: FloatArray
    protrusion: FloatArray
    brow: FloatArray


@dataclass(frozen=True, eq=False)
class Rulers(Distances):
    """Rows (64,) in millimetres per unit weight."""

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, face_model: FaceModel) -> Rulers:
        """The rulers on `face_model`.

        Raises:
            MotionError: it has no MediaPipe points, or its units are not named as ARKit's.
        """
        names, landmarks = face_model.expression_names, face_model.landmarks478
        if landmarks is None or "jawOpen" not in names:
            raise MotionError(
                f"the face model {face_model.name} has not the points and named units that measuring a style takes; "
                "use the open head"
            )
        moves = MM * landmarks.of(face_model.expression_basis).astype(np.float64)  # (64, 478, 3)

        def mean(points: tuple[int, ...], axis: int) -> FloatArray:
            return np.asarray(moves[:, list(points), axis].mean(axis=1))

        def without(row: FloatArray, units: tuple[str, ...]) -> FloatArray:
            return np.where([name.startswith(units) for name in names], 0.0, row)

        upper, lower = mean(UPPER_LIP, 1), mean(LOWER_LIP, 1)
        return cls(
            gap=upper - lower,
            lower=moves[:, CHIN, 1] - lower,
            upper=upper,
            parting=without(upper - lower, _JAW),
            width=without(moves[:, CORNERS[1], 0] - moves[:, CORNERS[0], 0], _JAW),
            protrusion=without(mean(LIP_FRONTS, 2), _JAW),
            brow=without(mean(BROWS, 1) - mean(EYE_CORNERS, 1), _LIDS),
        )

    def on(self, expression: FloatArray) -> dict[str, FloatArray]:
        """The distances by name, (T,) each in millimetres, of expressions (T, 64)."""
        return {row.name: expression @ getattr(self, row.name) for row in fields(Distances)}
