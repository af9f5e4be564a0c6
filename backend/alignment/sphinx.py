"""pocketsphinx in pieces: a pass over a recording of any length can be watched, and broken off between two pieces.

Given a whole recording in one call, pocketsphinx takes the mean cepstrum of the whole from each frame, which is what
finds words best; given pieces, it takes a running mean. So the mean is measured first, and set again before each piece,
sooner than it would begin to run: pieces then give what one call gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder

from backend.alignment.pronunciation import pronounce

SAMPLE_RATE: Final = 16000
_PIECE: Final = 0.5  # seconds in one call, a tenth of that to work on; the running mean moves after 3
_LISTENED: Final = 10.0  # seconds whose mean is measured in one call
# pocketsphinx's own 0.005 is for recognising: where words are known it lets the phones beside a pause swallow it.
_PAUSE_PRIOR: Final = 0.3
_ANY: Final = ("a", "AH")  # a word to listen for where only the mean is wanted

Samples = NDArray[np.int16]
Advance = Callable[[float], None]
"""Told how many seconds of sound were worked through since it was told last; what it raises breaks the pass off."""


class Sphinx:
    """A decoder whose dictionary knows every word of `texts`, and which reports each piece to `advance`."""

    def __init__(self, texts: Sequence[str], advance: Advance, options: dict[str, float] | None = None) -> None:
        settings = {"silprob": _PAUSE_PRIOR, **(options or {})}
        self._decoder = Decoder(samprate=SAMPLE_RATE, lm=None, loglevel="FATAL", **settings)
        self._ear = Decoder(samprate=SAMPLE_RATE, lm=None, dict=None, loglevel="FATAL")
        self._ear.add_word(*_ANY, True)
        self._ear.set_align_text(_ANY[0])
        self._advance = advance
        for text in dict.fromkeys(texts):
            if self.lookup(text) is None:
                self._decoder.add_word(text, " ".join(pronounce(text, self.lookup)), True)

    def lookup(self, word: str) -> list[str] | None:
        """The ARPAbet phones of a word in the dictionary."""
        found = self._decoder.lookup_word(word) if word else None
        return found.split() if found else None

    def words(self, samples: Samples, texts: Sequence[str], *, thorough: bool = True) -> list[Any]:
        """The segments (`word`, `start_frame`, `end_frame`, 100 frames a second) of the path that says `texts`.

        thorough: weigh all paths again at the end, which is one call that grows faster than the recording.
        """
        self._decoder.config["bestpath"] = thorough
        self._decoder.set_align_text(" ".join(texts))
        self._pass(samples, self._mean(samples))
        return list(self._decoder.seg() or [])

    def phones(self, samples: Samples, texts: Sequence[str]) -> Any | None:
        """The words of `texts`, each with its phones, as pocketsphinx's alignment; None where there is no path.

        Entries point into the decoder's memory: they are valid until the next pass, and while their parent is kept.

        Raises:
            RuntimeError: pocketsphinx's own where a pass does not reach its end.
        """
        mean = self._mean(samples)
        self._decoder.config["bestpath"] = True
        self._decoder.set_align_text(" ".join(texts))
        self._pass(samples, mean)
        self._decoder.set_alignment()
        self._pass(samples, mean)
        return self._decoder.get_alignment()

    def _pass(self, samples: Samples, mean: str) -> None:
        self._decoder.start_utt()
        for piece in _pieces(samples, _PIECE):
            self._decoder.set_cmn(mean)
            self._decoder.process_raw(piece.tobytes())
            self._advance(len(piece) / SAMPLE_RATE)
        self._decoder.set_cmn(mean)  # the end brings the last frames
        self._decoder.end_utt()

    def _mean(self, samples: Samples) -> str:
        """The mean cepstrum of a recording as pocketsphinx writes it; that of several calls weighted by length."""
        total, seconds = np.zeros(13), 0.0
        for piece in _pieces(samples, _LISTENED):
            self._ear.start_utt()
            self._ear.process_raw(piece.tobytes(), full_utt=True)
            self._ear.end_utt()
            mean = np.array([float(number) for number in self._ear.get_cmn(False).split(",")])
            if np.isfinite(mean).all():  # digital silence has none
                total, seconds = total + mean * len(piece), seconds + len(piece)
            self._advance(0.0)
        return ",".join(f"{number:.6g}" for number in total / max(seconds, 1.0))


def _pieces(samples: Samples, seconds: float) -> Iterator[Samples]:
    length = int(seconds * SAMPLE_RATE)
    for start in range(0, len(samples), length):
        yield samples[start : start + length]
