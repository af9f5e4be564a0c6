"""The shot of a clip that shows the subject: which pictures, where the head is in each, and under which light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.fitting.fit import Fit
from backend.fitting.photometric_fit import fit_appearance
from backend.landmarks import Face
from backend.progress import Progress, silent
from backend.render.view import View
from backend.style.face_track import FaceFinder, Track, follow_face
from backend.style.footage import expected_frames, stream_pictures
from backend.style.video_fit import fit_pictures
from models.coefficients import ALBEDO, ANGLES, EXPRESSION, GAMMA, IDENTITY, TRANSLATION
from models.face.camera import place
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

LONGEST: Final = 20.0  # seconds that are looked at
SHORTEST: Final = 1.0  # seconds with a face
SMOOTHING: Final = (0.5, 0.6)  # frames: expression and pose; pictures must lie where the head was
KEY_PICTURES: Final = 6
WIDER: Final = 1.6  # the bare head reaches out of the coefficients' frame
BLURRED: Final = 5.0  # pixels a picture at which a moving face's picture counts half
LARGEST_WINDOW: Final = 720  # pixels a side


@dataclass(frozen=True, eq=False)
class Shot:
    """One person in one clip.

    coefficients: (T, 257) with light (gamma) and albedo, one identity; crop: the coefficients' 224 square in the
    pictures; points: MediaPipe's (478, 3) of every picture; seconds: (T,) when each was shown.
    """

    clip: Path
    face_model: FaceModel
    coefficients: Float32Array
    crop: Crop
    points: Sequence[NDArray[np.float64]]
    seconds: NDArray[np.float64]

    @property
    def view(self) -> View:
        """The square of the pictures around the head, in which everything is looked at."""
        side = self.crop.side * WIDER
        window = Crop.around(self.crop.left + self.crop.side / 2, self.crop.top + self.crop.side / 2, side)
        return View(self.crop, window, min(round(side), LARGEST_WINDOW))

    def world(self, index: int) -> Float32Array:
        """(V, 3) the head in picture `index`."""
        row = self.coefficients[index]
        return place(self.face_model.shape(row[IDENTITY], row[EXPRESSION]), row[ANGLES], row[TRANSLATION]).astype(
            np.float32
        )

    def fit(self, index: int) -> Fit:
        """What is known of picture `index`, as of a photo."""
        points = self.points[index]
        face = Face(points[:, :2].astype(np.float32), points[:, 2].astype(np.float32), "mediapipe478", 1.0)
        return Fit(self.coefficients[index], self.crop, face, self.face_model.name, 0.0, 0.0)

    def pictures(self, indices: Sequence[int]) -> Iterator[tuple[int, UInt8Array]]:
        """The pictures (H, W, 3) of `indices`, ascending, read from the clip again: none is kept."""
        wanted = iter(indices)
        index = next(wanted, None)
        for picture in stream_pictures(self.clip, LONGEST):
            if index is None:
                return
            if picture.seconds >= self.seconds[index] - 1e-6:
                yield index, picture.image
                index = next(wanted, None)

    def steadiness(self, index: int) -> float:
        """0..1, how little picture `index` can be blurred by the face's own movement, from its points' speed."""
        before, after = max(index - 1, 0), min(index + 1, len(self.points) - 1)
        moved = np.linalg.norm((self.points[after] - self.points[before])[:, :2], axis=1)
        speed = float(np.median(moved)) / max(after - before, 1) * self.view.size / self.view.window.side
        return 1 / (1 + (speed / BLURRED) ** 2)

    def calmest(self, indices: Sequence[int]) -> int:
        """Which of `indices` shows the calmest face, straight from the front."""
        rows = self.coefficients[list(indices)]
        unrest = np.abs(rows[:, EXPRESSION]).sum(axis=1) + 8 * np.abs(rows[:, ANGLES]).sum(axis=1)
        return int(indices[int(np.argmin(unrest))])


def follow_clip(
    clip: Path, face_model: FaceModel, finder: FaceFinder, progress: Progress = silent
) -> tuple[Track, int]:
    """The subject's face in the longest shot of `clip`, and how many pixels high it is.

    Raises:
        VideoError: not a video, no face, several, one that is too small, or no second of it without a cut.
    """
    total = expected_frames(clip, LONGEST)
    pictures = stream_pictures(clip, LONGEST)
    track = follow_face(pictures, finder, total=total, progress=progress, shortest=SHORTEST)
    return track, round(track.face_size)


def shot_of(
    clip: Path, track: Track, face_model: FaceModel, *, known: int | None = None, progress: Progress = silent
) -> Shot:
    """Coefficients of every picture of `track`: identity and light are those of its first `known` pictures."""
    followed = fit_pictures(track, face_model, progress, known=known).smoothed(*SMOOTHING)
    shot = Shot(clip, face_model, followed.coefficients(), followed.crop, track.points, followed.seconds)
    return lit(shot, range(known or len(track.points)))


def lit(shot: Shot, indices: Sequence[int]) -> Shot:
    """The shot with one light and albedo, the mean of those of a few pictures."""
    chosen = [indices[i] for i in np.unique(np.linspace(0, len(indices) - 1, KEY_PICTURES).astype(int))]
    looks = [
        fit_appearance(image, shot.crop, shot.world(index), shot.face_model) for index, image in shot.pictures(chosen)
    ]
    coefficients = shot.coefficients.copy()
    coefficients[:, GAMMA] = np.mean([look.gamma for look in looks], axis=0)
    coefficients[:, ALBEDO] = np.mean([look.albedo for look in looks], axis=0)
    return replace(shot, coefficients=coefficients)
