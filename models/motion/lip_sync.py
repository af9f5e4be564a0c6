"""How well contact of the lips goes with what is said: recall, precision, closed pauses, lag.

All measures compare contact seen on the mesh, frame by frame, with phone times; `TOLERANCE` on both sides allows for
one frame at 25 per second. Numbers are kept as counts, so that clips can be pooled and resampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.motion.motion import FloatArray
from models.motion.timeline import SILENCE
from models.speech.phones import PhoneSpan

BoolArray = NDArray[np.bool_]

TOLERANCE: Final = 0.040  # seconds
PAUSE: Final = 0.300  # seconds from which on a pause should show a closed mouth ...
PAUSE_CLOSING, PAUSE_OPENING = 0.120, 0.140  # ... but for the time it takes to close and to open again
LAG_RANGE: Final = 0.30
LAG_STEP: Final = 0.005


@dataclass(frozen=True)
class Count:
    """`hits` out of `total`."""

    hits: int
    total: int


def recall(contact: BoolArray, fps: float, spans: Sequence[PhoneSpan], labels: frozenset[str]) -> Count:
    """Of the phones in `labels`, those with a frame of `contact` (T,) within them, give or take `TOLERANCE`."""
    times = np.arange(len(contact)) / fps
    wanted = [span for span in spans if span.label in labels]
    hits = sum(bool(contact[_near(times, span.start, span.end)].any()) for span in wanted)
    return Count(hits, len(wanted))


def precision(
    contact: BoolArray,
    fps: float,
    spans: Sequence[PhoneSpan],
    labels: frozenset[str],
    excused: frozenset[str] = frozenset({SILENCE}),
    whole: bool = True,
) -> Count:
    """Of the events of contact, those that lie within phones of `labels`, give or take `TOLERANCE`.

    An event is a run of frames in contact. Frames in silences or other `excused` phones do not count; an event that
    outlasts its phone does not match, so a mouth that is always shut scores nothing. Not `whole`: it need only meet its
    phone, which is kinder to mouth shapes that begin early on purpose, but tells nothing of a mouth mostly shut.
    """
    times = np.arange(len(contact)) / fps
    right, ignored = np.zeros(len(contact), dtype=bool), np.zeros(len(contact), dtype=bool)
    for span in spans:
        if span.label in labels:
            right |= _near(times, span.start, span.end)
        elif span.label in excused:
            ignored |= _near(times, span.start, span.end)
    events = runs(contact & (right | ~ignored))
    matches = np.all if whole else np.any
    return Count(sum(bool(matches(right[first:last])) for first, last in events), len(events))


def closed_pauses(closed: BoolArray, fps: float, spans: Sequence[PhoneSpan]) -> Count:
    """Frames with a closed mouth in the inside of pauses of `PAUSE` seconds or more.

    The inside begins `PAUSE_CLOSING` after the pause's start and ends `PAUSE_OPENING` before its end, except at the
    ends of the clip.
    """
    times = np.arange(len(closed)) / fps
    inside = np.zeros(len(closed), dtype=bool)
    for i, span in enumerate(spans):
        if span.label == SILENCE and span.end - span.start >= PAUSE - 1e-9:
            start = span.start + (PAUSE_CLOSING if i > 0 else 0.0)
            end = span.end - (PAUSE_OPENING if i < len(spans) - 1 else 0.0)
            inside |= (times >= start) & (times <= end)
    return Count(int((closed & inside).sum()), int(inside.sum()))


def closing_profile(
    gap: FloatArray, fps: float, spans: Sequence[PhoneSpan], labels: frozenset[str]
) -> tuple[FloatArray, int]:
    """Sum of the lip gap (T,) around the centres of phones in `labels`, and how many there are.

    The profile runs over `lags()`. Phones beside a silence or another closure are left out: there the lips
    are shut for two reasons at once.
    """
    times = np.arange(len(gap)) / fps
    total, used = np.zeros(len(lags())), 0
    for before, span, after in zip(spans, spans[1:], spans[2:], strict=False):
        if span.label in labels and not {before.label, after.label} & (labels | {SILENCE}):
            total += np.interp((span.start + span.end) / 2 + lags(), times, gap)
            used += 1
    return total, used


def lags() -> FloatArray:
    """The lags in seconds over which a profile runs."""
    steps = round(LAG_RANGE / LAG_STEP)
    return np.arange(-steps, steps + 1) * LAG_STEP


def lag(profile: FloatArray) -> float:
    """Seconds by which the lips close late (positive) or early: the middle of a profile's deepest dip at half depth.

    NaN where the profile has no dip.
    """
    lowest = int(profile.argmin())
    half = (profile[lowest] + np.median(profile)) / 2
    if not profile[lowest] < np.median(profile) * 0.8:
        return float("nan")
    first, last = lowest, lowest
    while first > 0 and profile[first - 1] <= half:
        first -= 1
    while last < len(profile) - 1 and profile[last + 1] <= half:
        last += 1
    return float((lags()[first] + lags()[last]) / 2)


def _near(times: FloatArray, start: float, end: float) -> BoolArray:
    return (times >= start - TOLERANCE - 1e-9) & (times <= end + TOLERANCE + 1e-9)


def runs(flags: BoolArray) -> list[tuple[int, int]]:
    """First and one-past-last index of each run of true `flags` (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
