"""One face followed through a video: MediaPipe's points in every frame of the longest unbroken shot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.landmarks import is_cut_off
from backend.media import VideoError
from backend.progress import Progress, silent
from backend.style.footage import Picture, UInt8Array

FloatArray = NDArray[np.float64]
Box = tuple[float, float, float, float]

SHORTEST: Final = 5.0  # seconds of one shot with one face
SMALLEST_FACE: Final = 64.0  # pixels
ROOM: Final = 2.0  # side of the crop over that of the face
LOST: Final = 0.4  # seconds without the face that are bridged
JUMP: Final = 0.5  # face sizes between two frames: another shot, or another person
CUT: Final = 26.0  # of 255, mean change of the picture between frames of different shots
LOOK_AROUND: Final = 0.5  # seconds between looks for other faces
OTHER_FACE: Final = 0.5  # of the followed face's size: one that small is in the background
OTHERS_ALLOWED: Final = 0.2  # share of the looks that may see another face
CUT_ALLOWED: Final = 0.25  # share of the pictures that may cut the face off: somebody who leans out for a moment


class FaceFinder(Protocol):
    """What finds faces: `backend.landmarks.MediaPipeDetector`."""

    def boxes(self, image: UInt8Array) -> list[Box]:
        """Faces as (centre x, centre y, side, score) in pixels."""

    def mesh(self, image: UInt8Array, crop: Crop) -> FloatArray | None:
        """The points (478, 3) of the face in `crop`, in picture pixels, or None."""


@dataclass(eq=False)
class Track:
    """One shot: times (T,) in seconds and the face's points (T, 478, 3) in picture pixels, z towards the camera.

    looks, crowded: how often other faces were looked for and seen; cut_off: pictures whose edge cuts the face off.
    """

    seconds: list[float] = field(default_factory=list)
    points: list[FloatArray] = field(default_factory=list)
    looks: int = 0
    crowded: int = 0
    cut_off: int = 0

    @property
    def length(self) -> float:
        """Seconds from the first frame to the last."""
        return self.seconds[-1] - self.seconds[0] if self.seconds else 0.0

    @property
    def face_size(self) -> float:
        """Typical longer side of the face's box in pixels."""
        return float(np.median([_box(points)[2] for points in self.points[::10]]))


def follow_face(
    pictures: Iterable[Picture],
    finder: FaceFinder,
    *,
    total: int = 0,
    progress: Progress = silent,
    shortest: float = SHORTEST,
) -> Track:
    """The longest shot of `pictures` that shows one face; memory grows only by the points.

    Raises:
        VideoError: no face, more than one, one that is too small or cut off by the edge, or no shot of `shortest`
            seconds; says which.
    """
    shots = _Shots(finder)
    seen = 0
    for seen, picture in enumerate(pictures, start=1):
        shots.add(picture)
        progress("face", seen, max(total, seen))
    progress("face", seen, max(seen, 1))
    return _longest(shots, shortest)


class _Shots:
    """Takes pictures one by one and keeps the points of each unbroken shot."""

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self.found: list[Track] = []
        self.faces = 0
        self.end = 0.0
        self._thumbnail: NDArray[np.float32] | None = None
        self._next_look = 0.0

    def add(self, picture: Picture) -> None:
        self.end = picture.seconds
        points = self._points(picture.image)
        if self._is_cut(picture.image):
            self.found.append(Track())
        if points is None:
            return
        self.faces += 1
        shot = self._shot_for(picture.seconds, points)
        shot.seconds.append(picture.seconds)
        shot.points.append(points)
        shot.cut_off += is_cut_off(points[:, :2], picture.image)
        if picture.seconds >= self._next_look:
            self._next_look = picture.seconds + LOOK_AROUND
            shot.looks += 1
            shot.crowded += self._others(picture.image, points)

    def _points(self, image: UInt8Array) -> FloatArray | None:
        """The points of the face that was followed so far, or else of the largest."""
        if self.found and self.found[-1].points:
            x, y, side = _box(self.found[-1].points[-1])
            points = self._finder.mesh(image, Crop.around(x, y, ROOM * side))
            if points is not None:
                return points
        boxes = sorted(self._finder.boxes(image), key=lambda box: -box[2])
        if not boxes:
            return None
        x, y, side, _ = boxes[0]
        return self._finder.mesh(image, Crop.around(x, y, ROOM * side))

    def _is_cut(self, image: UInt8Array) -> bool:
        small = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._thumbnail = self._thumbnail, small
        return before is not None and float(np.abs(small - before).mean()) > CUT

    def _shot_for(self, seconds: float, points: FloatArray) -> Track:
        last = self.found[-1] if self.found else None
        if last is None or (last.points and self._is_elsewhere(last, seconds, points)):
            self.found.append(Track())
        return self.found[-1]

    def _is_elsewhere(self, shot: Track, seconds: float, points: FloatArray) -> bool:
        if seconds - shot.seconds[-1] > LOST:
            return True
        moved = np.linalg.norm((points - shot.points[-1])[:, :2], axis=1).mean()
        return bool(moved > JUMP * _box(points)[2])

    def _others(self, image: UInt8Array, points: FloatArray) -> bool:
        x, y, side = _box(points)
        return any(
            box[2] > OTHER_FACE * side and np.hypot(box[0] - x, box[1] - y) > 0.6 * side
            for box in self._finder.boxes(image)
        )


def _longest(shots: _Shots, shortest: float) -> Track:
    found = [shot for shot in shots.found if shot.points]
    if not found:
        message = "no face was found in the video; use one that shows a face from the front, well lit"
        raise VideoError(message, "video_no_face")
    if shots.end < shortest:
        message = f"the video lasts {shots.end:.1f} s; {shortest:g} to 20 s of somebody talking are needed"
        raise VideoError(message, "video_too_short", seconds=round(shots.end, 1), least=shortest)
    longest = max(found, key=lambda shot: shot.length)
    if longest.length < shortest:
        raise VideoError(
            f"the face is never seen for {shortest:g} s on end: the video has {len(found)} shots with a face, the "
            f"longest of {longest.length:.1f} s; use one without cuts in which the face stays in view",
            "video_cuts",
            shots=len(found),
            seconds=round(longest.length, 1),
            least=shortest,
        )
    if longest.crowded > OTHERS_ALLOWED * longest.looks:
        message = "the video shows more than one face; crop it so that only the person to measure is in view"
        raise VideoError(message, "video_several_faces")
    if longest.face_size < SMALLEST_FACE:
        raise VideoError(
            f"the face is {longest.face_size:.0f} pixels high, at least {SMALLEST_FACE:.0f} are needed; "
            "use a larger video or one taken from nearer",
            "video_small_face",
            pixels=round(longest.face_size),
            least=round(SMALLEST_FACE),
        )
    if longest.cut_off > CUT_ALLOWED * len(longest.points):
        raise VideoError(
            f"the edge of the video cuts off the face in {longest.cut_off} of {len(longest.points)} pictures; use a "
            "video that shows it whole, with some room around",
            "video_face_cut_off",
            pictures=longest.cut_off,
            total=len(longest.points),
        )
    return longest


def _box(points: FloatArray) -> tuple[float, float, float]:
    """Centre x, centre y and longer side of the points' box."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2), float((high - low).max())
