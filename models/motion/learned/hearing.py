"""Sound → what the motion network hears, in one pass and in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.motion.learned.features import Features, RelativeLevel, RelativePitch
from models.motion.motion import Float32Array
from models.speech.loudness import LoudnessMeter
from models.speech.phonetic import PhoneticEncoder
from models.speech.pitch import PitchMeter


@dataclass(frozen=True, eq=False)
class Projection:
    """What is kept of the first D of the speech encoder's states: (states - mean) @ directions (mean (D,),
    directions (D, 51)).
    """

    mean: Float32Array
    directions: Float32Array

    def __call__(self, states: NDArray[np.floating]) -> Float32Array:
        """Rows (N, 51) of states (N, D or more)."""
        return ((states[:, : len(self.mean)] - self.mean) @ self.directions).astype(np.float32)


def listen(encoder: PhoneticEncoder, projection: Projection, chunks: Iterable[Float32Array]) -> Iterator[Features]:
    """The features of sound, chunks (n,) at 16 kHz of any lengths, 5 s of them at a time.

    Raises:
        SpeechError: a chunk is not a mono float waveform, holds NaN, or there is no sound at all.
    """
    loudness, pitch = LoudnessMeter(), PitchMeter()
    level, voice = RelativeLevel(), RelativePitch()
    done = 0
    for posteriors, states in encoder.stream_with_states(loudness.listen(pitch.listen(chunks))):
        rows = slice(done, done + len(posteriors))
        done = rows.stop
        yield Features(posteriors, projection(states), level(loudness.loudness[rows]), voice(pitch.values[rows]))
