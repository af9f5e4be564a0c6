"""Distances between lips, and between lip and teeth, on a face model's mesh.

Whether a mouth looks closed is a matter of its surface, not of coefficients: the measures here see only vertices, so
they judge any motion for any face model that names the regions `lip_rim_upper`, `lip_rim_lower`,
`lower_lip_edge` and `upper_teeth_edge`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.face.model import FaceModel, Float32Array
from models.motion.motion import FloatArray, MotionError

BoolArray = NDArray[np.bool_]

MM: Final = 100.0  # millimetres in a decimetre
CLOSED_MM: Final = 0.5  # a lip gap up to which a mouth looks shut: one pixel of a face 500 pixels high
TOUCHING_MM: Final = 1.5  # a lower lip so near to the upper teeth looks as if it touched them
CENTRAL: Final = 0.5  # of the mouth's half-width: the part that a viewer sees open or shut
REGIONS: Final = ("lip_rim_upper", "lip_rim_lower", "lower_lip_edge", "upper_teeth_edge")


@dataclass(frozen=True, eq=False)
class LipGauge:
    """One identity's lips and teeth: positions (n, 3) and expression bases (64, n, 3) in decimetres, per region."""

    rest: dict[str, FloatArray]
    basis: dict[str, FloatArray]

    @classmethod
    def of(cls, model: FaceModel, identity: Float32Array | None = None) -> LipGauge:
        """The gauge for `model` and an identity (80,), the mean where none is given.

        Raises:
            MotionError: the model does not name the regions.
        """
        missing = [name for name in REGIONS if name not in model.regions]
        if missing:
            raise MotionError(f"{model.name} names no {', '.join(missing)}; lip contact needs these regions")
        shape = model.shape(identity)
        upper, lower = model.regions["lip_rim_upper"], model.regions["lip_rim_lower"]
        centre, half_width = _mouth(shape[upper])
        rest, basis = {}, {}
        for name in REGIONS:
            vertices = model.regions[name]
            weights = np.eye(len(vertices))[np.abs(shape[vertices, 0] - centre) <= CENTRAL * half_width]
            if name == "lip_rim_lower":
                across = shape[upper, 0]
                weights = _opposite(across[np.abs(across - centre) <= CENTRAL * half_width], shape[lower, 0])
            rest[name] = weights @ shape[vertices]
            basis[name] = np.einsum("nv,evc->enc", weights, model.expression_basis[:, vertices])
        return cls(rest, basis)

    def lip_gap(self, expression: Float32Array) -> FloatArray:
        """The widest opening (T,) in mm between the inner rims in the mouth's middle, 0 or less where they
        touch, for expression (T, 64).
        """
        upper, lower = (self._positions(name, expression) for name in ("lip_rim_upper", "lip_rim_lower"))
        return (upper[..., 1] - lower[..., 1]).max(axis=1) * MM

    def lip_to_teeth(self, expression: Float32Array) -> FloatArray:
        """Distance (T,) in mm in the sagittal plane from the lower lip to the front of the upper teeth, the nearest
        pair in the mouth's middle, for expression (T, 64).

        A lip below the teeth is as far as their edge; one that has come up before them is as far as their face.
        """
        lips = [self._positions(name, expression) for name in ("lip_rim_lower", "lower_lip_edge")]
        lip, teeth = np.concatenate(lips, axis=1), self._positions("upper_teeth_edge", expression)
        between = lip[:, :, None, 1:] - teeth[:, None, :, 1:]
        below, away = np.minimum(between[..., 0], 0.0), between[..., 1]
        return np.hypot(below, away).min(axis=(1, 2)) * MM

    def contacts(self, expression: Float32Array) -> tuple[BoolArray, BoolArray]:
        """Whether the mouth looks shut, and whether, the lips apart, the lower one touches the teeth: (T,) each."""
        closed = self.lip_gap(expression) <= CLOSED_MM
        return closed, (self.lip_to_teeth(expression) <= TOUCHING_MM) & ~closed

    def _positions(self, name: str, expression: Float32Array) -> FloatArray:
        return self.rest[name] + np.tensordot(expression.astype(np.float64), self.basis[name], axes=1)


def _opposite(across: Float32Array, rim: Float32Array) -> FloatArray:
    """Weights (n, v) that take from a rim, with vertices at `rim` (v,) across the face, the points opposite to
    `across` (n,).
    """
    # Where a rim doubles back at the corners, only its front half is in order; the middle is all that is asked for.
    order = np.argsort(rim, kind="stable")
    return np.stack([np.interp(across, rim[order], unit[order]) for unit in np.eye(len(rim))], axis=1)


def _mouth(rim: Float32Array) -> tuple[float, float]:
    """The middle of a lip rim (n, 3) and half its width, in decimetres."""
    left, right = float(rim[:, 0].min()), float(rim[:, 0].max())
    return (left + right) / 2, (right - left) / 2
