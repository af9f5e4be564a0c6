"""Facial landmarks in pictures: MediaPipe by default, face-alignment behind the same interface.

Image frame: x to the right, y down, in pixels with edges on whole numbers (pixel (r, c) has its centre at r + 0.5).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop, at_most

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Scheme = Literal["mediapipe478", "ibug68"]

_CROP_SIZE: Final = 512
_CROP_SCALES: Final = (1.7, 2.0, 2.3)  # crop side over face-box side; the median over them steadies the points
_OVERLAP: Final = 0.5
CUT_OFF: Final = 0.03  # share of the points that may lie outside the picture


class LandmarkError(ValueError):
    """A landmark detector cannot run; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face in a picture.

    points: (n, 2) float32 image positions; depth: (n,) float32 pixels towards the camera, up to an unknown offset
    (None where the detector has none); scheme: which points they are; score: the detector's confidence, 0..1.
    """

    points: Float32Array
    depth: Float32Array | None
    scheme: Scheme
    score: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the points."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def size(self) -> float:
        """The longer side of the box in pixels."""
        left, top, right, bottom = self.box
        return max(right - left, bottom - top)


class Detector(Protocol):
    """Finds faces: an (H, W, 3) uint8 RGB picture in, faces from the largest to the smallest out."""

    def detect(self, image: UInt8Array) -> list[Face]:
        """All faces found, largest first; an empty list when there is none."""


def largest_face(detector: Detector, image: UInt8Array) -> Face | None:
    """The largest face of `image`, or None."""
    return max(detector.detect(image), key=lambda face: face.size, default=None)


def is_cut_off(points: NDArray[np.floating[Any]], image: UInt8Array) -> bool:
    """Whether more of a face's `points` (n, 2) than a few lie beyond the edge of `image` (H, W, 3)."""
    height, width = image.shape[:2]
    outside = np.any((points < 0) | (points > [width, height]), axis=1)
    return bool(outside.mean() > CUT_OFF)


class MediaPipeDetector:
    """MediaPipe Face Mesh with irises, 478 points, offline; small faces are first found by its full-range detector.

    Source: Kartynnik et al. 2019 (Face Mesh), Grishchenko et al. 2020 (attention mesh), Bazarevsky et al. 2019
    (BlazeFace). Face Mesh alone only sees faces that fill a good part of the picture, hence detect, crop, mesh.
    """

    def __init__(self, min_confidence: float = 0.5, max_faces: int = 4) -> None:
        """min_confidence: what a face must score, 0..1; max_faces: how many of the largest get a mesh."""
        self._max_faces = max_faces
        with quiet_native_log():
            from mediapipe.python.solutions import face_detection, face_mesh  # slow to load, so only when needed

            self._finder: Any = face_detection.FaceDetection(model_selection=1, min_detection_confidence=min_confidence)
            self._mesh: Any = face_mesh.FaceMesh(
                static_image_mode=True, refine_landmarks=True, max_num_faces=1, min_detection_confidence=0.3
            )
            blank = np.zeros((64, 64, 3), np.uint8)  # its threads write their warnings at the first picture
            self._finder.process(blank)
            self._mesh.process(blank)

    def detect(self, image: UInt8Array) -> list[Face]:
        """All faces found, largest first."""
        boxes = sorted(self.boxes(image), key=lambda box: -box[2])[: self._max_faces]
        faces = [face for box in boxes if (face := self._mesh_face(image, box)) is not None]
        return sorted(faces, key=lambda face: -face.size)

    def mesh(self, image: UInt8Array, crop: Crop) -> NDArray[np.float64] | None:
        """The points (478, 3) of the face in `crop`, in picture pixels, the third towards the camera; or None."""
        with quiet_native_log():
            meshes = self._mesh.process(crop.pixels(image, _CROP_SIZE)).multi_face_landmarks
        if not meshes:
            return None
        points = np.array([(p.x, p.y, -p.z) for p in meshes[0].landmark], dtype=np.float64)
        return points * crop.side + [crop.left, crop.top, 0.0]

    def boxes(self, image: UInt8Array) -> list[tuple[float, float, float, float]]:
        """Face boxes as (centre x, centre y, side, score): of the whole picture, else of ever smaller tiles."""
        for tiles in (1, 2, 4):
            found: list[tuple[float, float, float, float]] = []
            for left, top, part in _tiles(image, tiles):
                with quiet_native_log():
                    result = self._finder.process(at_most(part, 640))
                for detection in result.detections or []:
                    box = detection.location_data.relative_bounding_box
                    height, width = part.shape[:2]
                    centre = ((box.xmin + box.width / 2) * width + left, (box.ymin + box.height / 2) * height + top)
                    side = max(box.width * width, box.height * height)
                    found.append((*centre, side, float(detection.score[0])))
            if found:
                return _without_doubles(found)
            if min(image.shape[:2]) < 256 * tiles:
                break
        return []

    def _mesh_face(self, image: UInt8Array, box: tuple[float, float, float, float]) -> Face | None:
        x, y, side, score = box
        meshes = [self.mesh(image, Crop.around(x, y, scale * side)) for scale in _CROP_SCALES]
        found = [mesh for mesh in meshes if mesh is not None]
        if not found:
            return None
        steady = np.median(found, axis=0).astype(np.float32)
        return Face(steady[:, :2].copy(), steady[:, 2].copy(), "mediapipe478", score)


