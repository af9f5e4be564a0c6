"""Sound → what the motion network hears, in one pass and in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.motion.learned.features import Features, RelativeLevel, RelativePitch
from models.motion.motion import Float32Array, MotionError
from models.speech.activity import AHEAD, STRETCH, speech_only
from models.speech.loudness import LoudnessMeter
from models.speech.phonetic import PhoneticEncoder
from models.speech.pitch import PitchMeter

BEHIND: Final = STRETCH - 1  # rows before a moment that tell whether somebody speaks in it


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
    speaking = SpeakingOnly()
    done = 0
    for posteriors, states in encoder.stream_with_states(loudness.listen(pitch.listen(chunks))):
        rows = slice(done, done + len(posteriors))
        done = rows.stop
        heard = Features(posteriors, projection(states), level(loudness.loudness[rows]), voice(pitch.values[rows]))
        ready = speaking.hear(heard)
        if len(ready):
            yield ready
    rest = speaking.end()
    if len(rest):
        yield rest


class SpeakingOnly:
    """Features with silence in place of phones where nobody speaks (`models.speech.activity`), `AHEAD` rows later."""

    def __init__(self) -> None:
        self._held: Features | None = None  # what is not out yet, and `BEHIND` rows before it
        self._out = 0  # rows of those that are out

    def hear(self, features: Features) -> Features:
        """Take the next rows; those that are ready, maybe none."""
        self._held = features if self._held is None else Features.joined([self._held, features])
        return self._until(max(len(self._held) - AHEAD, self._out))

    def end(self) -> Features:
        """The sound has ended: the rows that are left.

        Raises:
            MotionError: nothing was heard.
        """
        if self._held is None:
            raise MotionError("expected features of speech, got none; check the recording")
        return self._until(len(self._held))

    def _until(self, last: int) -> Features:
        assert self._held is not None
        spoken = replace(self._held, posteriors=speech_only(self._held.posteriors))
        ready = spoken[self._out : last]
        first = max(last - BEHIND, 0)
        self._held, self._out = self._held[first:], last - first
        return ready
