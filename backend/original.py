"""The original's way: a voice and a photo become a take of the Basel model, as in Wu et al. 2021 (SPEC 2 to 9).

Photo: landmarks, five points, the aligned square, R-Net. Voice: DeepSpeech's letters and energy at 50 per second,
then the style-fusion network along the clip. The expression moves, and the head where its pose network is there; all
else stays the photo's (SPEC 2, 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.fitting.align5 import Floats, align, five_points
from backend.fitting.fit import Fit
from backend.landmarks import Detector, Face, LandmarkError, largest_face
from backend.media import SAMPLE_RATE, audio_sha256, check_speech_level, read_audio
from backend.original_frames import parts_of, placed
from backend.photo import check_image, read_photo
from backend.progress import Progress, silent
from backend.raster.compat_images import PAPER_CAMERA
from models.coefficients import FPS, Float32Array, assemble
from models.face.bfm09 import Bfm09
from models.motion.pose_network import PoseNetwork, turned_about
from models.motion.sliding import slide, slide_compat
from models.motion.style_code import EXPRESSION_WIDTH, check_code
from models.motion.style_fusion import StyleFusionError, StyleFusionModel
from models.reconstruction.r_net import RNet
from models.speech.deepspeech.network import DeepSpeechNetwork, letter_probabilities
from models.speech.deepspeech.sound import Sound, listen, read_wav
from models.speech.energy import energy
from models.take import Take

UInt8Array = NDArray[np.uint8]

# Where MediaPipe's mesh has the corners of both eyes, the tip of the nose and the corners of the mouth.
MEDIAPIPE_EYES: Final = ((33, 133), (362, 263))
MEDIAPIPE_NOSE_AND_MOUTH: Final = (1, 61, 291)
NOT_MEASURED: Final = (np.nan, np.nan)  # the fit's errors: the R-Net sees no landmarks


@dataclass(frozen=True, eq=False)
class OriginalFamily:
    """The loaded networks and the face model that belong together.

    motion: the network of 64 expressions; standard_face: five points (5, 3) (`align5.standard_face`); hashes: SHA-256
    of the networks' files by name, for the take's record; pose: without it the head keeps still, as in the original's
    demo.
    """

    face: Bfm09
    reconstruction: RNet
    speech: DeepSpeechNetwork
    motion: StyleFusionModel
    standard_face: Floats
    hashes: Mapping[str, str] = field(default_factory=dict)
    pose: PoseNetwork | None = None


@dataclass(frozen=True, eq=False)
class OriginalPerson:
    """Who is seen: what the R-Net reads off the photo, and the aligned photo (224, 224, 3) uint8 RGB."""

    fit: Fit
    photo: UInt8Array
    facts: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class OriginalPerformance:
    """A take and the person in it."""

    take: Take
    person: OriginalPerson


def animate(
    audio: Path,
    image: Path,
    family: OriginalFamily,
    style: Float32Array,
    detector: Detector,
    progress: Progress = silent,
    *,
    compat: bool = False,
) -> OriginalPerformance:
    """Make the face of the photo `image` say what `audio` says, with the style code `style` (135,).

    With `compat` everything between the two is the original's, its defects too: DeepSpeech hears channel 0 of a 16-bit
    WAV file at the file's own rate, the last window counts several times, and a pose network's pose replaces the
    photo's instead of moving about it (SPEC 1.3, 2, 9).

    Raises:
        ValueError: an input cannot be used; the message says which and why.
    """
    code = check_code(style)
    person = meet(read_photo(image), family, detector, progress)
    voice = read_audio(audio)
    motion = perform(voice, family, code, progress, listen(*read_wav(audio), compat=True) if compat else None)
    still = parts_of(person.fit.coefficients)
    coefficients = assemble(**{**still, **(motion if compat else _about_the_photo(motion, still))})
    model = family.face.model
    facts = {
        "face_model": {"name": model.name, "sha256": model.sha256},
        "audio": {"name": audio.name, "sha256": audio_sha256(audio), "seconds": round(len(voice) / SAMPLE_RATE, 6)},
        "image": dict(person.facts),
        "models": {
            "motion": "style-fusion",
            **({} if family.pose is None else {"pose": "pose-fusion"}),
            **family.hashes,
        },
        "compat": compat,
        "style": code.tolist(),
        "versions": {name: version(name) for name in ("style-avatar", "torch", "numpy")},
    }
    return OriginalPerformance(Take(coefficients, FPS, facts), person)


class Seeing(Protocol):
    """The models of a family that see a face in a photo."""

    @property
    def face(self) -> Bfm09:
        """The face model."""

    @property
    def reconstruction(self) -> RNet:
        """What reads coefficients off the aligned photo."""

    @property
    def standard_face(self) -> Floats:
        """Five points (5, 3)."""


def meet(image: UInt8Array, family: Seeing, detector: Detector, progress: Progress = silent) -> OriginalPerson:
    """Reconstruct the largest face in a picture (H, W, 3) uint8 RGB.

    Raises:
        LandmarkError: no face, or the R-Net sees it elsewhere than in the aligned photo.
        AlignmentError: a face too small to align.
    """
    progress("photo", 0, 1)
    face = largest_face(detector, check_image(image))
    if face is None:
        raise LandmarkError("no face was found in the photo; choose one that shows a face from the front")
    height, width = image.shape[:2]
    alignment = align(points_of(face), family.standard_face, width, height)
    photo = alignment.image(image)
    coefficients = family.reconstruction.coefficients(photo[None])[0]
    _check_in_sight(coefficients, family.face)
    fit = Fit(coefficients, alignment.crop, face, family.face.model.name, *NOT_MEASURED)
    progress("photo", 1, 1)
    return OriginalPerson(fit, photo, {"size": [width, height], "trans_params": alignment.parameters.tolist()})


def perform(
    waveform: Float32Array,
    family: OriginalFamily,
    style: Float32Array,
    progress: Progress = silent,
    compat_sound: Sound | None = None,
) -> dict[str, Float32Array]:
    """Expression (T, 64) at 25 per second for a voice (N,) at 16 kHz; T is half its number of 20 ms frames.

    A family with a pose network gives angles (T, 3) in radians and translation (T, 3), too, both relative to the
    clip's mean. `compat_sound` is what DeepSpeech hears instead of the voice, in the original's schedule of windows; T
    follows it.

    Raises:
        AudioError: silence.
        SoundError, SlidingError: too short.
        StyleFusionError: the family's motion network predicts pose.
    """
    if family.motion.outputs != EXPRESSION_WIDTH:
        raise StyleFusionError("expected the network of expressions, got the one of poses")
    check_speech_level(waveform)
    progress("speech", 0, 1)
    schedule = slide_compat if compat_sound else slide
    letters = letter_probabilities(family.speech, compat_sound or Sound(waveform)).numpy(force=True)
    heard = letters, energy(waveform)
    progress("speech", 1, 1)
    motion = {"expression": schedule(family.motion.predict_each, *heard, style)}
    if family.pose is not None:
        pose = family.pose.decode(schedule(family.pose.model.predict_each, *heard, style))
        motion |= dict(zip(("angles", "translation"), pose, strict=True))
    progress("motion", 1, 1)
    return motion


def _about_the_photo(motion: Mapping[str, Float32Array], still: Mapping[str, Float32Array]) -> dict[str, Float32Array]:
    """The motion with its pose, if any, about the photo's `still` pose, as if that were the mean of its clip."""
    if "angles" not in motion:
        return dict(motion)
    angles = turned_about(motion["angles"], still["angles"])
    return {**motion, "angles": angles, "translation": still["translation"] + motion["translation"]}


def _check_in_sight(coefficients: Float32Array, face: Bfm09) -> None:
    """Refuse coefficients that put the middle of the face outside of the picture they were read from."""
    middle = PAPER_CAMERA.image_points(face.model.landmarks68.of(placed(coefficients, face)))[17:].mean(axis=0)
    if not ((middle > 0) & (middle < PAPER_CAMERA.size)).all():
        raise LandmarkError(
            "the R-Net places the face outside of the photo; choose another photo, or add the models r-net and "
            "standard-face again, as they may not belong together"
        )


def points_of(face: Face) -> Floats:
    """The alignment's five points (5, 2) of a detected face; its pixels have centres on whole numbers."""
    points = face.points - 0.5
    if face.scheme == "ibug68":
        return five_points(points)
    eyes = [points[list(pair)].mean(axis=0) for pair in MEDIAPIPE_EYES]
    return np.stack([*eyes, *points[list(MEDIAPIPE_NOSE_AND_MOUTH)]])
