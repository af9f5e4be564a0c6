"""Captured mouths as training material: the jaw and lips of tracked takes beside what is heard of their sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from backend.evaluation.captured import Captured, captured_takes
from backend.training.motion.material import Hear, Item
from backend.training.phonetic.corpus import Clip, sound_of
from models.motion.learned.network import CAPTURED
from models.motion.motion import Float32Array
from models.motion.visemes import CONTROLS
from models.speech.decode import decode
from models.speech.phones import RATE, PhoneSpan

FPS = 25.0


def training_takes(folder: Path, names: tuple[str, ...], hold_out: str) -> list[Captured]:
    """The takes of a folder but for those whose name holds `hold_out`; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return [take for take in captured_takes(folder, names) if hold_out not in take.name]


def clips_of(takes: Sequence[Captured]) -> list[Clip]:
    """The takes' sound as clips."""
    return [Clip(f"captured-{take.name}", take.sound, "") for take in takes]


def heard_spans(clips: Sequence[Clip], hear: Hear) -> dict[str, list[PhoneSpan]]:
    """What is said in clips without transcripts, as the encoder hears it."""
    return {clip.name: decode(hear(clip.name, 0, sound_of(clip))[0]) for clip in clips}


def targets(takes: Sequence[Captured], names: Sequence[str]) -> dict[str, Float32Array]:
    """By clip name, curves (T, 3) of `CAPTURED` at 25 per second over their deviation in all takes together."""
    columns = [[names.index(unit) for unit in CONTROLS[control]] for control in CAPTURED]
    found = {
        f"captured-{take.name}": np.stack([take.expression[:, own].mean(axis=1) for own in columns], axis=1)
        for take in takes
    }
    spread = np.concatenate([*found.values()]).std(axis=0)
    return {name: (curves / spread).astype(np.float32) for name, curves in found.items()}


def at_rows(curves: Float32Array, rows: int, speed: float = 1.0) -> Float32Array:
    """Curves (T, 3) at 25 per second for so many rows of sound that runs `speed` times as fast: (rows, 3)."""
    times, frames = (np.arange(rows) + 0.5) / RATE * speed, np.arange(len(curves)) / FPS
    return np.stack([np.interp(times, frames, curve) for curve in curves.T], axis=1).astype(np.float32)


def target_of(item: Item, found: Mapping[str, Float32Array], clean_rows: Mapping[str, int]) -> Float32Array:
    """The captured curves (N, 3) for each row of an item, which may run faster than its clean sound of so many rows;
    NaN where the item is not captured.
    """
    rows, name = len(item.features), item.name.rsplit(".", 1)[0]
    if name not in found:
        return np.full((rows, len(CAPTURED)), np.nan, np.float32)
    return at_rows(found[name], rows, clean_rows[name] / rows)
