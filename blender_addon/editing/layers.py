"""The keys of a head as one table with a value per frame, and back into copies of its Actions.

The table has one column per shape key that the face model's expressions have, then location in millimetres and rotation
in radians, as `mesh_error` wants them. Curves of anything else are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import compat
from ..building.animation import write_keys
from ..building.head import allow_range
from ..motion.contacts import CONTACT_GAP, LIDS, LIDS_CLOSED, LIP_RIMS
from .mesh_error import POSE, FaceMesh

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MILLIMETRES: Final = 1000.0
POSE_PATHS: Final = (("location", MILLIMETRES), ("rotation_euler", 1.0))
MOVES_LIPS: Final = 0.05  # millimetres of lip gap that a shape key at 1 makes


@dataclass(frozen=True, eq=False)
class Layer:
    """What a head plays: `tracks` (S, K + 6) on the frames from `first` on, and what is needed to judge it.

    first: frame of the Action; keys: how many there are now; gap: (K,) millimetres of lip gap per unit of each shape
    key; gap_at_rest: millimetres.
    """

    names: tuple[str, ...]
    first: int
    tracks: Float64Array
    keys: int
    mesh: FaceMesh
    gap: Float64Array
    gap_at_rest: float

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
    """What `head_object` plays through its assigned Actions; call only when it `plays`."""
    names = tuple(block.name for block in head_object.data.shape_keys.key_blocks[1:])
    curves = curves_of_head(head_object)
    wanted = [*((f'key_blocks["{name}"].value', 0) for name in names), *_pose_channels()]
    ends = [curve.range() for curve in curves.values()]
    first, last = int(np.floor(min(end[0] for end in ends))), int(np.ceil(max(end[1] for end in ends)))
    frames = np.arange(first, last + 1)
    tracks = np.stack([_sampled(curves.get(one), frames, _still(head_object, one)) for one in wanted], axis=1)
    tracks[:, -POSE:-3] *= MILLIMETRES
    mesh, gap, gap_at_rest = _face(head_object, names)
    keys = sum(len(curve.keyframe_points) for one, curve in curves.items() if one in set(wanted))
    return Layer(names, first, tracks, keys, mesh, gap, gap_at_rest)


def plays(head_object: Any) -> bool:
    """Whether an Action is assigned to the head's face."""
    return bool(compat.curves_of(head_object.data.shape_keys))


def copy_actions(head_object: Any, suffix: str) -> Any:
    """Assign copies of the head's Actions, named with `suffix`, keep the originals, and return the face's copy."""
    copies: dict[str, Any] = {}
    for owner in (head_object.data.shape_keys, head_object):
        name, slot = compat.assigned_action(owner)
        if not name:
            continue
        if name not in copies:
            original = bpy.data.actions[name]
            original.use_fake_user = True
            copies[name] = original.copy()
            copies[name].name = f"{name} {suffix}"
        compat.assign_action(owner, [copies[name].name, slot])
    return head_object.data.shape_keys.animation_data.action


def write_layer(head_object: Any, layer: Layer, tracks: Float64Array, keep: BoolArray) -> None:
    """Let the assigned Actions hold `tracks` (S, K + 6) with linear keys where `keep` (S, K + 6) says."""
    curves = curves_of_head(head_object)
    columns = [*((f'key_blocks["{name}"].value', 0) for name in layer.names), *_pose_channels()]
    frames = np.arange(len(tracks)) + layer.first
    for index, channel in enumerate(columns):
        if (curve := curves.get(channel)) is None:
            continue
        kept = keep[:, index]
        scale = MILLIMETRES if channel[0] == "location" else 1.0
        values = tracks[kept, index] / scale
        if index < len(layer.names):
            allow_range(head_object, layer.names[index], float(values.min()), float(values.max()))
        write_keys(curve, frames[kept].astype(np.float32), values.astype(np.float32), "LINEAR")


def curves_of_head(head_object: Any) -> dict[tuple[str, int], Any]:
    """The curves that move the head, by data path and index."""
    owners = (head_object.data.shape_keys, head_object)
    return {(curve.data_path, curve.array_index): curve for owner in owners for curve in compat.curves_of(owner)}


def _pose_channels() -> list[tuple[str, int]]:
    return [(path, axis) for path, _ in POSE_PATHS for axis in range(3)]


def _still(head_object: Any, channel: tuple[str, int]) -> float:
    path, axis = channel
    if path.startswith("key_blocks"):
        return float(head_object.data.shape_keys.path_resolve(path))
    return float(getattr(head_object, path)[axis])


def _sampled(curve: Any | None, frames: NDArray[np.integer], still: float) -> Float64Array:
    if curve is None:
        return np.full(len(frames), still)
    points = curve.keyframe_points
    kinds = np.empty(len(points), dtype=np.int32)
    points.foreach_get("interpolation", kinds)
    if len(points) and (kinds == 1).all() and not len(curve.modifiers):  # linear
        co = np.empty(2 * len(points), dtype=np.float32)
        points.foreach_get("co", co)
        return np.interp(frames, co[::2], co[1::2])
    return np.array([curve.evaluate(frame) for frame in frames], dtype=np.float64)


def _face(head_object: Any, names: Sequence[str]) -> tuple[FaceMesh, Float64Array, float]:
    blocks = head_object.data.shape_keys.key_blocks
    rest = _points(blocks[0])
    displacement = np.stack([_points(blocks[name]) - _points(blocks[name].relative_key) for name in names])
    rims = [_marked(head_object.data, name) for name in LIP_RIMS]
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


def is_linear(head_object: Any) -> bool:
    """Whether all curves of the head run straight from key to key."""
    return all(
        point.interpolation == "LINEAR"
        for curve in curves_of_head(head_object).values()
        for point in curve.keyframe_points
    )


def write_range(head_object: Any, layer: Layer, tracks: Float64Array, first: int) -> None:
    """Let the assigned Actions play `tracks` (n, K + 6) from frame `first` on; other keys are not touched.

    layer: what they play now; a key before and after the range keeps the curves outside of it as they are.
    """
    curves, last = curves_of_head(head_object), first + len(tracks) - 1
    columns = [*((f'key_blocks["{name}"].value', 0) for name in layer.names), *_pose_channels()]
    for index, channel in enumerate(columns):
        if (curve := curves.get(channel)) is None:
            continue
        scale = MILLIMETRES if channel[0] == "location" else 1.0
        points = np.empty(2 * len(curve.keyframe_points), dtype=np.float32)
        curve.keyframe_points.foreach_get("co", points)
        keys = {float(frame): float(value) for frame, value in points.reshape(-1, 2) if not first <= frame <= last}
        for frame in (first - 1, last + 1):
            if 0 <= frame - layer.first < len(layer.tracks):
                keys.setdefault(float(frame), float(layer.tracks[frame - layer.first, index] / scale))
        keys |= {float(first + at): float(value / scale) for at, value in enumerate(tracks[:, index])}
        if index < len(layer.names):
            allow_range(head_object, layer.names[index], min(keys.values()), max(keys.values()))
        frames = sorted(keys)
        values = np.array([keys[frame] for frame in frames], dtype=np.float32)
        write_keys(curve, np.array(frames, dtype=np.float32), values, "LINEAR")
