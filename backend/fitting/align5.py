"""The paper's alignment: five landmarks bring a photo or a video to the 224 square its networks know (SPEC 7).

Points are (x right, y down) in pixels, the first pixel's centre at 0. An affine camera is fitted to five points of a
standard face; its scale makes all faces equally large, its offset brings the standard face's origin to the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.crop import Crop
from models.face.matlab_file import MatlabFileError, read_matrices

UInt8Array = NDArray[np.uint8]
Float64Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

SIZE: Final = 224
FACE_SCALE: Final = 102.0  # pixels a unit of the standard face measures after alignment
LARGEST_SIDE: Final = 20_000  # of the scaled picture; a face small enough to need more shows nothing
_OUTER_LIPS: Final = slice(48, 60)


class AlignmentError(ValueError):
    """Landmarks or a picture cannot be aligned; the message says what was expected."""


def five_points(landmarks: Floats) -> Floats:
    """(..., 5, C) of iBUG's 68 `landmarks` (..., 68, C): the eyes (left in the picture first), nose, mouth corners.

    Raises:
        AlignmentError: there are not 68 landmarks.
    """
    if landmarks.ndim < 2 or landmarks.shape[-2] != 68:
        raise AlignmentError(f"expected landmarks of shape (..., 68, coordinates), got {landmarks.shape}")
    eyes = [landmarks[..., pair, :].mean(axis=-2) for pair in ([36, 39], [42, 45])]
    return np.stack([*eyes, *(landmarks[..., one, :] for one in (30, 48, 54))], axis=-2)


def standard_face(path: str | Path) -> Floats:
    """The standard face's five points (5, 3) from the user's `similarity_Lm3D_all.mat`.

    Raises:
        AlignmentError: the file cannot be read or holds no 68 points.
    """
    try:
        points = read_matrices(Path(path).read_bytes(), ["lm"])["lm"]
    except (OSError, MatlabFileError, KeyError) as error:
        raise AlignmentError(f"{path} is not a similarity_Lm3D_all.mat ({error})") from error
    if points.shape != (68, 3) or points.dtype.kind != "f":
        raise AlignmentError(f"expected {path} to hold lm, real numbers of shape (68, 3)")
    return five_points(points)


@dataclass(frozen=True)
class Alignment:
    """How one picture of `width` x `height` pixels is brought to the 224 square.

    scale: picture pixels a unit of the standard face measures; offset_x, offset_y: where its origin falls, y counted
    upwards from the bottom row.
    """

    width: int
    height: int
    scale: float
    offset_x: float
    offset_y: float

    @property
    def parameters(self) -> Float64Array:
        """What the original calls trans_params (5,): width, height, enlargement, offset x and y."""
        return np.array([self.width, self.height, FACE_SCALE / self.scale, self.offset_x, self.offset_y])

    def image(self, picture: UInt8Array) -> UInt8Array:
        """The aligned square (224, 224, 3) of `picture` (H, W, 3), channels in the same order; black outside.

        Raises:
            AlignmentError: `picture` is not the 8-bit picture this alignment was made for.
        """
        if picture.shape != (self.height, self.width, 3) or picture.dtype != np.uint8:
            raise AlignmentError(
                f"expected a picture of shape ({self.height}, {self.width}, 3), uint8, "
                f"got {picture.shape}, {picture.dtype}"
            )
        left, top = self._corner()
        scaled = Image.fromarray(picture).resize(self._scaled_size(), Image.Resampling.BICUBIC)
        return np.array(scaled.crop((left, top, left + SIZE, top + SIZE)))

    @property
    def crop(self) -> Crop:
        """Where the square of `image` lies in the picture; exact along x, along y up to the scaled size's rounding."""
        left, top = self._corner()
        enlargement = self._scaled_size()[0] / self.width
        return Crop(left / enlargement, top / enlargement, SIZE / enlargement)

    def points(self, points: Floats) -> Float64Array:
        """Where picture `points` (..., 2) fall in the square; up to a pixel off `image`, which truncates offsets."""
        upwards = _upwards(points, self.height)
        middle = np.array([self.width / 2 - self.offset_x, self.height / 2 - self.offset_y])
        corner = np.array(self._scaled_size()) / 2 - SIZE / 2
        placed = (upwards + middle) / self.scale * FACE_SCALE - corner
        return _upwards(placed, SIZE)

    def _corner(self) -> tuple[int, int]:
        """Left and top edge of the square in the scaled picture."""
        width, height = self._scaled_size()
        left = int(width / 2 - SIZE / 2 + (self.offset_x - self.width / 2) * FACE_SCALE / self.scale)
        top = int(height / 2 - SIZE / 2 + (self.height / 2 - self.offset_y) * FACE_SCALE / self.scale)
        return left, top

    def _scaled_size(self) -> tuple[int, int]:
        return int(self.width / self.scale * FACE_SCALE), int(self.height / self.scale * FACE_SCALE)


