"""Which pixels of a photo become the drawn face: bare skin well inside of the face's outline."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

ROOM: Final = 0.15  # face widths around the face that it may turn and open into
INSET: Final = 0.05  # face widths by which the blend stays inside of the outline
FEATHER: Final = 0.05  # face widths over which it fades
FOREHEAD: Final = 0.45  # how far above the brows the face reaches, in heights from chin to brow
FOLDS: Final = 0.12  # face widths that a fold of the cheek may cut into the skin that is found

Tile = tuple[int, int, int]
"""Top, left and side of a square of the frame, in pixels."""


def face_width(outline: Float32Array) -> float:
    """Pixels from ear to ear, of the 68 points (68, 2)."""
    return float(np.linalg.norm(outline[16] - outline[0]))


def blend_mask(skin: Float32Array, outline: Float32Array) -> Float32Array:
    """(S, S) 0..1: where the frame at rest shows the face's bare skin, faded towards its border.

    skin: (S, S) 0..1, where the photo shows skin and not hair; outline: the 68 points (68, 2) in the frame.
    """
    width = face_width(outline)
    brows = outline[17:27]
    up = (brows.mean(axis=0) - outline[8]) * FOREHEAD
    face: Any = _filled(np.concatenate([outline, brows + up]), skin.shape)
    features: Any = cv2.dilate(_filled(outline[17:], skin.shape), _disc(INSET * width))
    face &= (skin > 0.5).astype(np.uint8) | features  # folds around the features pass for something else than skin
    face = cv2.morphologyEx(face, cv2.MORPH_CLOSE, _disc(FOLDS * width))
    face = cv2.erode(face, _disc(INSET * width), borderValue=(0,))
    return np.asarray(cv2.GaussianBlur(face.astype(np.float32), (0, 0), FEATHER * width / 2))


def tile_around(face: NDArray[np.bool_], width: float) -> Tile:
    """The even square around `face` (S, S) with room to move; `width` is the face's in pixels."""
    size = len(face)
    rows, columns = np.nonzero(face)
    room = float(max(np.ptp(rows), np.ptp(columns))) + 2 * ROOM * width
    side = min(size, 2 * int(np.ceil(room / 2)))
    corner = np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2 - side / 2
    top, left = np.clip(corner.round().astype(int), 0, size - side)
    return int(top), int(left), int(side)


def _filled(points: Float32Array, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """1 inside the convex hull of `points` (n, 2)."""
    mask = np.zeros(shape, np.uint8)
    hull = cv2.convexHull(points.astype(np.float32))
    cv2.fillConvexPoly(mask, (hull * 16).round().astype(np.int32), (1,), shift=4)
    return mask


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)
