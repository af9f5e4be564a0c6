"""From a clip of one person to a folder that `style-avatar render --subject` and the add-on use."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.landmarks import MediaPipeDetector
from backend.progress import Progress, silent
from backend.style.face_track import FaceFinder, Track
from backend.subject.evaluate import MOST_PICTURES as EVALUATED
from backend.subject.evaluate import Scores, evaluate
from backend.subject.folder import calm_picture, check_out, write_folder
from backend.subject.learn import MOST_PICTURES, Learned, learn, spread
from backend.subject.refine import refine
from backend.subject.shot import Shot, follow_clip, shot_of
from models.coefficients import ANGLES, FPS
from models.face import open_head
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

ROUNDS: Final = 2  # of refinement: the mean texture gets sharper with the fits
MEAN_OF: Final = 40  # pictures that the mean texture is made of
TEXTURE_SIZES: Final = ((300, 512), (100_000, 1024))  # up to which height of the face in pixels, how many texels
HARDLY_MOVES: Final = 0.02  # radians, deviation of the head's turn below which nothing is learned from the side


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """Which clip to learn from and which folder to make; tune: whether the neural renderer learns the person too."""

    clip: Path
    out: Path
    tune: bool = False


def learn_subject(
    request: SubjectRequest, progress: Progress = silent, finder: FaceFinder | None = None
) -> dict[str, Any]:
    """Learn the subject of a clip; returns the report's facts and the folder.

    First from the clip's first half, to see how near that comes to the second; then from all of it. Memory does not
    grow with the clip: pictures are read again. A progress that raises ends the work and leaves no folder.

    Raises:
        VideoError: the clip cannot be read, shows no face, several, a small one, or no second of one without a cut.
        SubjectError: the folder cannot be used, or the clip's face model has no moving texture.
        OSError: the folder cannot be written.
    """
    check_out(request.out)
    face_model = open_head.load()
    track, pixels = follow_clip(request.clip, face_model, finder or MediaPipeDetector(), progress)
    size = next(texels for most, texels in TEXTURE_SIZES if pixels <= most)
    half_shot, halves, scores = _judged(request.clip, track, face_model, size, progress)
    shot = shot_of(request.clip, track, face_model, progress=progress)
    everything = range(len(track.points))
    shot = refined(shot, everything, everything, progress)
    learned = learn(shot, everything, size, progress)
    facts = _facts(request.clip, shot, pixels, learned, halves, scores)
    tuned = None
    if request.tune:
        from backend.subject.tune import tune_subject  # torch, only where it is needed

        half = half_shot, halves, calm_picture(half_shot, halves)
        whole = shot, learned, calm_picture(shot, learned)
        second = spread(everything[len(everything) // 2 :], EVALUATED)
        tuned, facts["tuning"] = tune_subject(half, second, whole, progress)
        if tuned is None:
            facts["notes"].append("tuning brought no pictures nearer that it had not seen; the renderer stays as it is")
    write_folder(request.out, shot, learned, facts, scores.examples, tuned)
    return {"subject": str(request.out)} | facts


def refined(shot: Shot, known: range, indices: range | list[int], progress: Progress = silent) -> Shot:
    """`shot` with the fits of the pictures `indices` refined against the mean of `known` ones."""
    for _ in range(ROUNDS):
        shot = refine(shot, spread(known, MEAN_OF), indices, progress)
    return shot


def _judged(
    clip: Path, track: Track, face_model: FaceModel, size: int, progress: Progress
) -> tuple[Shot, Learned, Scores]:
    """The clip as its first half has it, what that teaches, and how near that comes to the second half."""
    count = len(track.points)
    half = count // 2
    first, second = spread(range(half), MOST_PICTURES), spread(range(half, count), EVALUATED)
    shot = shot_of(clip, track, face_model, known=half, progress=progress)
    shot = refined(shot, range(half), [*first, *second], progress)
    learned = learn(shot, first, size, progress)
    return shot, learned, evaluate(shot, learned, second, progress=progress)


def _facts(clip: Path, shot: Shot, pixels: int, learned: Learned, halves: Learned, scores: Scores) -> dict[str, Any]:
    gains = learned.gains.mean(axis=1)
    return {
        "clip": {"name": clip.name, "sha256": _sha256(clip), "first_second": round(float(shot.seconds[0]), 3)},
        "seconds": round(float(shot.seconds[-1] - shot.seconds[0]) + 1 / FPS, 3),
        "pictures": len(shot.seconds),
        "learned_from": len(learned.indices),
        "face_pixels": pixels,
        "texels": learned.texture.size,
        "exposure_range": [round(float(gains.min()), 3), round(float(gains.max()), 3)],
        "components": list(learned.texture.names),
        "parts": learned.parts,
        "explained": round(learned.explained, 4),
        "first_half": {"components": len(halves.texture.names), "explained": round(halves.explained, 4)},
        "second_half": scores.facts(),
        "notes": _notes(shot, learned, scores),
    }


def _notes(shot: Shot, learned: Learned, scores: Scores) -> list[str]:
    notes = []
    if not learned.texture.names:
        notes.append("nothing in the texture follows the expression clearly enough; it stays still")
    if float(np.std(shot.coefficients[:, ANGLES][:, 1])) < HARDLY_MOVES:
        notes.append("the head hardly turns in the clip; its sides are guessed from the front")
    gain = scores.gain("skin that changes")
    if learned.texture.names and (gain is None or gain < 0):
        notes.append("learned from its first half alone, the texture did not come nearer to the clip's second half")
    return notes


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
