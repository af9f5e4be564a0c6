"""Who stands in a photo: how much of every pixel belongs to the person (alpha), hair included.

MediaPipe's selfie segmentation, whose weights ship in its wheel, looks at the picture and once more at the head alone,
where it sees hair twice as finely; closed-form matting then decides the pixels along its edge.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compositing.closed_form import closed_form_alpha
from backend.crop import Crop
from backend.landmarks import quiet_native_log
from backend.photo import PhotoError, check_image

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

SEEN: Final = 512  # pixels a side of what the network is handed; it works on 256
SURE: Final = (0.08, 0.92)  # outside of these the network is believed, a band along its edge aside
BAND: Final = 0.012  # half the width of that band, in picture sides
SOLID: Final = (0.04, 0.96)  # what alpha is stretched from: a veil of one in thirty is noise


def person_alpha(image: UInt8Array, head: Crop) -> Float32Array:
    """Alpha (H, W) in 0..1 of the person in `image` (H, W, 3) whose head lies in the square `head`, hair included.

    Others in the picture count as background unless they touch the person.

    Raises:
        PhotoError: no person is seen where the head is.
    """
    coarse = _coarse(check_image(image), head)
    band = max(2, round(BAND * max(image.shape[:2])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    low, high = SURE
    person = _piece_of(coarse > 0.5, head)
    inside = cv2.erode(((coarse > high) & person).astype(np.uint8), disc, borderValue=(1,)) > 0
    around = cv2.dilate(((coarse > low) & (cv2.dilate(person.astype(np.uint8), disc) > 0)).astype(np.uint8), disc) > 0
    guess = np.where(around, np.where(inside, 1.0, coarse * person), 0.0).astype(np.float32)
    alpha = closed_form_alpha(image, guess, around & ~inside)
    low, high = SOLID
    return np.clip((alpha - low) / (high - low), 0, 1).astype(np.float32)


def _coarse(image: UInt8Array, head: Crop) -> Float32Array:
    """The network's probability (H, W), from the whole picture and, around the head, from nearer."""
    height, width = image.shape[:2]
    with _Segmenter() as segment:
        whole: Any = cv2.resize(segment(_fitted(image)), (width, height), interpolation=cv2.INTER_LINEAR)
        near = segment(head.pixels(image, SEEN))
    scale = SEEN / head.side
    matrix = np.array([[scale, 0, -head.left * scale], [0, scale, -head.top * scale]])
    fade: Any = np.zeros((SEEN, SEEN), np.float32)
    margin = SEEN // 8
    fade[margin:-margin, margin:-margin] = 1
    fade = cv2.blur(fade, (margin, margin))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    placed, share = (cv2.warpAffine(each, matrix, (width, height), flags=flags) for each in (near, fade))
    return np.asarray(whole + share * (placed - whole), dtype=np.float32)


def _fitted(image: UInt8Array) -> UInt8Array:
    side = min(1.0, SEEN / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * side)), max(1, round(image.shape[0] * side)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _piece_of(person: NDArray[np.bool_], head: Crop) -> NDArray[np.bool_]:
    """The connected piece of `person` (H, W) that fills most of the square `head`."""
    _, labels = cv2.connectedComponents(person.astype(np.uint8))
    height, width = person.shape
    quarter = head.side / 4
    rows = slice(max(0, int(head.top + quarter)), min(height, int(head.top + 3 * quarter)))
    columns = slice(max(0, int(head.left + quarter)), min(width, int(head.left + 3 * quarter)))
    counts = np.bincount(labels[rows, columns].ravel(), minlength=2)
    counts[0] = 0
    if not counts.any():
        raise PhotoError("no person can be told from the background of the photo; use one with a clearer background")
    return np.asarray(labels == int(counts.argmax()))


class _Segmenter:
    """MediaPipe's network, for squares and oblongs (H, W, 3) → probability (H, W)."""

    def __enter__(self) -> _Segmenter:
        from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

        with quiet_native_log():
            self._network: Any = SelfieSegmentation(model_selection=0)
            self._network.process(np.zeros((64, 64, 3), np.uint8))  # its threads write their warnings now
        return self

    def __exit__(self, *_: object) -> None:
        self._network.close()

    def __call__(self, image: UInt8Array) -> Float32Array:
        with quiet_native_log():
            found = self._network.process(np.ascontiguousarray(image)).segmentation_mask
        return np.array(found, dtype=np.float32)
