"""The keys of one curve as arrays, and what an edit does with them (no bpy).

An edit of some frames must leave the curve outside of them as it is, whatever runs between its keys. So a Bézier that
crosses the border is cut there by de Casteljau's algorithm, which keeps its shape, and the keys outside are handed on
as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Sample = Callable[[Float64Array], Float64Array]
"""What a curve plays in some frames."""

# Blender's stored numbers of the enumerations, the same in all versions.
CONSTANT, LINEAR, BEZIER = 0, 1, 2
FREE, AUTO_CLAMPED = 0, 4

PLACES: Final = ("co", "handle_left", "handle_right")
FIELDS: Final[Mapping[str, type]] = {
    **dict.fromkeys(PLACES, np.float32),
    **dict.fromkeys(("interpolation", "handle_left_type", "handle_right_type", "easing", "type"), np.int32),
    **dict.fromkeys(("amplitude", "back", "period"), np.float32),
}
ON: Final = 1e-3  # frames within which a key is on a frame


@dataclass(frozen=True, eq=False)
class Keys:
    """Keys in order of time: `columns` holds each of `FIELDS` as (n,), the `PLACES` as (n, 2) frame and value.

    own: (n,) keys that have to stay as they are here, handles included; the others get handles from Blender.
    """

    columns: Mapping[str, NDArray[Any]]
    own: BoolArray

    def __len__(self) -> int:
        return len(self.own)

    @property
    def frames(self) -> Float64Array:
        """(n,) frames."""
        return self.columns["co"][:, 0].astype(np.float64)

    @property
    def values(self) -> Float64Array:
        """(n,) values."""
        return self.columns["co"][:, 1].astype(np.float64)

    def only(self, chosen: BoolArray) -> Keys:
        """Those that are `chosen` (n,)."""
        return Keys({name: column[chosen] for name, column in self.columns.items()}, self.own[chosen])

    def changed(self, index: int, **values: Any) -> Keys:
        """The same with other `values` at one key."""
        columns = {name: column.copy() if name in values else column for name, column in self.columns.items()}
        for name, value in values.items():
            columns[name][index] = value
        return Keys(columns, self.own)


def joined(*parts: Keys) -> Keys:
    """Keys one after the other."""
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in FIELDS}
    return Keys(columns, np.concatenate([part.own for part in parts]))


def straight(frames: NDArray[Any], values: NDArray[Any]) -> Keys:
    """Keys with straight lines between them."""
    count = len(frames)
    places = np.column_stack([frames, values]).astype(np.float32).reshape(count, 2)
    columns: dict[str, NDArray[Any]] = {name: np.zeros(count, dtype=kind) for name, kind in FIELDS.items()}
    columns |= dict.fromkeys(PLACES, places)
    columns["interpolation"] = np.full(count, LINEAR, dtype=np.int32)
    for name in ("handle_left_type", "handle_right_type"):
        columns[name] = np.full(count, AUTO_CLAMPED, dtype=np.int32)
    return Keys(columns, np.zeros(count, dtype=bool))


def stretched(keys: Keys, factor: float, offset: float = 0.0) -> Keys:
    """The whole curve times `factor` plus `offset`, whatever runs between its keys."""
    columns = dict(keys.columns)
    for name in PLACES:
        columns[name] = keys.columns[name] * np.array([1.0, factor], np.float32) + np.array([0.0, offset], np.float32)
    columns["amplitude"] = keys.columns["amplitude"] * np.float32(factor)
    return Keys(columns, keys.own)


def replaced(keys: Keys, first: int, last: int, new: Keys, sample: Sample, ends: tuple[bool, bool]) -> Keys:
    """`keys` with `new` in the frames `first` … `last`, and outside of them as they play now.

    sample: what the curve plays now; ends: whether there is anything to keep before and after these frames. The frame
    before and the one after get keys, and the curve runs straight between them and the range, so nothing overshoots.
    """
    parts = [new]
    if ends[0]:
        keys = with_key(keys, first - 1, sample)
        before = keys.only(keys.frames < first - ON)
        parts.insert(0, before.changed(len(before) - 1, interpolation=LINEAR))
    if ends[1]:
        keys = with_key(keys, last + 1, sample)
        parts.append(keys.only(keys.frames > last + ON))
    result = joined(*parts)
    if ends[1]:  # the segment up to the key after the range belongs to the last key of it
        result = result.changed(len(result) - len(parts[-1]) - 1, interpolation=LINEAR)
    return result


def with_key(keys: Keys, frame: int, sample: Sample) -> Keys:
    """`keys` with one on `frame` that changes nothing of what the curve plays on frames."""
    frames = keys.frames
    if len(keys) and np.abs(frames - frame).min() < ON:
        return keys
    after = int(np.searchsorted(frames, frame))
    if after in {0, len(keys)}:
        return _inserted(keys, after, straight(np.array([frame]), sample(np.array([frame], dtype=np.float64))))
    kind = int(keys.columns["interpolation"][after - 1])
    if kind == BEZIER:
        return _cut(keys, after, frame)
    if kind in {LINEAR, CONSTANT}:
        new = straight(np.array([frame]), sample(np.array([frame], dtype=np.float64)))
        return _inserted(keys, after, new.changed(0, interpolation=kind))
    # Bounces and the like cannot be cut: they are drawn with straight lines from frame to frame.
    inside = np.arange(np.floor(frames[after - 1] + 1 + ON), np.ceil(frames[after] - ON))
    return _inserted(keys.changed(after - 1, interpolation=LINEAR), after, straight(inside, sample(inside)))


def _inserted(keys: Keys, index: int, new: Keys) -> Keys:
    at = np.arange(len(keys))
    return joined(keys.only(at < index), new, keys.only(at >= index))


def _cut(keys: Keys, after: int, frame: int) -> Keys:
    """Cut the Bézier that ends at key `after` in two at `frame`."""
    places = [keys.columns[name].astype(np.float64) for name in PLACES]
    start, end = places[0][after - 1], places[0][after]
    curve = [start, *_within(start, places[2][after - 1], places[1][after], end), end]
    share = _share(np.array([point[0] for point in curve]), float(frame))
    first = [a + share * (b - a) for a, b in pairwise(curve)]
    second = [a + share * (b - a) for a, b in pairwise(first)]
    middle = second[0] + share * (second[1] - second[0])
    free = {"handle_left_type": FREE, "handle_right_type": FREE}
    new = straight(np.array([frame]), middle[1:]).changed(
        0, handle_left=second[0], handle_right=second[1], interpolation=BEZIER, **free
    )
    new = Keys(new.columns, np.ones(1, dtype=bool))
    keys = keys.changed(after - 1, handle_right=first[0]).changed(after, handle_left=first[2])
    return _inserted(keys, after, new)


def _within(
    start: Float64Array, right: Float64Array, left: Float64Array, end: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Both handles, shortened as Blender does it when it plays: none reaches beyond the other key."""
    length = end[0] - start[0]
    shorten = [min(1.0, length / max(abs(handle), 1e-9)) for handle in (right[0] - start[0], end[0] - left[0])]
    return start + shorten[0] * (right - start), end + shorten[1] * (left - end)


def _share(frames: Float64Array, frame: float) -> float:
    """Where on a Bézier with these four frames, which never run back, it is at `frame`: 0..1."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        rest = 1 - middle
        weights = np.array([rest**3, 3 * rest**2 * middle, 3 * rest * middle**2, middle**3])
        low, high = (middle, high) if weights @ frames < frame else (low, middle)
    return (low + high) / 2