def align(points: Floats, standard: Floats, width: int, height: int) -> Alignment:
    """The alignment of one picture from its five `points` (5, 2) and those of the `standard` face (5, 3).

    Raises:
        AlignmentError: wrong shapes, NaN, points that coincide, or a face too small to enlarge.
    """
    return align_video(np.asarray(points)[None], standard, width, height)[0]


def align_video(points: Floats, standard: Floats, width: int, height: int) -> list[Alignment]:
    """The alignments of a video's frames from `points` (T, 5, 2): each its own offset, all the mean scale.

    Raises:
        AlignmentError: wrong shapes, no frames, NaN, points that coincide, or a face too small to enlarge.
    """
    points = np.asarray(points)
    if points.ndim != 3 or points.shape[1:] != (5, 2) or len(points) == 0:
        raise AlignmentError(f"expected landmarks of shape (frames, 5, 2), got {points.shape}")
    if np.shape(standard) != (5, 3):
        raise AlignmentError(f"expected five points of the standard face, (5, 3), got {np.shape(standard)}")
    if not np.isfinite(points).all():
        raise AlignmentError("landmarks hold NaN or infinity; was a face found in every frame?")
    offsets, scales = zip(*(_affine_camera(_upwards(frame, height), standard) for frame in points), strict=True)
    scale = float(np.mean(scales))
    if max(width, height) * FACE_SCALE > LARGEST_SIDE * scale:
        raise AlignmentError("the face is too small or its landmarks coincide; crop the picture closer to the face")
    return [Alignment(width, height, scale, float(x), float(y)) for x, y in offsets]


def mouth_mask(landmarks: Floats) -> UInt8Array:
    """255 inside the outer lips, 0 outside (224, 224), for aligned `landmarks` (68, 2); positions are truncated.

    The original aligned a video's mouths by each frame's own scale (`align`), its frames by the mean scale
    (`align_video`), so that the two disagree slightly (SPEC 13.11).
    """
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    cv2.fillPoly(mask, [landmarks[_OUTER_LIPS].astype(np.int32)], (255,))
    return mask


def _affine_camera(points: Float64Array, standard: Floats) -> tuple[Sequence[float], float]:
    """Offset (2,) and scale of the affine camera that maps `standard` (5, 3) to `points` (5, 2), by least squares."""
    design = np.concatenate([np.asarray(standard, dtype=np.float64), np.ones((5, 1))], axis=1)
    rows = np.linalg.lstsq(design, points, rcond=None)[0].T
    return rows[:, 3], float(np.linalg.norm(rows[:, :3], axis=1).mean())


def _upwards(points: Floats, height: int) -> Float64Array:
    """`points` (..., 2) with y counted from the other end of `height` rows."""
    return np.stack([points[..., 0], height - 1 - points[..., 1]], axis=-1).astype(np.float64)
