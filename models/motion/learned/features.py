"""What the motion network hears, 50 rows a second, and how level and pitch become independent of the recording.

Loudness is taken relative to the loudest that was heard lately, pitch relative to the voice's own mean. Both look
backwards only and carry their state, so that the rows do not depend on how the sound was handed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from models.motion.motion import Float32Array, MotionError
from models.speech.phones import CLASSES, RATE, PhoneSpan, posteriors_from_spans

CONTEXT: Final = 51  # numbers that are kept of the speech encoder's hidden states
WIDTH: Final = len(CLASSES) + CONTEXT + 3

FIRST_LEVEL: Final = -35.0  # dB that count as loud before anything was heard
FORGETTING: Final = 1.0  # dB a second by which what counts as loud sinks
RANGE: Final = (-5.0, 0.5)  # of the level, in tens of dB
PITCH_MEMORY: Final = 4.0  # seconds over which a voice's mean pitch is taken
VOICED: Final = 0.5
BLUR: Final = np.array([0.1, 0.8, 0.1])  # over frames: alignments are no sharper than the encoder's posteriors


@dataclass(frozen=True, eq=False)
class Features:
    """Rows at 50 per second; row i belongs to [i / 50, (i + 1) / 50) seconds.

    posteriors: (N, 29) of the phone classes; context: (N, 51) projected hidden states of the speech encoder; level:
    (N,) loudness in tens of dB below the loudest of late; voice: (N, 2) voicing 0..1 and octaves above the voice's
    mean.
    """

    posteriors: Float32Array
    context: Float32Array
    level: Float32Array
    voice: Float32Array

    def __post_init__(self) -> None:
        rows = len(self.posteriors)
        widths = {"posteriors": (len(CLASSES),), "context": (CONTEXT,), "level": (), "voice": (2,)}
        for name, shape in ((name, (rows, *width)) for name, width in widths.items()):
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise MotionError(f"expected {name} as finite numbers of shape {shape}, got {array.shape}")

    def __len__(self) -> int:
        return len(self.posteriors)

    def __getitem__(self, rows: slice) -> Features:
        return Features(self.posteriors[rows], self.context[rows], self.level[rows], self.voice[rows])

    @classmethod
    def joined(cls, pieces: Sequence[Features]) -> Features:
        """Consecutive pieces as one."""
        parts = ("posteriors", "context", "level", "voice")
        return cls(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in parts))

    def matrix(self) -> Float32Array:
        """The network's input (N, WIDTH)."""
        columns = (self.posteriors, self.context, self.level[:, None], self.voice)
        return np.concatenate(columns, axis=1).astype(np.float32, copy=False)

    def said(self, spans: Sequence[PhoneSpan]) -> Features:
        """The same sound with phones that are known, `spans` in seconds, in place of those that were heard."""
        return replace(self, posteriors=spans_as_posteriors(spans, len(self)))


def spans_as_posteriors(spans: Sequence[PhoneSpan], frames: int) -> Float32Array:
    """Phones with their times in the form of posteriors (frames, 29)."""
    exact = np.pad(posteriors_from_spans(spans, frames), ((1, 1), (0, 0)), mode="edge")
    return np.asarray(sum(share * exact[i : i + frames] for i, share in enumerate(BLUR)), dtype=np.float32)


class RelativeLevel:
    """Loudness in dB → tens of dB below the loudest of late; call it with consecutive pieces."""

    def __init__(self) -> None:
        self._loudest = FIRST_LEVEL

    def __call__(self, loudness: NDArray[np.floating]) -> Float32Array:
        """Level (n,) of loudness (n,) in dB at 50 per second."""
        sinking = FORGETTING / RATE * np.arange(1, len(loudness) + 1)
        risen = np.maximum.accumulate(np.concatenate([[self._loudest], loudness + sinking]))[1:]
        loudest = risen - sinking
        if len(loudest):
            self._loudest = float(loudest[-1])
        return np.clip((loudness - loudest) / 10.0, *RANGE).astype(np.float32)


class RelativePitch:
    """Voicing and pitch → voicing and octaves above the voice's own mean; call it with consecutive pieces."""

    def __init__(self) -> None:
        self._keep = float(np.exp(-1.0 / (RATE * PITCH_MEMORY)))
        self._state = np.zeros((1, 2))

    def __call__(self, voice: NDArray[np.floating]) -> Float32Array:
        """Rows (n, 2) of `models.speech.pitch`'s values (n, 2)."""
        voicing, pitch = voice[:, 0].astype(np.float64), voice[:, 1].astype(np.float64)
        voiced = voicing > VOICED
        sums, self._state = lfilter(
            [1.0], [1.0, -self._keep], np.stack([voiced * pitch, voiced], axis=1), axis=0, zi=self._state
        )
        mean = sums[:, 0] / np.maximum(sums[:, 1], 1.0)
        return np.stack([voicing, np.where(voiced, np.clip(pitch - mean, -1.0, 1.0), 0.0)], axis=1).astype(np.float32)
