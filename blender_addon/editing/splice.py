"""Put a range of one performance into another of the same voice, without opening lips that are closed (no bpy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def shares(count: int, blend: int, only_old: BoolArray, only_new: BoolArray) -> Float64Array:
    """(count,) how much of the new performance each frame of the range shows.

    It rises over `blend` frames at the beginning and falls at the end. A frame in which only the old mouth is closed
    (only_old) shows the old one there, one in which only the new one is (only_new) the new one: between a closed and an
    open mouth there is none that is closed. Where both are closed every blend of them is, as the gap is linear.
    """
    blend = min(blend, count // 2)
    pins = {-1.0: 0.0, float(count): 0.0, float(blend): 1.0, float(count - 1 - blend): 1.0}
    near = [frame for frame in range(count) if frame < blend or frame >= count - blend]
    pins |= {float(frame): float(only_new[frame]) for frame in near if only_old[frame] or only_new[frame]}
    places = sorted(pins)
    linear = np.interp(np.arange(count), places, [pins[place] for place in places])
    return linear * linear * (3.0 - 2.0 * linear)


def spliced(old: Float64Array, new: Float64Array, share: Float64Array) -> Float64Array:
    """Tracks (count, C) that go from `old` to `new` by `share` (count,)."""
    return old + share[:, None] * (new - old)
