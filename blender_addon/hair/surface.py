"""The surface that hair grows on, as arrays (no bpy), and the measures of a face that place it there.

Everything is in the frame of the head's object: metres, x to the subject's left, y backwards, z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Int32Array = NDArray[np.int32]

CHIN_68: Final = 8
BROWS_68: Final = slice(17, 27)
BROW_INNER_68: Final = (21, 22)
SMALLEST: Final = 1e-12


class HairError(ValueError):
    """Hair cannot grow on a surface; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh with what is needed to let hair grow on it.

    points: (V, 3) at rest; triangles: (F, 3), counter-clockwise from outside; uv: (F, 3, 2) of their corners;
    skin: (F,) bool, whether a triangle is skin, lips included; lips: (F,) bool, whether it is the lips';
    landmarks: iBUG's 68 points (68, 3) at rest.
    """

    points: Float32Array
    triangles: Int32Array
    uv: Float32Array
    skin: NDArray[np.bool_]
    lips: NDArray[np.bool_]
    landmarks: Float32Array

    def __post_init__(self) -> None:
        count = len(self.triangles)
        expected = {
            "triangles": (count, 3),
            "uv": (count, 3, 2),
            "skin": (count,),
            "lips": (count,),
            "landmarks": (68, 3),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise HairError(f"{name} should be {shape}, is {getattr(self, name).shape}; make the head again")
        if not self.skin.any():
            raise HairError("the head has no skin that hair could grow on; make the head again")
        if self.measures.height < 0.01:
            raise HairError("the head's landmarks are not those of a face; make the head again")

    @cached_property
    def measures(self) -> Measures:
        """Lengths and places of the face."""
        return Measures.of(self)

    @cached_property
    def normals(self) -> Float32Array:
        """Unit normals (V, 3) of the skin's vertices, weighted by area; (0, 0, 0) elsewhere."""
        corners = self.points[self.triangles[self.skin]]
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        total = np.zeros_like(self.points, dtype=np.float64)
        for corner in range(3):
            for axis in range(3):
                total[:, axis] += np.bincount(
                    self.triangles[self.skin, corner], weights=cross[:, axis], minlength=len(self.points)
                )
        return unit(total).astype(np.float32)

    @cached_property
    def areas(self) -> Float64Array:
        """Areas (F,) in square metres of skin on which hair can grow; 0 elsewhere."""
        corners = self.points[self.triangles].astype(np.float64)
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        return np.where(self.skin & ~self.lips, 0.5 * np.linalg.norm(cross, axis=1), 0.0)


@dataclass(frozen=True, eq=False)
class Measures:
    """Where a face is and how large.

    height: from chin to brows; brow: height of the brows' upper edge; chin: (3,) its point; centre: (3,) the middle of
    the skull at the height of the brows; crown: (3,) where hair turns in a whorl.
    """

    height: float
    brow: float
    chin: Float64Array
    centre: Float64Array
    crown: Float64Array

    @classmethod
    def of(cls, surface: Surface) -> Measures:
        """Measure `surface`."""
        marks = surface.landmarks.astype(np.float64)
        skin = surface.points[np.unique(surface.triangles[surface.skin])].astype(np.float64)
        brow, chin = float(marks[BROWS_68, 2].max()), marks[CHIN_68]
        height = brow - float(chin[2])
        front = marks[list(BROW_INNER_68)].mean(axis=0)
        level = skin[np.abs(skin[:, 2] - brow) < 0.05 * height]
        back = float(level[:, 1].max()) if len(level) else float(front[1])
        centre = np.array([front[0], 0.5 * (front[1] + back), brow])
        top = float(skin[:, 2].max())
        crown = np.array([front[0], centre[1] + 0.3 * (back - front[1]), brow + 0.85 * (top - brow)])
        return cls(height, brow, chin, centre, crown)


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
    """`vectors` (..., 3) with length 1; those of length 0 stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, SMALLEST)


def tangential(vectors: NDArray[Any], normals: NDArray[Any]) -> NDArray[Any]:
    """The part of `vectors` (..., 3) that is at right angles to unit `normals` (..., 3)."""
    return vectors - (vectors * normals).sum(axis=-1, keepdims=True) * normals
