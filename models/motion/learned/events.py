"""What is heard as it happens: closures, bites, silences and syllables as spans of time, found while the sound goes by.

A span begins and ends where its probability crosses one half between two rows. Nothing looks further ahead than a span
needs to be believed, so that a stream finds the same spans as the whole recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.motion.motion import FloatArray
from models.speech.phones import BILABIAL, CLASSES, LABIODENTAL, RATE, VOWELS

HALF: Final = 0.5


def columns(labels: frozenset[str]) -> list[int]:
    """The posteriors' columns of phone classes."""
    return [i for i, name in enumerate(CLASSES) if name in labels]


LIPS: Final = columns(BILABIAL)
TEETH: Final = columns(LABIODENTAL)
SILENT: Final = columns(frozenset({"SIL"}))
VOICED: Final = columns(VOWELS)


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds; `end` is infinite while it goes on. mass: seconds weighed by probability."""

    start: float
    end: float
    mass: float


class SpanFinder:
    """Spans in which a probability is above one half; feed it consecutive pieces."""

    def __init__(self, leave: float = HALF) -> None:
        """leave: a span goes on until the probability falls below this."""
        self.spans: list[Span] = []
        self._leave = leave
        self._rows = 0
        self._last = 0.0
        self._open: tuple[float, float] | None = None  # start and mass of the span that goes on

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return self._rows / RATE

    def hear(self, probability: FloatArray) -> None:
        """Take the next rows (n,) at 50 per second."""
        if self._open is not None:
            self.spans.pop()
        for value in probability.tolist():
            self._step(value)
        if self._open is not None:
            self.spans.append(Span(self._open[0], np.inf, self._open[1]))

    def end(self) -> None:
        """The sound has ended, and with it what goes on."""
        if self._open is not None:
            self.spans[-1] = Span(self._open[0], self._rows / RATE, self._open[1])
            self._open = None

    def _step(self, value: float) -> None:
        if self._open is None and value > HALF:
            self._open = (self._crossing(value, HALF), 0.0)
        elif self._open is not None and value < self._leave:
            self.spans.append(Span(self._open[0], self._crossing(value, self._leave), self._open[1]))
            self._open = None
        if self._open is not None:
            self._open = (self._open[0], self._open[1] + value / RATE)
        self._last, self._rows = value, self._rows + 1

    def _crossing(self, value: float, level: float) -> float:
        """When the probability passed `level` on its way from the last row's middle to this one's."""
        if self._rows == 0:
            return 0.0
        return (self._rows - 0.5 + (level - self._last) / (value - self._last)) / RATE


def probability(posteriors: NDArray[np.floating], classes: list[int]) -> FloatArray:
    """That one of some classes is said: (N,) of posteriors (N, 29)."""
    return np.asarray(posteriors[:, classes].sum(axis=1, dtype=np.float64))
