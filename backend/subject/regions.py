"""Parts of the face that fold by themselves: what moves the brows does not crease the chin.

Few frames show few mixtures of units, and a frown that happened to go with a smile would be taken for one thing. So
every part of the texture follows only the units that move it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.texture.unwrap import smooth_step, uv_raster
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

BROW: Final = ("brow", "eyeWide")
EYE: Final = ("eyeBlink", "eyeSquint", "cheekSquint", "mouthSmile", "noseSneer", "browDown")
MOUTH: Final = ("jaw", "mouth", "cheek", "noseSneer", "lip", "upperLip", "nostril")
FROWN_WIDTH: Final = 0.14  # decimetres either side of the middle in which the brows' part reaches down to the nose
BLEND: Final = 0.08  # decimetres over which one part becomes the next
BELOW_EYES: Final = 0.2  # decimetres below the eyes at which the mouth's part begins


@dataclass(frozen=True, eq=False)
class Region:
    """name; units: (n,) indices of the expression coefficients that may move it; share: (S, S) 0..1, how much of each
    texel is its; the shares of all regions add up to 1.
    """

    name: str
    units: NDArray[np.intp]
    share: Float32Array


def regions(face_model: FaceModel, size: int) -> tuple[Region, ...]:
    """Brows, the two eyes and the mouth, as shares of a UV square of `size` texels a side."""
    place = uv_raster(face_model, size).interpolate(face_model.mean_shape, face_model.triangles)
    x, y = place[..., 0], place[..., 1]
    marks = face_model.landmarks68.of(face_model.mean_shape)
    brows, eyes = marks[17:27, 1].mean(), marks[36:48, 1].mean()
    below = 1 - _rise(y, eyes - BELOW_EYES)
    above = _rise(y, brows)
    middle = (1 - _rise(np.abs(x), FROWN_WIDTH)) * (1 - below)
    brow = np.maximum(above, middle)
    left = _rise(x, 0.0)
    beside = np.clip(1 - below - brow, 0, 1)
    shares = {"brows": brow, "left eye": beside * left, "right eye": beside * (1 - left), "mouth": below}
    names = face_model.expression_names
    units = {
        "brows": _units(names, BROW),
        "left eye": _units(names, EYE, "Left"),
        "right eye": _units(names, EYE, "Right"),
        "mouth": _units(names, MOUTH),
    }
    return tuple(Region(name, units[name], share.astype(np.float32)) for name, share in shares.items())


def _rise(x: Float32Array, middle: float) -> Float32Array:
    return smooth_step((x - middle) / BLEND + 0.5).astype(np.float32)


def _units(names: tuple[str, ...], starts: tuple[str, ...], end: str = "") -> NDArray[np.intp]:
    return np.array([i for i, name in enumerate(names) if name.startswith(starts) and name.endswith(end)], np.intp)
