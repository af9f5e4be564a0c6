"""The least that anything learned has to beat: ridge regression from a log-mel spectrogram to expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from backend.evaluation.captured import Captured
from backend.media import read_audio
from models.motion.motion import Float32Array, FloatArray, Motion
from models.motion.style_document import StyleDocument
from models.speech.whisper_encoder import HOP, SAMPLE_RATE, log_mel

FPS: Final = 25.0
CONTEXT: Final = 0.160  # seconds on either side
STEP: Final = 0.040  # between the frames of the context
STRENGTH: Final = 100.0  # weight of the penalty on standardised inputs
NAME: Final = "ridge on log-mel"


@dataclass(frozen=True, eq=False)
class Ridge:
    """A motion model: weights (D, 64) on standardised inputs, `mean` and `deviation` (D,), `rest` (64,)."""

    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    rest: FloatArray
    name: str = NAME

    @classmethod
    def fitted(cls, takes: Sequence[Captured]) -> Ridge:
        """Fitted to captured takes."""
        heard = [spectral_context(take.sound) for take in takes]
        lengths = [min(len(x), len(take.expression)) for x, take in zip(heard, takes, strict=True)]
        inputs = np.concatenate([x[:length] for x, length in zip(heard, lengths, strict=True)])
        targets = np.concatenate([t.expression[:length] for t, length in zip(takes, lengths, strict=True)])
        mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
        x, rest = (inputs - mean) / deviation, targets.mean(axis=0)
        penalty = STRENGTH * np.eye(x.shape[1])
        return cls(mean, deviation, np.linalg.solve(x.T @ x + penalty, x.T @ (targets - rest)), rest)

    def hear(self, recording: Path, transcript: str | None) -> FloatArray:
        """The spectrogram about each frame."""
        return spectral_context(recording)

    def move(self, heard: FloatArray, style: StyleDocument, seed: int = 0) -> Motion:
        """Expression alone; the head stays upright, and style makes no difference."""
        expression = (heard - self.mean) / self.deviation @ self.weights + self.rest
        still = np.zeros((len(heard), 3), dtype=np.float32)
        return Motion(np.clip(expression, 0, 1).astype(np.float32), still, still, FPS)


def spectral_context(sound: Path) -> FloatArray:
    """Log-mel values (T, 9 · 80) about each frame at 25 per second, T = ceil(seconds · 25)."""
    waveform = read_audio(sound)
    frames = int(np.ceil(len(waveform) / SAMPLE_RATE * FPS - 1e-6))
    padded = np.pad(waveform, (0, -len(waveform) % HOP))
    mel = log_mel(torch.from_numpy(padded)[None])[0].numpy().T  # (N, 80) at 100 per second
    reach = round(CONTEXT / STEP)
    seconds = np.arange(frames)[:, None] / FPS + np.arange(-reach, reach + 1) * STEP
    places = np.clip(np.rint(seconds * SAMPLE_RATE / HOP).astype(int), 0, len(mel) - 1)
    return np.asarray(_smoothed(mel)[places].reshape(frames, -1), dtype=np.float64)


def _smoothed(mel: Float32Array) -> Float32Array:
    """Each 10 ms averaged with its neighbours: the context takes every fourth."""
    edged = np.pad(mel, ((1, 2), (0, 0)), mode="edge")
    return np.asarray((edged[:-3] + edged[1:-2] + edged[2:-1] + edged[3:]) / 4, dtype=np.float32)
