"""What a video shows of a photo: a square window of it, and where points of the head fall in that window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.photo import PhotoError
from models.face.camera import PAPER_SIZE, Camera

Float32Array = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

Rays = tuple[float, float, float, float]

FRAMINGS: Final = ("head", "photo")
HEAD_AND_SHOULDERS: Final = 2.0  # sides of the coefficients' frame, which the bare head nearly fills
EYES_AT: Final = 0.42  # how far down the window the head's origin lies


def window_of(image_shape: tuple[int, ...], frame: Crop, framing: str = "head") -> Crop:
    """The square of a photo (height, width, …) that a video shows; `frame` is where its head was fitted.

    "head" shows head and shoulders, "photo" the largest square; neither reaches out of the photo.

    Raises:
        ValueError: an unknown framing.
    """
    if framing not in FRAMINGS:
        raise ValueError(f"there is no framing {framing!r}; choose {' or '.join(FRAMINGS)}")
    height, width = image_shape[:2]
    side = float(min(height, width))
    if framing == "head":
        side = min(side, HEAD_AND_SHOULDERS * frame.side)
    centre = np.array([frame.left, frame.top]) + frame.side / 2
    left = np.clip(centre[0] - side / 2, 0, width - side)
    top = np.clip(centre[1] - EYES_AT * side, 0, height - side)
    return Crop(float(left), float(top), side)


@dataclass(frozen=True)
class View:
    """The coefficients' camera, seen through a window of the photo.

    frame: where the camera's 224 square lies in the photo; window: what is shown of the photo; size: pixels a side.
    """

    frame: Crop
    window: Crop
    size: int

    def points(self, world: Floats) -> Floats:
        """Frame positions (..., 2) of `world` (..., 3), x right, y down, edges on whole numbers."""
        scale, offset = self._placement()
        return Camera.paper().image_points(world) * scale + offset

    def clip(self, world: Floats) -> Float32Array:
        """Clip-space positions (..., 4) of `world` (..., 3), for a rasteriser of `size` x `size` pixels."""
        clip = Camera.paper().clip(world)
        centre = 2 * self.points(world) / self.size - 1
        clip[..., 0] = centre[..., 0] * clip[..., 3]
        clip[..., 1] = -centre[..., 1] * clip[..., 3]
        return clip

    def world(self, points: Floats, depth: Floats) -> Float32Array:
        """World positions (..., 3) of what frame `points` (..., 2) show, `depth` (...) decimetres from the eye."""
        camera = Camera.paper()
        scale, offset = self._placement()
        seen = (points - offset) / scale - PAPER_SIZE / 2
        across = seen * (depth / camera.focal)[..., None]
        return np.stack([across[..., 0], -across[..., 1], camera.distance - depth], axis=-1).astype(np.float32)

    def rays(self) -> Rays:
        """Where pixels look: right and up of the first one's centre at distance one, then the steps between pixels."""
        camera = Camera.paper()
        scale, offset = self._placement()
        right, down = ((0.5 - offset) / scale - PAPER_SIZE / 2) / camera.focal
        step = 1 / (scale * camera.focal)
        return float(right), float(-down), step, step

    def _placement(self) -> tuple[float, Floats]:
        """Scale and offset (2,) from the 224 square to the frame."""
        enlargement = self.size / self.window.side
        corner = np.array([self.frame.left - self.window.left, self.frame.top - self.window.top])
        return self.frame.side / PAPER_SIZE * enlargement, corner * enlargement


def checked_size(size: int) -> int:
    """`size` if videos of so many pixels a side can be made.

    Raises:
        PhotoError: odd, or not within 64..2048.
    """
    if size % 2 or not 64 <= size <= 2048:
        raise PhotoError(f"--size takes an even number of pixels from 64 to 2048, got {size}")
    return size
