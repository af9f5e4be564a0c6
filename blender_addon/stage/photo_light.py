"""The light that was fitted to a photo, as a panorama and a lamp for Blender (no bpy).

The fit knows nine spherical harmonics a colour, which multiply sRGB numbers. Here they become linear irradiance again
(to the power of 2.2), and that becomes radiance around the head (bands divided by 1, 2/3 and 1/4, Ramamoorthi and
Hanrahan 2001). Nine harmonics cast no shadow and put no glint into an eye, so the brightest side becomes a lamp of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

POWER: Final = 2.2
AMBIENT: Final = 0.8  # what the face model's light adds to the constant band
LAMP_SHARE: Final = 0.75  # of what is brighter on one side than on the other
LEAST_REST: Final = 0.35  # of the even light, which the lamp must leave
DARKEST: Final = 0.03  # of the mean: what the far side has at least
ORDER: Final = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2])
BANDS: Final = np.array([1, 2 / 3, 1 / 4])[ORDER]
LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, eq=False)
class PhotoLight:
    """panorama: (H, 2H, 3) linear radiance, row 0 lowest, as Blender maps it on the world around a head that looks
    along -Y; a white surface under radiance 1 from everywhere is white.
    towards: (3,) from the head to the lamp, in Blender's frame; lamp: (3,) what it adds to a white surface facing it.
    """

    panorama: Float32Array
    towards: Float32Array
    lamp: Float32Array


def photo_light(gamma: Float32Array, rows: int = 64) -> PhotoLight:
    """The light of `gamma` (27,), see `models.face.shading`, around the head.

    Raises:
        ValueError: another number of coefficients.
    """
    if np.shape(gamma) != (27,):
        raise ValueError(f"expected 27 coefficients of light, got {np.shape(gamma)}; fit the photo again")
    bands = np.asarray(gamma, dtype=np.float64).reshape(3, 9).copy()
    bands[:, 0] += AMBIENT
    around = _sphere()
    basis = _basis(around)
    irradiance = np.maximum(basis @ bands.T, 0) ** POWER
    towards, lamp = _lamp(around, irradiance)
    rest = irradiance - np.maximum(around @ towards, 0)[:, None] * lamp
    radiance = np.linalg.lstsq(basis, rest, rcond=None)[0] / BANDS[:, None]
    directions = _blender_directions(rows)
    seen = _basis(directions.reshape(-1, 3) @ _FACE_OF_BLENDER.T) @ _calmed(radiance, basis)
    panorama = np.maximum(seen, 0).reshape(rows, 2 * rows, 3)
    return PhotoLight(
        panorama.astype(np.float32), (_FACE_OF_BLENDER.T @ towards).astype(np.float32), lamp.astype(np.float32)
    )


_FACE_OF_BLENDER: Final = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # x stays, z is up, -y is to the front


def _lamp(around: Float32Array, irradiance: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Where the lamp stands (3,) and what it gives (3,): half a cosine is what a lamp adds in the linear band."""
    slope = 3 * (around[:, :, None] * irradiance[:, None, :]).mean(axis=0)  # (3 axes, 3 colours)
    main = slope @ LUMINANCE
    size = float(np.linalg.norm(main))
    if size < 1e-6:
        return np.array([0.0, 0.0, 1.0], np.float32), np.zeros(3, np.float32)
    towards = main / size
    given = 2 * LAMP_SHARE * np.maximum(towards @ slope, 0)
    even = irradiance.mean(axis=0)  # a lamp takes a quarter of itself from it
    return towards, np.minimum(given, 4 * (1 - LEAST_REST) * even)


def _calmed(radiance: Float32Array, basis: Float32Array) -> Float32Array:
    """`radiance` (9, 3) with the higher bands weakened until no side is darker than a little of the mean."""
    floor = DARKEST * (basis @ radiance).mean(axis=0)
    weaker = radiance
    for kept in np.linspace(1, 0, 41):
        weaker = radiance * kept ** ORDER[:, None]
        if ((basis @ weaker).min(axis=0) >= floor).all():
            break
    return weaker


def _basis(normals: Float32Array) -> Float32Array:
    """The nine bands (n, 9) of the face model's light for unit `normals` (n, 3) in its own frame."""
    a, b, c = 0.886226925, 1.772453851, 2.427032391
    x, y, z = np.moveaxis(np.asarray(normals, dtype=np.float64), -1, 0)
    return np.stack(
        [
            np.full_like(x, a),
            *(-b * y, b * z, -b * x, c * x * y, -c * y * z),
            c / (2 * np.sqrt(3)) * (3 * z * z - 1),
            *(-c * x * z, c / 2 * (x * x - y * y)),
        ],
        axis=-1,
    )


def _sphere(count: int = 600) -> Float32Array:
    """Unit vectors (n, 3) spread evenly (Fibonacci's spiral)."""
    i = np.arange(count) + 0.5
    y, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(turn), y, ring * np.sin(turn)], axis=1)


def _blender_directions(rows: int) -> Float32Array:
    """(rows, 2 rows, 3) where each pixel of Blender's equirectangular panorama lies; row 0 is straight down."""
    height = ((np.arange(rows) + 0.5) / rows - 0.5) * np.pi
    turn = -((np.arange(2 * rows) + 0.5) / (2 * rows) - 0.5) * 2 * np.pi
    turn, height = np.meshgrid(turn, height)
    return np.stack([np.cos(height) * np.cos(turn), np.cos(height) * np.sin(turn), np.sin(height)], axis=-1)
