"""Which keys of one track are needed when the curve runs straight from key to key (no bpy).

The splitting of Ramer (1972) and Douglas & Peucker (1973), with a tolerance of its own for every frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def needed_keys(track: NDArray[np.floating], tolerance: Float64Array) -> BoolArray:
    """(S,) which frames of `track` (S,) keep their key, so that no frame is off by more than its `tolerance` (S,).

    The first and the last frame are always kept; of a track that stays within half its tolerance of its first value,
    the first alone.
    """
    values = np.asarray(track, dtype=np.float64)
    keep = np.zeros(len(values), dtype=bool)
    keep[0] = True
    if (np.abs(values - values[0]) <= tolerance / 2).all():
        return keep
    keep[-1] = True
    spans = [(0, len(values) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        straight = np.linspace(values[first], values[last], last - first + 1)[1:-1]
        excess = np.abs(values[inside] - straight) / tolerance[inside]
        worst = int(excess.argmax())
        if excess[worst] > 1.0:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return keep


def played(track: NDArray[np.floating], keep: BoolArray) -> Float64Array:
    """(S,) what the curve through the kept keys plays, straight between them and still outside."""
    frames = np.flatnonzero(keep)
    return np.interp(np.arange(len(track)), frames, np.asarray(track, dtype=np.float64)[frames])
