"""Motion that must lose: each baseline has one thing right, so that a measure which it passes measures that thing.

The mean pose never moves, a jaw that follows loudness moves in time but knows no phones, another clip's motion moves
well at the wrong times, and late motion is right but 200 ms off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from models.motion.motion import Float32Array, FloatArray
from models.motion.prosody import decibels
from models.speech.phones import RATE

Curves = TypeVar("Curves", Float32Array, FloatArray)

SHIFT = 0.200  # seconds
MEAN, LOUD, SHUFFLED, LATE = "mean pose", "loudness → jaw", "shuffled audio", "200 ms late"
RETIMED = (SHUFFLED, LATE)  # a model's own motion at other times: as large, as smooth and as lively by nature
JAW = 0.4  # jawOpen at the loudest
RANGE = 30.0  # dB over which the jaw opens


def baselines(
    motions: Sequence[Float32Array], loudness: Sequence[FloatArray | Float32Array], fps: float, jaw: int
) -> dict[str, list[Float32Array]]:
    """By name, a motion (T, 64) for each clip, made from a model's `motions` for all clips; `jaw`: unit's column."""
    mean = np.concatenate(motions).mean(axis=0)
    # Clips of very different lengths are told apart by length alone, so each gets its neighbour's motion, repeated.
    others = [*motions[1:], *motions[:1]] if len(motions) > 1 else [np.roll(motions[0], len(motions[0]) // 2, axis=0)]
    return {
        MEAN: [np.tile(mean, (len(motion), 1)) for motion in motions],
        LOUD: [loud_jaw(heard, len(motion), fps, jaw) for heard, motion in zip(loudness, motions, strict=True)],
        SHUFFLED: [np.resize(other, motion.shape) for other, motion in zip(others, motions, strict=True)],
        LATE: [late(motion, fps) for motion in motions],
    }


def loud_jaw(loudness: FloatArray | Float32Array, frames: int, fps: float, jaw: int) -> Float32Array:
    """The jaw opens with loudness (N,) at 50 per second over the 30 dB below the loud parts; nothing else moves."""
    levels = decibels(loudness)
    level = np.interp(np.arange(frames) / fps, (np.arange(len(levels)) + 0.5) / RATE, levels)
    expression = np.zeros((frames, 64), dtype=np.float32)
    expression[:, jaw] = JAW * np.clip(1 + (level - np.percentile(level, 95)) / RANGE, 0, 1)
    return expression


def late(motion: Curves, fps: float) -> Curves:
    """`motion` (T, ...), `SHIFT` seconds late; it waits in its first frame."""
    frames = round(SHIFT * fps)
    return np.concatenate([motion[:1].repeat(frames, axis=0), motion])[: len(motion)]
