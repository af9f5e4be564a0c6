"""Phone posteriors to phones in time: the most likely sequence of segments under duration priors.

Explicit-duration Viterbi decoding (Ferguson 1980; Rabiner 1989, section IV-D): a segment of class c over frames a..b
scores the sum of its log posteriors, the logarithm of a log-normal duration prior, and a fixed cost per segment that
keeps single frames from flickering. Boundaries are placed where the two neighbours' posteriors cross. What is no speech
(`models.speech.activity`) is taken for silence first.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.speech.activity import speech_only
from models.speech.phones import BILABIAL, CLASSES, INDEX, RATE, PhoneSpan

# Median durations in milliseconds in force-aligned read English (LJSpeech and Asterisk prompts); SIL has no prior.
_MEDIAN_MS: Final[dict[str, float]] = {
    "AA": 110, "AE": 110, "AH": 50, "AO": 100, "EH": 90, "ER": 90, "IH": 60, "IY": 90, "UH": 60, "UW": 80,
    "P": 75, "B": 60, "M": 75, "F": 90, "V": 60, "TH": 50, "T": 60, "N": 65, "S": 95, "SH": 110, "CH": 105,
    "L": 65, "R": 60, "Y": 70, "W": 70, "K": 80, "NG": 90, "HH": 65,
}  # fmt: skip
_SPREAD: Final = 0.45  # standard deviation of the logarithm of a phone's duration
_LONGEST: Final = 25  # frames: longer phones are made of several segments of one class, joined at the end
_SEGMENT_COST: Final = 0.4
_DURATION_WEIGHT: Final = 0.6
_LIPS_BONUS: Final = 0.5  # per frame: a missed closure is seen at once, a spurious one hardly
_SHORTEST_PAUSE: Final = 3  # frames
_FLOOR: Final = 1e-4

_SIL: Final = INDEX["SIL"]


class DecodeError(ValueError):
    """The posteriors are not what the decoder takes; the message says what to do."""


def decode(posteriors: ArrayLike) -> list[PhoneSpan]:
    """Phones in time from posteriors (N, 29) at 50 per second, without gaps from 0 to N / 50 seconds; stress is 0.

    Raises:
        DecodeError: another shape, or NaN.
    """
    given = np.asarray(posteriors, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != len(CLASSES) or not np.isfinite(given).all():
        raise DecodeError(
            f"expected posteriors of shape (frames, {len(CLASSES)}) without NaN, got {given.shape}; "
            "make them with PhoneticEncoder.posteriors"
        )
    if not len(given):
        return []
    given = speech_only(given).astype(np.float64)
    segments = _joined(_viterbi(np.log(np.maximum(given, _FLOOR))))
    edges = [0.0, *(_crossing(given, *pair) for pair in itertools.pairwise(segments)), float(len(given))]
    return [
        PhoneSpan(CLASSES[label], first / RATE, last / RATE)
        for (label, _, _), first, last in zip(segments, edges[:-1], edges[1:], strict=True)
    ]


_Segment = tuple[int, int, int]  # class, first frame, frame after the last


def _viterbi(scores: NDArray[np.float64]) -> list[_Segment]:
    """Best segments for log posteriors (N, 29)."""
    frames, classes = scores.shape
    lips = [INDEX[name] for name in BILABIAL]
    total = np.zeros((frames + 1, classes))
    np.cumsum(scores, axis=0, out=total[1:])
    total[:, lips] += _LIPS_BONUS * np.arange(frames + 1)[:, None]
    durations = _duration_scores()  # (longest, classes)
    # Small numbers, since an hour has 180,000 frames: the best class of those that end before frame t, the score of
    # everything before it, a new segment following, and the length of each class's segment that ends there.
    ending = np.zeros(frames + 1, dtype=np.int8)
    entry = np.zeros(frames + 1)
    back = np.zeros((frames + 1, classes), dtype=np.int8)
    columns = np.arange(classes)
    for t in range(1, frames + 1):
        longest = min(_LONGEST, t)
        starts = np.arange(t - 1, t - 1 - longest, -1)
        candidates = entry[starts, None] - total[starts] + durations[:longest]
        back[t] = candidates.argmax(axis=0) + 1
        best = candidates[back[t] - 1, columns] + total[t]
        ending[t] = best.argmax()
        entry[t] = best[ending[t]] - _SEGMENT_COST
    return _trace(ending, back)


def _duration_scores() -> NDArray[np.float64]:
    """Log prior (longest, 29) of a segment of each class lasting 1, 2, ... frames; silence may last as it likes."""
    frames = np.arange(1, _LONGEST + 1)[:, None]
    medians = np.array([_MEDIAN_MS.get(name, 100.0) for name in CLASSES]) / 1000.0 * RATE
    scores = -0.5 * (np.log(frames / medians) / _SPREAD) ** 2 * _DURATION_WEIGHT
    scores[:, _SIL] = np.where(frames[:, 0] < _SHORTEST_PAUSE, -1.0, 0.0)
    return scores


def _trace(ending: NDArray[np.int8], back: NDArray[np.int8]) -> list[_Segment]:
    """Follow the best path from the end to the start."""
    end = len(ending) - 1
    segments: list[_Segment] = []
    while end > 0:
        label = int(ending[end])
        start = end - int(back[end, label])
        segments.append((label, start, end))
        end = start
    return segments[::-1]


def _joined(segments: list[_Segment]) -> list[_Segment]:
    """Neighbouring segments of one class as one."""
    joined: list[_Segment] = []
    for label, start, end in segments:
        if joined and joined[-1][0] == label:
            joined[-1] = (label, joined[-1][1], end)
        else:
            joined.append((label, start, end))
    return joined


def _crossing(posteriors: NDArray[np.float64], left: _Segment, right: _Segment) -> float:
    """The boundary between two segments in frames: where their posteriors cross between the frames on either side."""
    edge = left[2]
    before, after = posteriors[edge - 1 : edge + 1, left[0]] - posteriors[edge - 1 : edge + 1, right[0]]
    if not before > 0.0 > after:
        return float(edge)
    return edge - 0.5 + float(before / (before - after))  # frame i's centre is at i + 0.5
