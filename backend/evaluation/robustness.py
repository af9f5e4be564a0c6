"""What lips and head do when nobody speaks, or somebody speaks over something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from backend.evaluation.contact import look, pooled
from backend.evaluation.disturbances import SOUNDS, at_level, room
from backend.evaluation.lip_timing import aligned
from backend.evaluation.motion_model import FPS, MotionModel
from backend.evaluation.results import UNKNOWN, Result
from backend.evaluation.stage import Stage
from backend.media import SAMPLE_RATE, read_audio
from backend.speech_folder import Recording
from backend.training.phonetic.augmentation import mix
from models.motion.lip_sync import runs
from models.motion.motion import Float32Array, Motion

Waveform = NDArray[np.float32]

QUIET: Final = "nobody speaks"
OVER: Final = "somebody speaks over it"
PAUSES: Final = "pauses of 3 s in speech"
OPEN_MM: Final = 1.0  # a lip gap that is seen as open
ENDS: Final = 0.2  # seconds at either end that should be at rest
PAUSE: Final = 3.0  # seconds of a quiet room put between sentences
EDGE: Final = 0.35  # seconds of it at either end in which a mouth may close and open
LOUDNESS: Final = -25.0  # dBFS of speech
OVER_DB: Final = 10.0  # of speech over what goes on beside it


@dataclass(frozen=True)
class Restlessness:
    """open: share of frames with the lips more than `OPEN_MM` apart; openings: how often they part, per second; jaw:
    how far jawOpen travels, weight per second; ends: widest lip gap in mm in the first and last `ENDS` seconds; head:
    largest angle in degrees there.
    """

    open: float
    openings: float
    jaw: float
    ends: float
    head: float


def restlessness(stage: Stage, motion: Motion, where: Sequence[tuple[float, float]] | None = None) -> Restlessness:
    """How a motion moves, all of it or the stretches `where` (seconds)."""
    times = np.arange(len(motion.expression)) / FPS
    judged = np.ones(len(times), bool) if where is None else np.zeros(len(times), bool)
    for start, end in where or ():
        judged |= (times >= start) & (times < end)
    gap = np.maximum(stage.gauge.lips.lip_gap(motion.expression), 0.0)
    opened = gap > OPEN_MM
    seconds = max(judged.sum(), 1) / FPS
    frames = round(ENDS * FPS) + 1
    jaw = np.abs(np.diff(motion.expression[:, stage.gauge.jaw], prepend=motion.expression[:1, stage.gauge.jaw]))
    return Restlessness(
        open=float(opened[judged].mean()),
        openings=sum(bool(judged[first]) for first, _ in runs(opened)) / seconds,
        jaw=float(jaw[judged].sum() / seconds),
        ends=float(max(gap[:frames].max(), gap[-frames:].max())),
        head=float(np.degrees(max(np.abs(motion.angles[:frames]).max(), np.abs(motion.angles[-frames:]).max()))),
    )


def sounds(seconds: float, music: Sequence[Path]) -> Iterator[tuple[str, Waveform]]:
    """What is no speech, by name: `disturbances`, and so many seconds from within each piece of music."""
    samples = round(seconds * SAMPLE_RATE)
    for seed, (name, make) in enumerate(SOUNDS.items()):
        yield name, make(samples, np.random.default_rng(seed))
    for path in music:
        sound = read_audio(path)
        start = max((len(sound) - samples) // 2, 0)
        yield f"music: {path.stem}", sound[start : start + samples]


def quiet_results(stage: Stage, seconds: float, music: Sequence[Path], work: Path) -> Iterator[Result]:
    """A row for each sound in which nobody speaks and each model."""
    for name, sound in sounds(seconds, music):
        path = _written(work / f"{_slug(name)}.wav", sound)
        for model in stage.models:
            yield from _row(QUIET, name, model.name, restlessness(stage, stage.motion(model, path)))


def pause_results(stage: Stage, said: Sequence[Recording], work: Path) -> Iterator[Result]:
    """A row for each model on sentences with `PAUSE` seconds of a quiet room between them: what it does there, and, as
    what to compare with, in the sentences.
    """
    generator = np.random.default_rng(0)
    pieces, pauses, sentences, now = [], [], [], 0.0
    for recording in said:
        silence = room(round(PAUSE * SAMPLE_RATE), generator)
        pauses.append((now + EDGE, now + PAUSE - EDGE))
        speech = at_level(read_audio(recording.path).astype(np.float64), LOUDNESS)
        now += PAUSE
        sentences.append((now, now + len(speech) / SAMPLE_RATE))
        now = sentences[-1][1]
        pieces += [silence, speech]
    pieces.append(room(round(ENDS * SAMPLE_RATE) + SAMPLE_RATE // 4, generator))
    path = _written(work / "pauses.wav", np.concatenate(pieces))
    for model in stage.models:
        motion = stage.motion(model, path)
        yield from _row(QUIET, PAUSES, model.name, restlessness(stage, motion, pauses))
        yield from _row(QUIET, "the speech between them", model.name, restlessness(stage, motion, sentences))


def over_results(stage: Stage, given: Sequence[Recording], music: Sequence[Path], work: Path) -> Iterator[Result]:
    """Lips in time for each model without a transcript, clean and with each sound of `sounds` 10 dB below."""
    said, references = aligned(stage, given)
    beside = {"clean": None, **dict(_beside(music))}
    for name, sound in beside.items():
        for model in stage.models:
            seen = []
            for number, (recording, spans) in enumerate(zip(said, references, strict=True)):
                path = recording.path if sound is None else _mixed(recording.path, name, sound, number, work)
                seen.append(look(stage.gauge.lips, _moved(stage, model, path), FPS, spans))
            contact = pooled(name, model.name, seen)
            cells = {
                "/p b m/ recall": (contact.closure_recall, contact.closure_recall_interval),
                "/p b m/ precision": (contact.closure_precision, contact.closure_precision_interval),
                "/f v/ recall": (contact.contact_recall, contact.contact_recall_interval),
                "shut in pauses": (contact.pauses, UNKNOWN),
                "lag ms": (contact.lag_ms, contact.lag_interval),
            }
            yield from (Result(OVER, name, model.name, measure, *cell) for measure, cell in cells.items())


def _beside(music: Sequence[Path]) -> Iterator[tuple[str, Waveform]]:
    wanted = ("fan", "pink noise", "drums", "chords and drums")
    for name, sound in sounds(20.0, music):
        if name in wanted or name.startswith("music"):
            yield name, sound


def _moved(stage: Stage, model: MotionModel, path: Path) -> Float32Array:
    return stage.motion(model, path).expression


def _mixed(recording: Path, name: str, sound: Waveform, number: int, work: Path) -> Path:
    speech = read_audio(recording)
    start = 7919 * number % max(len(sound) - len(speech), 1)
    beside = np.resize(sound[start:], len(speech)).astype(np.float32)
    mixed = mix(speech, beside, OVER_DB)
    return _written(work / f"{recording.stem} {_slug(name)}.wav", mixed / max(1.0, float(np.abs(mixed).max())))


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _written(path: Path, sound: Waveform) -> Path:
    soundfile.write(path, sound, SAMPLE_RATE, subtype="FLOAT")
    return path


def _row(section: str, data: str, system: str, found: Restlessness) -> Iterator[Result]:
    cells: Mapping[str, float] = {
        "open, % of frames": 100 * found.open,
        "openings/s": found.openings,
        "jaw travel/s": found.jaw,
        "first and last 200 ms: lips mm": found.ends,
        "head °": found.head,
    }
    yield from (Result(section, data, system, name, value) for name, value in cells.items())
