"""Curves of Blender as arrays: what they play, their keys, and keys back into them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .keys import FIELDS, FREE, LINEAR, PLACES, Float64Array, Keys, Sample

ROUNDS: Final = 4  # handles that depend on each other, one round for each that is taken out of the chain
MOVED: Final = 1e-5  # of a handle, in frames and in values


def read_keys(curve: Any) -> Keys:
    """All keys of a curve; none of them may change when they are written again."""
    points = curve.keyframe_points
    columns: dict[str, NDArray[Any]] = {}
    for name, kind in FIELDS.items():
        column: NDArray[Any] = np.empty(len(points) * (2 if name in PLACES else 1), dtype=kind)
        points.foreach_get(name, column)
        columns[name] = column.reshape(-1, 2) if name in PLACES else column
    return Keys(columns, np.ones(len(points), dtype=bool))


def write_keys(curve: Any, keys: Keys) -> None:
    """Let a curve hold `keys` alone.

    Blender computes automatic handles from the neighbouring keys, so where those changed the curve would change on the
    other side as well: an automatic handle of a key that has to stay becomes a free one where it would move.
    """
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for name in FIELDS:
        points.foreach_set(name, np.ascontiguousarray(keys.columns[name], dtype=FIELDS[name]).ravel())
    curve.update()
    if not keys.own.any() or (keys.columns["interpolation"] == LINEAR).all():
        return
    for _ in range(ROUNDS):
        if not _free_what_moved(curve, keys):
            return


def _free_what_moved(curve: Any, keys: Keys) -> bool:
    """Whether a handle that has to stay had moved; it is put back and does not move again."""
    now = read_keys(curve)
    moved = np.zeros(len(keys), dtype=bool)
    for name in ("handle_left", "handle_right"):
        moved |= np.abs(now.columns[name] - keys.columns[name]).max(axis=1, initial=0.0) > MOVED
    moved &= keys.own
    if not moved.any():
        return False
    points = curve.keyframe_points
    for name in ("handle_left_type", "handle_right_type"):
        points.foreach_set(name, np.where(moved, FREE, now.columns[name]).astype(np.int32))
    for name in ("handle_left", "handle_right"):
        points.foreach_set(name, np.where(moved[:, None], keys.columns[name], now.columns[name]).ravel())
    curve.update()
    return True


def sampled(curve: Any | None, frames: NDArray[Any], still: float) -> Float64Array:
    """(S,) what a curve plays in `frames` (S,); `still` where there is none."""
    if curve is None or curve.is_empty:
        return np.full(len(frames), still)
    points = curve.keyframe_points
    kinds = np.empty(len(points), dtype=np.int32)
    points.foreach_get("interpolation", kinds)
    if len(points) and (kinds == LINEAR).all() and curve.extrapolation == "CONSTANT":
        co = np.empty(2 * len(points), dtype=np.float32)
        points.foreach_get("co", co)
        return np.interp(frames, co[::2], co[1::2]).astype(np.float64)
    return np.array([curve.evaluate(frame) for frame in frames], dtype=np.float64)


def sampler(curve: Any) -> Sample:
    """`sampled` of a curve as it is now; ask it before the curve changes."""
    return lambda frames: sampled(curve, frames, 0.0)
