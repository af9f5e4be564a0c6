"""Frames before the job is done: while a long recording is heard, what was heard so far is already performed.

The whole prefix is performed anew each time, since a phone depends on what follows it. Prefixes double, so that all of
them together cost no more than twice the last, and end at three minutes: by the time these have been watched the take
itself is there, and a cancelled job never waits for more than a short prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from models.motion.motion import Float32Array
from models.speech.decode import decode
from models.speech.loudness import LoudnessMeter
from models.speech.phones import RATE, PhoneSpan
from models.speech.phonetic import PhoneticEncoder, Posteriors, Waveform

GROWTH: Final = 2
ENOUGH: Final = 180.0  # seconds
UNSURE: Final = 1.0  # seconds before the edge of what was heard, where phones may still change

Heard = Callable[[list[PhoneSpan], Float32Array, float], None]
"""`(phones, loudness (N,), seconds)`: what a recording holds up to a moment."""


class ListeningEncoder(PhoneticEncoder):
    """A phonetic encoder that tells on the way what it has heard."""

    def __init__(self, encoder: PhoneticEncoder, heard: Heard) -> None:
        """`encoder` does the work, `heard` is told; nothing of the parent's own state is needed."""
        self._inner, self._heard = encoder, heard

    def stream(self, chunks: Iterable[Waveform]) -> Iterator[Posteriors]:
        """Posteriors as `PhoneticEncoder.stream` gives them."""
        meter, pieces, frames, next_telling = LoudnessMeter(), list[Posteriors](), 0, 1
        for piece in self._inner.stream(meter.listen(chunks)):
            yield piece
            pieces.append(piece)
            frames += len(piece)
            if next_telling <= frames <= ENOUGH * RATE:
                self._tell(np.concatenate(pieces), meter.loudness)
                next_telling = frames * GROWTH

    def _tell(self, posteriors: Posteriors, loudness: Float32Array) -> None:
        sure = int(len(posteriors) - UNSURE * RATE)
        if sure > 0:
            phones = [phone for phone in decode(posteriors) if phone.start < sure / RATE]
            self._heard(phones, loudness[:sure], sure / RATE)
