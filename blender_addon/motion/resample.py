"""From the take's frame rate to the scene's, without opening the lips (no bpy).

Linear interpolation keeps values between their neighbours, and a mouth that is closed in two neighbouring frames stays
closed between them. What it loses is a contact of one frame that falls between two frames of the scene: at 30 fps a /p/
could open by half. So the time axis is bent a little: the scene frame nearest to such a contact is moved exactly
onto it (at most half a frame, under 21 ms for 24 fps and more) and all channels follow the same bent axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

BEND_REACH: Final = 3.0  # scene frames over which the axis returns to straight on either side of a contact


def scene_length(frames: int, take_fps: float, scene_fps: float) -> int:
    """How many scene frames show `frames` frames of a take: to the last take frame, rounded up."""
    return int(np.ceil(round((frames - 1) * scene_fps / take_fps, 6))) + 1


def sample_times(
    frames: int, take_fps: float, scene_fps: float, contacts: Sequence[tuple[int, int]] = ()
) -> Float64Array:
    """Which moment of the take (in take frames, fractional) each scene frame shows.

    contacts: (first, last) take frames, inclusive, that must be seen. The result never decreases, stays within
    0..frames-1, and is straight (j·take_fps/scene_fps) away from contacts.
    """
    step = take_fps / scene_fps
    straight = np.arange(scene_length(frames, take_fps, scene_fps)) * step
    times = straight + _bend(straight, step, contacts)
    return np.clip(np.maximum.accumulate(times), 0.0, frames - 1.0)


def _bend(straight: Float64Array, step: float, contacts: Sequence[tuple[int, int]]) -> Float64Array:
    """What to add to the straight axis: the wanted shift at pinned frames, linear to zero around them."""
    pins = _pins(step, len(straight) - 1, contacts)
    if not pins:
        return np.zeros_like(straight)
    knots = sorted(pins)
    free = []
    for before, knot, after in zip([-np.inf, *knots[:-1]], knots, [*knots[1:], np.inf], strict=True):
        free += [knot - BEND_REACH] if knot - before >= 2 * BEND_REACH else []
        free += [knot + BEND_REACH] if after - knot >= 2 * BEND_REACH else []
    places = np.array(knots + free)
    shifts = np.array([pins[knot] for knot in knots] + [0.0] * len(free))
    order = np.argsort(places)
    return np.interp(np.arange(len(straight)), places[order], shifts[order], left=0.0, right=0.0)


def _pins(step: float, last_frame: int, contacts: Sequence[tuple[int, int]]) -> dict[int, float]:
    """Scene frames that must show a contact, and by how much (in take frames) their moment has to move for it."""
    pins: dict[int, float] = {}
    for first, last in contacts:
        inside = int(np.ceil(first / step - 1e-6))
        if inside * step <= last + 1e-6:
            pins.setdefault(inside, 0.0)
            continue
        frame = min(round((first + last) / 2 / step), last_frame)
        pins[frame] = min(max(frame * step, first), last) - frame * step
    return pins


def resample(tracks: NDArray[np.float32], times: Float64Array) -> NDArray[np.float32]:
    """Tracks (T, C) at the moments `times` (S,) in frames of the take, linear between frames: (S, C)."""
    before = np.floor(times).astype(int)
    after = np.minimum(before + 1, len(tracks) - 1)
    weight = (times - before)[:, None].astype(np.float32)
    return tracks[before] * (1 - weight) + tracks[after] * weight


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, last) of every stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]
