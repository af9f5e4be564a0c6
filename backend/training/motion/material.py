"""What the motion network is trained on, kept in a work folder: features of real readers, clean and altered.

One safetensors file for each clip and draw: `posteriors`, `context`, `level` and `voice` as in
`models.motion.learned.features`, `spans` (P, 3): class, start, end in seconds of what is said, `loudness` (N,) in dB
of the clean clip at this speed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
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
GUIDE_PENALTY: Final = 2e4  # of the regression from standardised states to captured curves

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


def fitted_projection(states: Sequence[States], guides: Sequence[tuple[States, States]]) -> Projection:
    """What to keep of hidden states: their principal directions, and what tells captured curves.

    states: (N, D) each; guides: states (N, D) and curves (N, C) of the same clip each, for C directions by ridge
    regression. All are scaled to a deviation of at most 1.
    """
    rows = np.concatenate(states).astype(np.float64)
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    guided = _guided(guides, mean)
    principal = vectors[:, ::-1][:, : CONTEXT - guided.shape[1]] / np.sqrt(values[-1])
    directions = np.concatenate([principal * np.sign(principal.sum(axis=0)), guided], axis=1)
    return Projection(mean.astype(np.float32), directions.astype(np.float32))


def _guided(guides: Sequence[tuple[States, States]], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions (D, C) along which states tell curves."""
    if not guides:
        return np.empty((len(mean), 0))
    rows = np.concatenate([states for states, _ in guides]) - mean
    curves = np.concatenate([curves for _, curves in guides]).astype(np.float64)
    deviation = rows.std(axis=0) + 1e-6
    x, centred = (rows - rows.mean(axis=0)) / deviation, curves - curves.mean(axis=0)
    weights = np.linalg.solve(x.T @ x + GUIDE_PENALTY * np.eye(x.shape[1]), x.T @ centred)
    return weights / (x @ weights).std(axis=0) / deviation[:, None]


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
        made = fitted_projection([hear(clip.name, 0, sound_of(clip))[1] for clip in chosen], guides)
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
