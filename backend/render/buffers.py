"""What a face's renderer is shown and gives back: buffers in, colours out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.lighting.light import Light
from backend.render.view import Rays
from models.face.camera import DISTANCE

Float32Array = NDArray[np.float32]

# Which of a face model's parts are counted together; a model's part of another name is skin.
GROUPS: Final = ("skin", "lips", "eyes", "teeth", "mouth", "lashes", "hair")
GROUP_OF: Final = {
    "lips": 1,
    "eye_left": 2,
    "eye_right": 2,
    "teeth_upper": 3,
    "teeth_lower": 3,
    "mouth_inner": 4,
    "gums": 4,
    "tongue": 4,
    "lashes": 5,
    "brows": 6,
}


TERMS: Final = 7  # channels of `Buffers.terms`


@dataclass(frozen=True, eq=False)
class Buffers:
    """One frame of a face, (H, W, channels) float32, row 0 at the top, averaged over each pixel's samples.

    All pictures are premultiplied by `alpha`. lambert: albedo times irradiance, and albedo: sRGB numbers, 0..255;
    normal: world frame; depth: decimetres from the eye; alpha: (H, W) share of the pixel that the face takes in the
    picture, 0 along its soft border; parts: (H, W, 7) alpha by `GROUPS`; light: what falls on the face, for renderers
    that reflect it; rays: `View.rays` of the picture.

    terms: (H, W, 7), for the neural renderer: the lamps' irradiance over pi with their shadows,
    linear; how far each of two lamps is seen; the share of the colours that is a photo's own; and how open it is in
    front, 0 deep in the mouth.
    """

    lambert: Float32Array
    albedo: Float32Array
    normal: Float32Array
    depth: Float32Array
    alpha: Float32Array
    parts: Float32Array
    light: Light
    terms: Float32Array | None = None
    rays: Rays = (0.0, 0.0, 1e-3, 1e-3)

    @property
    def pixel(self) -> float:
        """Decimetres that a pixel shows of the head."""
        return self.rays[2] * DISTANCE

    @classmethod
    def of(
        cls, channels: NDArray[Any], light: Light, terms: Float32Array | None = None, rays: Rays = (0, 0, 1e-3, 1e-3)
    ) -> Buffers:
        """Views into what `kernels.gather` wrote under `light`, (H, W, 18)."""
        return cls(
            lambert=channels[..., 0:3],
            albedo=channels[..., 3:6],
            normal=channels[..., 6:9],
            depth=channels[..., 9],
            alpha=channels[..., 10],
            parts=channels[..., 11:18],
            light=light,
            terms=terms,
            rays=rays,
        )


class Renderer(Protocol):
    """Draws a lit face."""

    def __call__(self, buffers: Buffers) -> Float32Array:
        """Colours (H, W, 3), sRGB numbers 0..255, premultiplied by `buffers.alpha`."""


def raster(buffers: Buffers) -> Float32Array:
    """The renderer that draws what the rasteriser found: every surface matt, as the light falls on it."""
    return buffers.lambert