class FaceAlignmentDetector:
    """The `face-alignment` package: S3FD and 2DFAN-4, iBUG's 68 points (Bulat and Tzimiropoulos 2017)."""

    def __init__(self, *, allow_download: bool = False, device: str = "cpu") -> None:
        """allow_download: let the package fetch its weights (about 180 MB) if they are not there yet.

        Raises:
            LandmarkError: the package is not installed, or its weights are missing and may not be fetched.
        """
        try:
            import face_alignment
        except ImportError as error:
            raise LandmarkError(
                "face-alignment is not installed; run `pip install style-avatar[landmarks-fan]` or use mediapipe"
            ) from error
        if not allow_download:
            _require_fan_weights()
        self._network: Any = face_alignment.FaceAlignment(face_alignment.LandmarksType.TWO_D, device=device)

    def detect(self, image: UInt8Array) -> list[Face]:
        """All faces found, largest first."""
        found: Any = self._network.get_landmarks(image, return_landmark_score=True)
        if found is None or found[0] is None:
            return []
        points, scores, _ = found
        # Its heat-map positions name pixel centres by whole numbers; ours name edges.
        faces = [
            Face(each.astype(np.float32) + 0.5, None, "ibug68", float(np.clip(np.mean(score), 0, 1)))
            for each, score in zip(points, scores, strict=True)
        ]
        return sorted(faces, key=lambda face: -face.size)


def make_detector(name: str = "mediapipe", *, allow_download: bool = False) -> Detector:
    """The detector called `name`: "mediapipe" or "face-alignment".

    Raises:
        LandmarkError: no such detector, or it cannot run here.
    """
    if name == "mediapipe":
        return MediaPipeDetector()
    if name == "face-alignment":
        return FaceAlignmentDetector(allow_download=allow_download)
    raise LandmarkError(f"there is no landmark detector {name!r}; choose mediapipe or face-alignment")


def _require_fan_weights() -> None:
    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    missing = [name for name in ("s3fd", "2DFAN4") if not list(folder.glob(f"{name}*"))]
    if missing:
        raise LandmarkError(
            f"face-alignment has no weights for {' and '.join(missing)} in {folder}; allow the download "
            "(--allow-download) or use mediapipe"
        )


def _tiles(image: UInt8Array, count: int) -> Iterator[tuple[int, int, UInt8Array]]:
    """Left, top and pixels of count x count tiles that overlap by half (one tile: the picture)."""
    height, width = image.shape[:2]
    if count == 1:
        yield 0, 0, image
        return
    tile_h, tile_w = (int(np.ceil(side / (1 + (count - 1) * _OVERLAP))) for side in (height, width))
    for top in np.linspace(0, height - tile_h, count).astype(int):
        for left in np.linspace(0, width - tile_w, count).astype(int):
            yield int(left), int(top), np.ascontiguousarray(image[top : top + tile_h, left : left + tile_w])


def _without_doubles(boxes: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """The best-scoring of boxes whose centres lie within half a side of each other (overlapping tiles see twice)."""
    kept: list[tuple[float, float, float, float]] = []
    for box in sorted(boxes, key=lambda box: -box[3]):
        if all(np.hypot(box[0] - k[0], box[1] - k[1]) > 0.5 * max(box[2], k[2]) for k in kept):
            kept.append(box)
    return kept


@contextmanager
def quiet_native_log() -> Iterator[None]:
    """Drop what MediaPipe's native code writes to standard error on its way up (delegates, feedback tensors)."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
