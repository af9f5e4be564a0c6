"""What the motion network is trained on, kept in a work folder: features of real readers, clean and altered.

One safetensors file for each clip and draw: `posteriors`, `context`, `level` and `voice` as in
`models.motion.learned.features`, `spans` (P, 3): class, start, end in seconds of what is said, `loudness` (N,) in dB
of the clean clip at this speed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from backend.progress import Progress, silent
from backend.training.phonetic.augmentation import augment
from backend.training.phonetic.corpus import Clip, sound_of
from models.motion.learned.features import CONTEXT, Features, RelativeLevel, RelativePitch
from models.motion.learned.hearing import Projection
from models.speech.loudness import loudness
from models.speech.phones import CLASSES, INDEX, PhoneSpan
from models.speech.phonetic import PhoneticEncoder
from models.speech.pitch import pitch
from models.whole_file import whole_file

PROJECTED_CLIPS: Final = 240  # whose states the projection is fitted to
GUIDE_ROWS: Final = (-4, 0, 4)  # rows of states about each moment, 80 ms apart, that tell captured curves
GUIDE_PENALTY: Final = 1e4  # of the regression from standardised states to captured curves, for each clip

Waveform = NDArray[np.float32]
States = NDArray[np.float32]
Heard = tuple[NDArray[np.float32], States]  # posteriors (N, 29), states (N, width)
Curves = Callable[[int], NDArray[np.float32]]
Hear = Callable[[str, int, Waveform], Heard]  # name, draw, sound


@dataclass(frozen=True, eq=False)
class Item:
    """A clip as it is heard, and what is really said in it; loudness (N,) in dB is the clean sound's."""

    name: str
    features: Features
    spans: list[PhoneSpan]
    loudness: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.features) / 50.0


def hearing(encoder: PhoneticEncoder) -> Hear:
    """Hears a clip with the encoder."""

    def hear(name: str, draw: int, sound: Waveform) -> Heard:
        pieces = list(encoder.stream_with_states([sound]))
        return np.concatenate([p for p, _ in pieces]), np.concatenate([s for _, s in pieces])

    return hear


def fitted_projection(states: Iterable[States], guides: Sequence[tuple[States, States]]) -> Projection:
    """What to keep of hidden states: their principal directions, and what tells captured curves.

    states: (N, D) each; guides: states (N, D) and curves (N, C) of the same clip each. By ridge regression from the
    rows `GUIDE_ROWS` around each moment they give as many directions for each curve, which lie last, row by row.
    Principal directions are scaled to a deviation of at most 1, guided ones so that a curve's add up to one of 1.
    """
    mean, covariance = _moments(states)
    values, vectors = np.linalg.eigh(covariance)
    guided = _guided(guides, mean)
    principal = vectors[:, ::-1][:, : CONTEXT - guided.shape[1]] / np.sqrt(values[-1])
    directions = np.concatenate([principal * np.sign(principal.sum(axis=0)), guided], axis=1)
    return Projection(mean.astype(np.float32), directions.astype(np.float32))


