"""What a head plays as one table with a value per frame.

The table has one column per shape key that the face model's expressions have, then location in millimetres and rotation
in radians, as `mesh_error` wants them. Curves of anything else are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..building.steps import Steps, run_all
from ..motion.contacts import CONTACT_GAP, LIDS, LIDS_CLOSED, LIP_RIMS
from .curves import sampled
from .draft import Draft
from .mesh_error import POSE, FaceMesh
from .played import played

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
Channel = tuple[str, int]

MILLIMETRES: Final = 1000.0
POSE_PATHS: Final = (("location", MILLIMETRES), ("rotation_euler", 1.0))
MOVES_LIPS: Final = 0.05  # millimetres of lip gap that a shape key at 1 makes


@dataclass(frozen=True, eq=False)
class Layer:
    """What a head plays: `tracks` (S, K + 6) on the frames from `first` on, and what is needed to judge it.

    first: frame of the Action; counts: (K + 6,) how many keys each track has now; gap: (K,) millimetres of lip gap per
    unit of each shape key; gap_at_rest: millimetres.
    """

    names: tuple[str, ...]
    first: int
    tracks: Float64Array
    counts: IntArray
    mesh: FaceMesh
    gap: Float64Array
    gap_at_rest: float

    @property
    def last(self) -> int:
        """The last frame."""
        return self.first + len(self.tracks) - 1

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return int(self.counts.sum())

    @property
    def channels(self) -> list[Channel]:
        """The data path and index of each track."""
        return channels_of(self.names)

    @property
    def lips_closed(self) -> BoolArray:
        """(S,) whether the lips touch."""
        if not self.gap.any():
            return np.zeros(len(self.tracks), dtype=bool)
        return self.gap_at_rest + self.tracks[:, :-POSE] @ self.gap < 100.0 * CONTACT_GAP

    @property
    def lids_closed(self) -> BoolArray:
        """(S,) whether both eyes are shut."""
        if not set(LIDS) <= set(self.names):
            return np.zeros(len(self.tracks), dtype=bool)
        return self.tracks[:, [self.names.index(name) for name in LIDS]].min(axis=1) >= LIDS_CLOSED

    @property
    def exact(self) -> BoolArray:
        """(S, K + 6) keys that lip closures and blinks are made of."""
        exact = np.zeros(self.tracks.shape, dtype=bool)
        exact[np.ix_(self.lips_closed, np.flatnonzero(np.abs(self.gap) > MOVES_LIPS))] = True
        lids = np.array([self.names.index(name) for name in LIDS if name in self.names], dtype=np.intp)
        exact[np.ix_(self.lids_closed, lids)] = True
        return exact


def read_layer(head_object: Any) -> Layer:
    """What `head_object` plays; call only when it plays something."""
    found = played(head_object)
    assert found is not None
    return run_all(layer_steps(Draft(found, found.places)))


def layer_steps(draft: Draft) -> Steps[Layer]:
    """Read what a draft plays, a curve or a shape key at a time.

    Raises:
        KeyError: the head is gone.
    """
    names = tuple(block.name for block in _blocks(draft)[1:])
    channels = channels_of(names)
    total = len(channels) + len(names)
    first, last = _range(draft)
    frames = np.arange(first, last + 1)
    tracks, counts = np.empty((len(frames), len(channels))), np.zeros(len(channels), dtype=np.intp)
    for index, channel in enumerate(channels):
        curve = draft.curve(channel)
        tracks[:, index] = sampled(curve, frames, _still(draft.head, channel)) * unit_of(channel)
        counts[index] = len(curve.keyframe_points) if curve is not None else 0
        yield "reading", index + 1, total
    mesh, gap, gap_at_rest = yield from _face_steps(draft, names, total)
    return Layer(names, first, tracks, counts, mesh, gap, gap_at_rest)


def channels_of(names: Sequence[str]) -> list[Channel]:
    """The data path and index of each track, for shape keys called `names`."""
    return [*((f'key_blocks["{name}"].value', 0) for name in names), *_pose_channels()]


def unit_of(channel: Channel) -> float:
    """What a value of the curve is times, to be one of the track."""
    return MILLIMETRES if channel[0] == "location" else 1.0


def _pose_channels() -> list[Channel]:
    return [(path, axis) for path, _ in POSE_PATHS for axis in range(3)]


def _blocks(draft: Draft) -> Any:
    return draft.head.data.shape_keys.key_blocks


def _range(draft: Draft) -> tuple[int, int]:
    ends = [curve.range() for curve in draft.curves().values()]
    return int(np.floor(min(end[0] for end in ends))), int(np.ceil(max(end[1] for end in ends)))


def _still(head_object: Any, channel: Channel) -> float:
    path, axis = channel
    if path.startswith("key_blocks"):
        return float(head_object.data.shape_keys.path_resolve(path))
    return float(getattr(head_object, path)[axis])


def _face_steps(draft: Draft, names: Sequence[str], total: int) -> Steps[tuple[FaceMesh, Float64Array, float]]:
    rest = _points(_blocks(draft)[0])
    displacement = np.empty((len(names), *rest.shape), dtype=np.float32)
    for index, name in enumerate(names):
        block = _blocks(draft)[name]
        displacement[index] = _points(block) - _points(block.relative_key)
        yield "reading", total - len(names) + index + 1, total
    rims = [_marked(draft.head.data, name) for name in LIP_RIMS]
    if any(rim is None for rim in rims):
        return FaceMesh(rest, displacement), np.zeros(len(names)), 0.0
    upper, lower = rims
    gap = displacement[:, upper, 2].mean(axis=1) - displacement[:, lower, 2].mean(axis=1)
    at_rest = float(rest[upper, 2].mean() - rest[lower, 2].mean())
    return FaceMesh(rest, displacement), gap.astype(np.float64), at_rest


def _points(block: Any) -> NDArray[np.float32]:
    points = np.empty(3 * len(block.data), dtype=np.float32)
    block.data.foreach_get("co", points)
    return MILLIMETRES * points.reshape(-1, 3).astype(np.float32)


def _marked(mesh: Any, name: str) -> NDArray[np.intp] | None:
    attribute = mesh.attributes.get(name)
    if attribute is None:
        return None
    marks = np.empty(len(mesh.vertices), dtype=bool)
    attribute.data.foreach_get("value", marks)
    return np.flatnonzero(marks) if marks.any() else None


def plays(head_object: Any) -> bool:
    """Whether an Action moves the head's face."""
    return played(head_object) is not None
