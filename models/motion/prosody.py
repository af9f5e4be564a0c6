"""How much effort each phone gets, and which syllables are emphasised, from loudness, stress and duration.

Louder and stressed syllables open the mouth further (Schulman 1989; Erickson 2002); prominence, on which brows and
head lean, is read from loudness, length and lexical stress (Kochanski et al. 2005 find these to carry most of it).
Pitch is not an input yet; it arrives with the learned model.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.motion.motion import FloatArray, MotionError
from models.motion.timeline import SILENCE
from models.speech.phones import RATE, VOWELS, PhoneSpan, WordSpan

# Median vowel durations in seconds of read English (force-aligned), the yardstick for "long".
TYPICAL: Final = {
    "AA": 0.110,
    "AE": 0.090,
    "AH": 0.055,
    "AO": 0.090,
    "EH": 0.075,
    "ER": 0.090,
    "IH": 0.055,
    "IY": 0.085,
    "UH": 0.060,
    "UW": 0.085,
}
RANGE_DB: Final = 12.0  # beyond this above or below the clip's median, effort changes no further
LOUDNESS_GAIN: Final = 0.30  # change of effort over RANGE_DB
STRESS_GAIN: Final = {0: -0.10, 1: 0.08, 2: 0.03}
EMPHASIS_SPACING: Final = 0.65  # seconds between emphases: heads do not nod faster
EMPHASIS_SHARE: Final = 0.40  # of the syllables, the most prominent ones


@dataclass(frozen=True, slots=True)
class Emphasis:
    """An emphasised syllable: `time` in seconds of its vowel's middle, `strength` in 0..1."""

    time: float
    strength: float


def decibels(loudness: ArrayLike) -> FloatArray:
    """Loudness (N,) in dB; values below zero anywhere mean that it is given in dB already.

    Raises:
        MotionError: not one row of finite numbers.
    """
    levels = np.asarray(loudness, dtype=np.float64)
    if levels.ndim == 2 and levels.shape[1] == 1:
        levels = levels[:, 0]
    if levels.ndim != 1 or not np.isfinite(levels).all():
        raise MotionError(
            f"expected loudness as (N,) finite numbers at {RATE:g} per second, got shape {levels.shape}; "
            "pass what models.speech.loudness gives"
        )
    if levels.size == 0 or levels.min() < 0:
        return levels
    floor = max(float(levels.max()) * 1e-3, 1e-12)  # 60 dB below the loudest is as good as silence
    return 20.0 * np.log10(np.maximum(levels, floor))


def levels(spans: Sequence[PhoneSpan], loudness: ArrayLike) -> FloatArray:
    """Each phone's loudness (P,) in dB relative to the median vowel, within ± `RANGE_DB`; 0 where nothing is known."""
    curve = decibels(loudness)
    if curve.size == 0:
        return np.zeros(len(spans))
    total = np.concatenate([[0.0], np.cumsum(curve)])
    first = np.clip([int(span.start * RATE) for span in spans], 0, curve.size - 1)
    last = np.clip([int(np.ceil(span.end * RATE)) for span in spans], first + 1, curve.size)
    mean = (total[last] - total[first]) / (last - first)
    vowels = np.array([span.label in VOWELS for span in spans])
    reference = np.median(mean[vowels]) if vowels.any() else np.median(mean)
    return np.clip(mean - reference, -RANGE_DB, RANGE_DB)


def effort(spans: Sequence[PhoneSpan], level: FloatArray, sensitivity: float = 1.0) -> FloatArray:
    """Amplitude factor (P,) for each phone, about 1; `level` as from `levels`, `sensitivity` a style's."""
    change = LOUDNESS_GAIN * level / RANGE_DB
    if _stress_is_known(spans):
        change += [STRESS_GAIN.get(span.stress, 0.0) if span.label in VOWELS else 0.0 for span in spans]
    # Effort belongs to syllables: consonants take part of their neighbours', and it never jumps.
    padded = np.pad(change, 1, mode="edge")
    smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
    return np.clip(1.0 + sensitivity * smooth, 0.5, 1.6)


def emphases(spans: Sequence[PhoneSpan], level: FloatArray, words: Sequence[WordSpan] = ()) -> list[Emphasis]:
    """The emphasised syllables in time order, at most one per word where words are known."""
    nuclei = [i for i, span in enumerate(spans) if span.label in VOWELS]
    if not nuclei:
        return []
    score = np.array([_prominence(spans[i], level[i]) for i in nuclei])
    middle = np.array([(spans[i].start + spans[i].end) / 2 for i in nuclei])
    word = _word_at(middle, words)
    threshold = float(np.quantile(score, 1 - EMPHASIS_SHARE))
    spread = max(float(score.max()) - threshold, 1e-6)

    times: list[float] = []
    spoken_for: set[int] = set()
    strengths = {}
    for n in np.argsort(-score, kind="stable"):
        if score[n] < threshold - 1e-6:
            break
        time = float(middle[n])
        place = bisect(times, time)
        beside = times[max(place - 1, 0) : place + 1]
        if int(word[n]) in spoken_for or any(abs(time - other) < EMPHASIS_SPACING for other in beside):
            continue
        times.insert(place, time)
        strengths[time] = float(np.clip(0.35 + 0.65 * (score[n] - threshold) / spread, 0, 1))
        if word[n] >= 0:
            spoken_for.add(int(word[n]))
    return [Emphasis(time, strengths[time]) for time in times]


def _prominence(span: PhoneSpan, level: float) -> float:
    length = np.log((span.end - span.start) / TYPICAL[span.label])
    return float(level / 4.0 + np.clip(length, -1.0, 1.0) / 0.5 + (1.0 if span.stress == 1 else 0.0))


def _word_at(times: FloatArray, words: Sequence[WordSpan]) -> NDArray[np.intp]:
    """Index of the word at each of `times` (N,), -1 where there is none."""
    if not words:
        return np.full(len(times), -1)
    ordered = sorted(words, key=lambda word: word.start)
    index = np.searchsorted([word.start for word in ordered], times, side="right") - 1
    inside = times <= np.array([word.end for word in ordered])[index]
    return np.where((index >= 0) & inside, index, -1)


def _stress_is_known(spans: Sequence[PhoneSpan]) -> bool:
    """Decoded phones carry no stress: all zeros then mean "unknown", not "unstressed"."""
    return any(span.stress for span in spans if span.label != SILENCE)
