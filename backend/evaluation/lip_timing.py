"""Do lips close, bite and rest when they should, on speakers that nothing was trained on, and in noise?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from backend.alignment.forced import AlignmentError
from backend.evaluation.contact import Contact, look, pooled
from backend.evaluation.motion_model import FPS, MotionModel
from backend.evaluation.results import UNKNOWN, Result
from backend.evaluation.stage import Stage
from backend.media import SAMPLE_RATE, read_audio
from backend.speech_folder import Recording
from backend.training.phonetic.augmentation import coloured_noise, mix
from models.motion.motion import Float32Array
from models.motion.timeline import gapless
from models.speech.phones import PhoneSpan

SECTION = "lips in time"
NOISE = 10.0  # dB of speech over noise


def timing_results(
    stage: Stage, data: str, given: Sequence[Recording], untold: Sequence[MotionModel], work: Path
) -> list[Result]:
    """Rows for each model with transcripts, without, and in noise, and for the baselines.

    untold: models that make nothing of a transcript. Noisy copies are written to `work`. A recording without phone
    labels that its transcript does not fit is left out.
    """
    said, references = aligned(stage, given)
    paths = [one.path for one in said]
    texts: list[str | None] = [one.transcript for one in said]
    noisy = [noisy_copy(path, work, seed) for seed, path in enumerate(paths)]
    nothing: list[str | None] = [None] * len(paths)
    told = all(_fits(stage, one) for one in said)
    ways = {"transcript": (paths, texts)} if told else {}
    ways |= {"sound alone": (paths, nothing), f"{NOISE:g} dB noise": (noisy, nothing)}
    motions: dict[str, list[Float32Array]] = {}
    for model in (*stage.models, *untold):
        for way, (files, words) in ways.items():
            if way != "transcript" or model not in untold:
                pairs = zip(files, words, strict=True)
                motions[f"{model.name}, {way}"] = [stage.motion(model, *one).expression for one in pairs]
    motions |= stage.baselines(paths, texts if told else nothing)
    rows = []
    for system, made in motions.items():
        seen = [look(stage.gauge.lips, one, FPS, spans) for one, spans in zip(made, references, strict=True)]
        rows += timing_row(pooled(data, system, seen))
    return rows


def aligned(stage: Stage, said: Sequence[Recording]) -> tuple[list[Recording], list[list[PhoneSpan]]]:
    """The recordings whose phones are known, and the gapless phones of each: the folder's own labels, else the forced
    alignment, where the transcript fits.
    """
    kept, references = [], []
    for recording in said:
        if recording.labels is not None:
            references.append(gapless(recording.labels, stage.speech(recording.path).seconds))
        elif _fits(stage, recording):
            speech = stage.speech(recording.path, recording.transcript)
            references.append(gapless(speech.phones, speech.seconds))
        else:
            continue
        kept.append(recording)
    return kept, references


def _fits(stage: Stage, recording: Recording) -> bool:
    """Whether there is a transcript that can be aligned; one in another language than English cannot."""
    if not recording.transcript:
        return False
    try:
        stage.speech(recording.path, recording.transcript)
    except AlignmentError:
        return False
    return True


def noisy_copy(recording: Path, work: Path, seed: int) -> Path:
    """The recording under coloured noise, as a file in `work`."""
    sound = read_audio(recording)
    noise = coloured_noise(len(sound), np.random.default_rng(seed))
    path = work / f"{recording.stem}_noise.wav"
    mixed = mix(sound, noise, NOISE)
    soundfile.write(path, mixed / max(1.0, float(np.abs(mixed).max())), SAMPLE_RATE, subtype="FLOAT")
    return path


def timing_row(contact: Contact) -> list[Result]:
    """One row of the table."""
    cells = {
        "/p b m/ recall": (contact.closure_recall, contact.closure_recall_interval),
        "/p b m/ precision": (contact.closure_precision, contact.closure_precision_interval),
        "/f v/ recall": (contact.contact_recall, contact.contact_recall_interval),
        "/f v/ precision": (contact.contact_precision, UNKNOWN),
        "shut in pauses": (contact.pauses, UNKNOWN),
        "lag ms": (contact.lag_ms, contact.lag_interval),
    }
    return [Result(SECTION, contact.speech, contact.system, name, *cell) for name, cell in cells.items()]
