"""The whole way: a voice and a photo become a take.

Each step is a function of arrays with its result in the open, so that a caller can replace one (another photo for the
same voice, another style for the same phones) without repeating the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.alignment.forced import align
from backend.fitting.fit import fit_photo
from backend.landmarks import Detector
from backend.media import at_most, audio_sha256, expected_seconds, require_sound, stream_audio
from backend.motions import DEFAULT_MOTION, MOTIONS
from backend.photo import read_photo
from backend.progress import Progress, silent
from backend.texture.unwrap import albedo_texture, unwrap_photo
from models.coefficients import FPS, SLICES, Float32Array, assemble
from models.face.model import FaceModel
from models.motion.articulator import articulate
from models.motion.learned.features import Features
from models.motion.learned.model import WEIGHTS as MOTION_WEIGHTS
from models.motion.learned.model import LearnedMotion
from models.motion.motion import Motion, MotionError
from models.motion.style_choice import as_style
from models.motion.style_document import StyleDocument, parameters
from models.motion.styles import Style, checked_sliders
from models.speech.decode import decode
from models.speech.loudness import LoudnessMeter
from models.speech.phones import RATE, PhoneSpan, WordSpan
from models.speech.phonetic import PhoneticEncoder
from models.speech.whisper_encoder import file_sha256
from models.take import Take

UInt8Array = NDArray[np.uint8]

Rows = TypeVar("Rows", Float32Array, Features)
AnyStyle = str | Style | StyleDocument

TEXTURE_SIZE: Final = 1024


@dataclass(frozen=True, eq=False)
class Speech:
    """What was heard: phones and words in time (seconds), loudness (N,) at 50 per second, and the file's identity.

    features: what the learned motion hears, where it was asked for.
    """

    phones: list[PhoneSpan]
    words: list[WordSpan]
    loudness: Float32Array
    seconds: float
    facts: Mapping[str, Any]
    timing: str
    features: Features | None = None


@dataclass(frozen=True, eq=False)
class Person:
    """Who is seen: identity (80,), albedo (80,), gamma (27,), a UV texture (H, W, 3), and facts about the photo."""

    identity: Float32Array
    albedo: Float32Array
    gamma: Float32Array
    texture: UInt8Array
    facts: Mapping[str, Any] | None


@dataclass(frozen=True, eq=False)
class Performance:
    """A take with what is needed to show it."""

    take: Take
    texture: UInt8Array
    phones: list[PhoneSpan]
    words: list[WordSpan]


def animate(
    audio: Path,
    image: Path | None,
    face_model: FaceModel,
    *,
    transcript: str | None = None,
    style: AnyStyle = "neutral",
    sliders: Mapping[str, float] | None = None,
    seed: int = 0,
    detector: Detector | None = None,
    motion: str = DEFAULT_MOTION,
    progress: Progress = silent,
) -> Performance:
    """Make `face_model` say what `audio` says, in `style`, with the face of `image` (None: the average face).

    style: a preset's name, a style, or a document of one; sliders: factors 0..2 by channel (`streams.CHANNELS`);
    transcript: what is said (English); with it the phones' times come from forced alignment instead of the encoder.
    detector: finds the face in the photo (None: MediaPipe); motion: one of `motions.MOTIONS`.

    Raises:
        ValueError: an input cannot be used; the message says which and why.
    """
    as_style(style)  # refused before the long work, not after
    sliders = checked_sliders(sliders)
    learned = mover(motion, face_model)
    person = default_person(face_model) if image is None else meet(read_photo(image), face_model, detector, progress)
    speech = hear(audio, transcript=transcript, learned=learned, progress=progress)
    take = perform(
        speech, person, face_model, style=style, sliders=sliders, seed=seed, learned=learned, progress=progress
    )
    return Performance(take, person.texture, speech.phones, speech.words)


def mover(motion: str, face_model: FaceModel) -> LearnedMotion | None:
    """The learned motion on the best device, or None where `motion` names the articulator.

    Raises:
        MotionError: there is no such motion, or the face model has no lips that can be measured.
        WeightsError: the weights are missing or damaged.
    """
    if motion not in MOTIONS:
        raise MotionError(f"there is no motion {motion!r}; choose one of {', '.join(MOTIONS)}")
    return LearnedMotion.load(face_model) if motion == "learned" else None


def hear(
    audio: Path,
    *,
    transcript: str | None = None,
    encoder: PhoneticEncoder | None = None,
    learned: LearnedMotion | None = None,
    longest: float = math.inf,
    progress: Progress = silent,
) -> Speech:
    """Hear phones, words (with a transcript) and loudness in a recording, in memory that does not grow with its length.

    learned: who shall move to it, and so needs features; longest: seconds that the recording may last.

    Raises:
        AudioError: the recording cannot be read, is silent, or too long.
        AlignmentError: the transcript does not fit the recording.
    """
    meter, chunks = LoudnessMeter(), require_sound(at_most(stream_audio(audio), longest))
    words: list[WordSpan] = []
    features: Features | None = None
    if transcript is None:
        encoder, seconds = encoder or PhoneticEncoder.load(), expected_seconds(audio)
        if learned is None:
            posteriors = np.concatenate(list(_counted(encoder.stream(meter.listen(chunks)), seconds, progress)))
        else:
            features = Features.joined(list(_counted(learned.listen(encoder, meter.listen(chunks)), seconds, progress)))
            posteriors = features.posteriors
        phones = decode(posteriors)
    else:
        waveform = np.concatenate(list(_watched(meter.listen(chunks), progress)))
        alignment = align(waveform, transcript, progress)
        phones, words = alignment.phones, alignment.words
        if learned is not None:
            heard = learned.listen(encoder or PhoneticEncoder.load(), [waveform])
            features = Features.joined(list(_counted(heard, meter.seconds, progress))).said(phones)
    facts = {"name": audio.name, "sha256": audio_sha256(audio), "seconds": round(meter.seconds, 6)}
    timing = "encoder" if transcript is None else "transcript"
    return Speech(phones, words, meter.loudness, meter.seconds, facts, timing, features)


def _watched(chunks: Iterator[Float32Array], progress: Progress) -> Iterator[Float32Array]:
    """Pass chunks on and report before each, so that the reading of a long file can be broken off, too."""
    progress("align", 0, 1)
    for chunk in chunks:
        yield chunk
        progress("align", 0, 1)


def _counted(pieces: Iterator[Rows], seconds: float, progress: Progress) -> Iterator[Rows]:
    """Pass posteriors or features on and report how many seconds they cover; a file may hold more than it declares."""
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        progress("speech", int(done / RATE), max(int(seconds), int(done / RATE), 1))


def meet(
    image: UInt8Array, face_model: FaceModel, detector: Detector | None = None, progress: Progress = silent
) -> Person:
    """Fit `face_model` to a photo (H, W, 3) uint8, its face found by `detector` (None: MediaPipe), and unwrap it.

    Raises:
        FitError: no face, or one that is too small or cut off.
    """
    fit = fit_photo(image, face_model, detector, progress)
    progress("texture", 0, 1)
    texture, colours = unwrap_photo(image, fit, face_model, TEXTURE_SIZE)
    progress("texture", 1, 1)
    parts = {name: fit.coefficients[part] for name, part in SLICES.items()}
    facts = {
        "size": [image.shape[1], image.shape[0]],
        "crop": asdict(fit.crop),
        "angles": parts["angles"].tolist(),
        "translation": parts["translation"].tolist(),
        "expression": parts["expression"].tolist(),
        "colours": colours.facts(),
    }
    return Person(parts["identity"], parts["albedo"], parts["gamma"], texture, facts)


def default_person(face_model: FaceModel) -> Person:
    """The average face in even light."""
    zeros = np.zeros(80, np.float32)
    return Person(zeros, zeros, np.zeros(27, np.float32), albedo_texture(face_model, zeros, TEXTURE_SIZE), None)


def perform(
    speech: Speech,
    person: Person,
    face_model: FaceModel,
    *,
    style: AnyStyle = "neutral",
    sliders: Mapping[str, float] | None = None,
    seed: int = 0,
    learned: LearnedMotion | None = None,
    progress: Progress = silent,
) -> Take:
    """Let `person` say `speech`; `style` and `sliders` as `animate` takes them.

    learned: moves in the articulator's stead, and needs speech that was heard for it. Head pose is relative to an
    upright head; the photo's own is kept in the facts.

    Raises:
        MotionError: an unknown style or slider, a number out of its range, or speech without features.
    """
    sliders = checked_sliders(sliders)
    progress("motion", 0, 1)
    if learned is None:
        motion = _articulated(speech, face_model, as_style(style), sliders, seed)
        models = {"motion": "articulator"}
    else:
        motion = _learned(speech, learned, style, sliders, seed)
        models = {"motion": learned.name, "motion_weights": file_sha256(MOTION_WEIGHTS)}
    progress("motion", 1, 1)
    facts = _facts(speech, person, face_model, as_style(style), sliders, seed, models)
    return Take(embodied(person, motion), FPS, facts)


def embodied(person: Person, motion: Motion) -> Float32Array:
    """The coefficients (T, 257) of `person` who moves so."""
    return assemble(person.identity, motion.expression, person.albedo, motion.angles, person.gamma, motion.translation)


def _articulated(
    speech: Speech, face_model: FaceModel, style: Style, sliders: Mapping[str, float], seed: int
) -> Motion:
    return articulate(
        speech.phones,
        speech.loudness,
        speech.seconds,
        style,
        face_model.expression_names,
        seed=seed,
        fps=FPS,
        sliders=sliders,
        words=speech.words,
    )


def _learned(
    speech: Speech, learned: LearnedMotion, style: AnyStyle, sliders: Mapping[str, float], seed: int
) -> Motion:
    if speech.features is None:
        raise MotionError("this speech was heard without the learned motion's features; hear it again for them")
    return learned.move(speech.features, style, seed, sliders, FPS)


def _facts(
    speech: Speech,
    person: Person,
    face_model: FaceModel,
    style: Style,
    sliders: Mapping[str, float],
    seed: int,
    models: Mapping[str, str],
) -> dict[str, Any]:
    """Where the take comes from; no clock time, so that equal input gives equal bytes."""
    return {
        "face_model": {"name": face_model.name, "sha256": face_model.sha256},
        "audio": dict(speech.facts),
        "image": person.facts,
        "models": {**models, "timing": speech.timing, **PhoneticEncoder.hashes()},
        "style": style.name,
        "style_parameters": parameters(style),
        "sliders": dict(sliders),
        "seed": seed,
        "versions": {name: version(name) for name in ("style-avatar", "torch", "numpy")},
        "timeline": {
            "phones": [[span.label, round(span.start, 4), round(span.end, 4)] for span in speech.phones],
            "words": [[span.word, round(span.start, 4), round(span.end, 4)] for span in speech.words],
        },
    }