def _moments(states: Iterable[States]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (D,) and covariance (D, D) of rows (N, D), clip by clip, since all of them at once are gigabytes."""
    count, total, square = 0, np.zeros(()), np.zeros(())
    for rows in states:
        count, total, square = count + len(rows), total + rows.sum(axis=0, dtype=np.float64), square + rows.T @ rows
    mean = total / count
    return mean, square / count - np.outer(mean, mean)


def _guided(guides: Sequence[tuple[States, States]], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions (D, len(GUIDE_ROWS) · C) along which states tell curves, from the first row to the last."""
    if not guides:
        return np.empty((len(mean), 0))
    rows = np.concatenate([_around(states) for states, _ in guides])
    curves = np.concatenate([curves for _, curves in guides]).astype(np.float64)
    centre, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-2
    rows = (rows - centre) / deviation
    square = rows.T @ rows + GUIDE_PENALTY * len(guides) * np.eye(rows.shape[1], dtype=np.float32)
    weights = np.linalg.solve(square, rows.T @ (curves - curves.mean(axis=0)).astype(np.float32))
    scaled = weights / (rows @ weights).std(axis=0) / deviation[:, None]
    by_row = scaled.astype(np.float64).reshape(len(GUIDE_ROWS), len(mean), -1)
    return by_row.transpose(1, 0, 2).reshape(len(mean), -1)


def _around(states: States) -> States:
    """The `GUIDE_ROWS` around each row of states (N, D), side by side."""
    reach = max(GUIDE_ROWS)
    padded = np.pad(states, ((reach, reach), (0, 0)), mode="edge")
    return np.concatenate([padded[reach + row : reach + row + len(states)] for row in GUIDE_ROWS], axis=1)


def projection_for(
    clips: Sequence[Clip], curves: Mapping[str, Curves], tracked: Sequence[Clip], hear: Hear, path: Path
) -> Projection:
    """The projection fitted to clips from all over the corpus; kept in `path`.

    curves: by name of the clips `tracked`, what makes captured curves (N, C) for so many rows.
    """
    if not path.exists():
        chosen = [clips[i] for i in np.linspace(0, len(clips) - 1, min(PROJECTED_CLIPS, len(clips))).astype(int)]
        guides = [(states, curves[clip.name](len(states)))
                  for clip in tracked for states in [hear(clip.name, 0, sound_of(clip))[1]]]  # fmt: skip
        made = fitted_projection((hear(clip.name, 0, sound_of(clip))[1] for clip in chosen), guides)
        with whole_file(path) as partial:
            save_file({"mean": made.mean, "directions": made.directions}, partial)
    stored = load_file(path)
    return Projection(stored["mean"], stored["directions"])


def cache_items(
    clips: Sequence[Clip],
    spans: Mapping[str, Sequence[PhoneSpan]],
    hear: Hear,
    projection: Projection,
    folder: Path,
    draws: int,
    seed: int,
    progress: Progress = silent,
) -> list[Path]:
    """Files of each clip that has spans, clean and `draws` times altered."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {clip.name: sound_of(clip) for clip in clips if clip.name in spans}
    others = list(sounds.values())
    files = []
    for done, (name, sound) in enumerate(sounds.items()):
        progress("hear", done, len(sounds))
        for draw in range(draws + 1):
            file = folder / f"{name}.{draw}.safetensors"
            files.append(file)
            if not file.exists():
                random = np.random.default_rng([seed, zlib.crc32(name.encode()), draw])
                altered, speed = augment(sound, others, random) if draw else (sound, 1.0)
                posteriors, states = hear(name, draw, altered)
                clean = np.interp(np.arange(len(posteriors)) * speed, np.arange(-(-len(sound) // 320)), loudness(sound))
                _save(file, posteriors, projection(states), altered, spans[name], speed, clean)
    progress("hear", len(sounds), len(sounds))
    return files


def _save(
    file: Path,
    posteriors: NDArray[np.float32],
    context: NDArray[np.float32],
    sound: Waveform,
    spans: Sequence[PhoneSpan],
    speed: float,
    clean: NDArray[np.float64],
) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "posteriors": posteriors.astype(np.float16),
        "context": context.astype(np.float16),
        "level": RelativeLevel()(loudness(sound)),
        "voice": RelativePitch()(pitch(sound)),
        "spans": np.array([(INDEX[s.label], s.start / speed, s.end / speed) for s in spans], np.float32),
        "loudness": clean.astype(np.float32),
    }
    with whole_file(file) as partial:
        save_file(arrays, partial)


def read_item(file: Path) -> Item:
    """What `cache_items` wrote."""
    stored = load_file(file)
    parts = ("posteriors", "context", "level", "voice")
    spans = [PhoneSpan(CLASSES[int(label)], float(start), float(end)) for label, start, end in stored["spans"]]
    return Item(file.stem, Features(*(stored[name].astype(np.float32) for name in parts)), spans, stored["loudness"])
