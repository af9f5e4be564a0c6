"""A studio for portraits: a large soft key from the upper left, a fill, a rim, and a bright room."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.lighting.environment import light_of_panorama
from backend.lighting.light import Light
from models.face.shading import unit

Float32Array = NDArray[np.float32]

# Towards the lamp (right, up, to the camera), its half angle in degrees, and its radiance.
LAMPS: Final = (
    ((-0.55, 0.6, 0.75), 28.0, (9.0, 8.6, 8.1)),
    ((0.9, 0.15, 0.65), 40.0, (1.1, 1.2, 1.35)),
    ((0.6, 0.5, -0.8), 25.0, (2.6, 2.8, 3.0)),
)
SKY: Final = (0.75, 0.78, 0.82)
GROUND: Final = (0.42, 0.38, 0.35)
_ROWS: Final = 64


def studio() -> Light:
    """The studio's light, of its own strength."""
    return light_of_panorama(panorama())


def panorama() -> Float32Array:
    """What the head sees of the studio, (64, 128, 3) linear radiance, its middle behind the head."""
    polar = (np.arange(_ROWS) + 0.5) / _ROWS * np.pi
    azimuth = ((np.arange(2 * _ROWS) + 0.5) / _ROWS - 1) * np.pi
    polar, azimuth = (grid.T for grid in np.meshgrid(polar, azimuth))
    towards = np.stack([np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)], axis=-1)
    up = 0.5 + 0.5 * towards[..., 1:2]
    image = np.array(GROUND) * (1 - up) + np.array(SKY) * up
    for direction, spread, radiance in LAMPS:
        cosine = towards @ unit(np.array(direction))
        edge = np.cos(np.radians(spread))
        image = image + np.clip((cosine - edge) / (0.3 * (1 - edge)), 0, 1)[..., None] * np.array(radiance)
    return image.astype(np.float32)
