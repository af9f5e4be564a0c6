"""Emphases and pauses as they are heard: what brows and head lean on, found without knowing what follows.

A syllable's prominence is read from the loudness, pitch and length of its vowel's first 100 ms (Kochanski et al. 2005:
loudness and length carry most of it), and compared with the syllables before it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.motion.learned.events import SILENT, VOICED, SpanFinder, probability
from models.motion.learned.features import Features
from models.motion.prosody import EMPHASIS_SPACING, Emphasis
from models.motion.timeline import Pause
from models.speech.phones import RATE

ONSET: Final = 5  # rows of a vowel on which it is judged: 100 ms
SHORTEST: Final = 2
PHRASE_BREAK: Final = 0.15  # seconds of silence that end a phrase
MEMORY: Final = 12.0  # syllables over which the usual prominence is taken
USUAL: Final = (0.0, 1.0)  # mean and deviation that are assumed before any was heard
ABOVE: Final = 0.3  # deviations over the usual that make an emphasis
PER_LEVEL, PER_OCTAVE, PER_ROW = 2.5, 2.0, 0.5  # prominence for ten dB, an octave, 20 ms


class ProsodyFinder:
    """Emphases and pauses of features that come piece by piece."""

    def __init__(self) -> None:
        self.emphases: list[Emphasis] = []
        self._silences = SpanFinder()
        self._rows = 0
        self._onset: list[float] = []  # evidence of the vowel that goes on
        self._judged = True
        self._mean, self._spread, self._weight = *USUAL, 2.0

    def hear(self, features: Features) -> None:
        """Take the next rows."""
        self._silences.hear(probability(features.posteriors, SILENT))
        vowel = probability(features.posteriors, VOICED) > 0.5
        evidence = PER_LEVEL * features.level + PER_OCTAVE * features.voice[:, 1] + PER_ROW
        for speaking, strength in zip(vowel.tolist(), evidence.tolist(), strict=True):
            self._step(speaking, strength)

    def end(self) -> None:
        """The sound has ended."""
        self._silences.end()

    @property
    def pauses(self) -> list[Pause]:
        """Silences so far that end a phrase; one that goes on has no end yet."""
        heard = self._silences.seconds
        return [
            Pause(span.start, span.end)
            for span in self._silences.spans
            if min(span.end, heard) - span.start >= PHRASE_BREAK
        ]

    def _step(self, speaking: bool, strength: float) -> None:
        self._rows += 1
        if speaking:
            if not self._onset:
                self._judged = False
            self._onset.append(strength)
        if not self._judged and (len(self._onset) >= ONSET or not speaking):
            if len(self._onset) >= SHORTEST:
                self._judge(self._rows / RATE, self._onset[:ONSET])
            self._judged = True
        if not speaking:
            self._onset = []

    def _judge(self, now: float, onset: list[float]) -> None:
        """Compare a syllable with those before it, and remember it."""
        prominence = float(np.mean(onset)) + PER_ROW * len(onset)
        over = (prominence - self._mean) / max(self._spread, 0.3)
        spaced = not self.emphases or now - self.emphases[-1].time >= EMPHASIS_SPACING
        if over > ABOVE and spaced:
            self.emphases.append(Emphasis(now, float(np.clip(0.35 + 0.3 * (over - ABOVE), 0.0, 1.0))))
        self._weight = min(self._weight + 1.0, MEMORY)
        share = 1.0 / self._weight
        self._mean += share * (prominence - self._mean)
        self._spread += share * (1.25 * abs(prominence - self._mean) - self._spread)
