"""The way from somebody's clip to a style document: a video, a take, or a CSV of weights."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.landmarks import MediaPipeDetector
from backend.progress import Progress, silent
from backend.style.arkit_file import read_weights
from backend.style.face_track import FaceFinder, follow_face
from backend.style.footage import expected_frames, stream_pictures
from backend.style.spoken import spoken_features
from backend.style.video_fit import fit_track
from models import take as take_file
from models.coefficients import FPS, Float32Array
from models.face import open_head
from models.face.model import FaceModel
from models.motion.motion import MotionError
from models.motion.style_document import LONGEST_NAME, LONGEST_TEXT, StyleDocument
from models.motion.style_measure import GAZE_FEATURES, POSE_FEATURES, Measured, measured_style

LONGEST: Final = 60.0  # seconds that are looked at; more says no more about a style
# ARKit has no unit for what mouthWide does, and each tracker divides the lips' movement among units in its own way.
UNLIKE_OURS: Final = frozenset({"widening", "wide_unit", "lower_unit", "upper_unit", "pucker_unit"})


def measure_style(
    clip: Path,
    *,
    name: str = "",
    face_model: FaceModel | None = None,
    finder: FaceFinder | None = None,
    progress: Progress = silent,
) -> StyleDocument:
    """The style of the person in `clip`, called `name` or after the file.

    clip: a video of one talking face, 5 to 20 s long (the longest shot of its first minute is measured), a
    `take.npz`, or a CSV of ARKit weights with timecodes; face_model: whose coefficients are measured (None: the open
    head); finder: finds faces (None: MediaPipe). No picture is kept, so memory grows by a few kB a frame.

    Raises:
        VideoError: no face, several, a small one, no shot that is long enough, or not a readable video.
        TakeError, MotionError: a take or CSV that cannot be used, or a clip in which hardly anybody talks.
    """
    face_model = face_model or open_head.load()
    ending = clip.suffix.lower()
    if ending == ".npz":
        measured, facts = _of_take(clip, face_model)
    elif ending == ".csv":
        measured, facts = _of_weights(clip, face_model)
    else:
        measured, facts = _of_video(clip, face_model, finder, progress)
    source = {"name": clip.name, "sha256": _sha256(clip), **facts}
    description = f"measured on {clip.name}, {facts['seconds']:g} s"[:LONGEST_TEXT]
    style = replace(measured.style, name=(name or clip.stem)[:LONGEST_NAME], description=description)
    return StyleDocument(style, measured.confidence, measured.measure, source)


def _of_video(
    clip: Path, face_model: FaceModel, finder: FaceFinder | None, progress: Progress
) -> tuple[Measured, dict[str, Any]]:
    pictures = stream_pictures(clip, LONGEST)
    track = follow_face(
        pictures, finder or MediaPipeDetector(), total=expected_frames(clip, LONGEST), progress=progress
    )
    coefficients = fit_track(track, face_model, progress)
    spoken = spoken_features(clip, track.seconds[0], track.length, face_model, progress)
    measured = measured_style(coefficients, face_model, seen="video", spoken=spoken)
    facts = {
        "first_second": round(track.seconds[0], 3),
        "face_pixels": round(track.face_size),
        "heard": spoken is not None,
    }
    return measured, {"kind": "video", "seconds": round(track.length, 3), **facts}


def _of_take(clip: Path, face_model: FaceModel) -> tuple[Measured, dict[str, Any]]:
    take = take_file.load(clip)
    made_for = take.meta["face_model"]["name"]
    if made_for != face_model.name:
        raise MotionError(f"the take is for the face model {made_for}; only takes of {face_model.name} can be measured")
    frames = round(min(take.seconds, LONGEST) * take.fps)
    measured = measured_style(_at_25(take.coefficients[:frames], take.fps), face_model)
    return measured, {"kind": "take", "seconds": round(frames / take.fps, 3)}


def _of_weights(clip: Path, face_model: FaceModel) -> tuple[Measured, dict[str, Any]]:
    weights = read_weights(clip, face_model.expression_names, LONGEST)
    # Where the phone stood, and the signs of its angles, are not known: only how far the head moves is.
    lacks = UNLIKE_OURS | GAZE_FEATURES | (frozenset() if weights.has_head else POSE_FEATURES)
    measured = measured_style(weights.coefficients, face_model, seen="weights", lacks=lacks, upright=False)
    return measured, {"kind": "arkit", "seconds": round(min(weights.seconds, LONGEST), 3)}


def _at_25(coefficients: Float32Array, fps: float) -> Float32Array:
    if fps == FPS:
        return coefficients
    times = np.arange(len(coefficients)) / fps
    even = np.arange(0.0, times[-1] + 1e-6, 1 / FPS)
    return np.stack([np.interp(even, times, column) for column in coefficients.T], axis=1).astype(np.float32)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
