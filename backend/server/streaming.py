"""Frames before the job is done: while a long recording is heard, what was heard so far is already performed.

The network goes on from where it was, and shows what the take will have. Rules perform the whole prefix anew each time,
since a phone depends on what follows it. Prefixes double, so that all of them together cost no more than twice the
last, and end at three minutes: by the time these have been watched the take itself is there, and a cancelled job never
waits for more than a short prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from backend.synthesis import Person, Speech, embodied
from models.motion.learned.features import Features
from models.motion.learned.model import LearnedMotion, joined
from models.motion.learned.performer import Performer
from models.motion.motion import Float32Array, Motion
from models.speech.decode import decode
from models.speech.loudness import LoudnessMeter
from models.speech.phones import RATE
from models.speech.phonetic import PhoneticEncoder, Waveform
from models.take import Take
from models.whole_file import whole_file

GROWTH: Final = 2
ENOUGH: Final = 180.0  # seconds
UNSURE: Final = 1.0  # seconds before the edge of what was heard, where phones may still change

Heard = Callable[[Features, Float32Array], None]
"""`(features, loudness (N,) in dB)`: what a recording holds up to a moment, from its beginning."""

SoFar = Callable[[Features, Float32Array], Float32Array | None]
"""`Heard`, but returns the coefficients (T, 257) of the frames that can be shown by then; None for none."""

FramesReady = Callable[[int, int | None], None]
"""`(ready, total)`: how many frames lie in the job's frames file, of how many if that is known."""


class Overheard(LearnedMotion):
    """A learned motion that tells on the way what it has heard."""

    def __init__(self, learned: LearnedMotion, tell: Heard) -> None:
        """`learned` listens, `tell` is told; nothing of the parent's own state is needed."""
        self._inner, self._tell = learned, tell

    def listen(self, encoder: PhoneticEncoder, chunks: Iterable[Waveform]) -> Iterator[Features]:
        """Features as `LearnedMotion.listen` gives them."""
        meter, pieces, rows, next_telling = LoudnessMeter(), list[Features](), 0, 1
        for piece in self._inner.listen(encoder, meter.listen(chunks)):
            yield piece
            rows += len(piece)
            if rows > ENOUGH * RATE:
                pieces.clear()
                continue
            pieces.append(piece)
            if next_telling <= rows:
                self._tell(Features.joined(pieces), meter.loudness[:rows])
                next_telling = rows * GROWTH


def kept_in(frames: Path, so_far: SoFar, total: int | None, ready: FramesReady) -> Heard:
    """Write what `so_far` gives into the file `frames`, and tell how many there are of `total`."""

    def keep(features: Features, loudness: Float32Array) -> None:
        coefficients = so_far(features, loudness)
        if coefficients is not None:
            with whole_file(frames) as partial, partial.open("wb") as file:
                np.save(file, coefficients)
            ready(len(coefficients), total)

    return keep


def by_the_network(performer: Performer, person: Person) -> SoFar:
    """The frames that the learned motion is done with; `performer` has heard nothing of the recording yet."""
    pieces, known = list[Motion](), 0

    def so_far(features: Features, _loudness: Float32Array) -> Float32Array | None:
        nonlocal known
        motion, known = performer.hear(features[known:]), len(features)
        pieces.extend([motion] if motion is not None else [])
        return embodied(person, joined(pieces)) if pieces else None

    return so_far


def by_rules(perform: Callable[[Speech], Take]) -> SoFar:
    """The frames of what is said for sure by now, which `perform` performs."""

    def so_far(features: Features, loudness: Float32Array) -> Float32Array | None:
        rows = int(len(features) - UNSURE * RATE)
        if rows <= 0:
            return None
        seconds = rows / RATE
        phones = [phone for phone in decode(features.posteriors) if phone.start < seconds]
        facts = {"name": "", "sha256": "", "seconds": seconds}
        return perform(Speech(phones, [], loudness[:rows], seconds, facts, "encoder")).coefficients

    return so_far
