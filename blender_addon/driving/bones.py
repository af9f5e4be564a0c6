"""What has to be known of a rig to move its bones, in the armature's own space, for a face that looks anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Quaternion
from numpy.typing import NDArray

from ..retarget import face_bones
from ..retarget.channels import FACE_BONE, HEAD_PLACE
from ..retarget.mapping import Row

Float64Array = NDArray[np.float64]

PROBE: Final = 0.2  # radians
ALONG: Final = 0.5  # share of a turn from which a bone counts as taken along


@dataclass(frozen=True, eq=False)
class BonePlan:
    """How one bone is to be moved.

    share: of the movement that it does itself, with the row's gain; frame (3, 3): the subject's left, back and up in
    the armature's space; rest (3, 3): the bone's axes there; mode: of its rotation; aims: whether it is what an eye
    looks at; way (3,): for a lid where a blink carries it, for an aim from the eye to it; unit: the length of the
    armature's space in which ways of a face bone or of the head are counted.
    """

    bone: str
    channel: str
    share: float
    frame: Float64Array
    rest: Float64Array
    mode: str = "QUATERNION"
    aims: bool = False
    way: Float64Array = field(default_factory=lambda: np.zeros(3))
    unit: float = 1.0


def bone_plans(armature: Any, rows: Sequence[Row], neck_share: float, size: float) -> list[BonePlan]:
    """Plans for switched-on rows of bones.

    neck_share: 0..1, how much of the head's turn the neck does; size: of the character, see `size.of_character`.
    """
    frame = facing(armature)
    by_channel = {row.channel: row for row in rows}
    return [_plan(armature, row, frame, by_channel, neck_share, size) for row in rows]


def _plan(
    armature: Any, row: Row, frame: Float64Array, rows: Mapping[str, Row], neck_share: float, size: float
) -> BonePlan:
    posed, bones = armature.pose.bones[row.target], armature.data.bones
    rest = np.array(posed.bone.matrix_local.to_3x3(), dtype=np.float64)
    if row.channel == FACE_BONE:
        way, unit = _face_way(bones, row.target)
        return BonePlan(row.target, row.channel, row.gain, frame, rest, way=way, unit=unit)
    if row.channel == HEAD_PLACE:
        axes = rest if posed.bone.use_local_location else np.eye(3)
        return BonePlan(row.target, row.channel, row.gain, frame, axes, unit=size)
    if face_bones.AIMS.get(row.channel) == row.target and f"ORG-{row.target}" in armature.pose.bones:
        ray = np.array(bones[row.target].head_local - bones[f"ORG-{row.target}"].head_local)
        return BonePlan(row.target, row.channel, row.gain, frame, rest, aims=True, way=ray)
    share = row.gain * _share(armature, row.channel, rows, neck_share)
    return BonePlan(row.target, row.channel, share, frame, rest, posed.rotation_mode)


def _share(armature: Any, channel: str, rows: Mapping[str, Row], neck_share: float) -> float:
    """How much of a turn a bone does itself; the head does what the neck leaves, if the neck takes it along."""
    if channel == "neck":
        return neck_share if "head" in rows else 1.0
    if channel == "head" and "neck" in rows:
        along = takes_along(armature, rows["neck"].target, rows["head"].target)
        return 1.0 - neck_share * rows["neck"].gain if along else 1.0
    return 1.0


def _face_way(bones: Any, name: str) -> tuple[Float64Array, float]:
    """Where a blink carries a lid of a Rigify face, and half the width of its mouth."""
    way = np.zeros(3)
    if name in face_bones.LIDS:
        way = np.array(bones[face_bones.LIDS[name]].head_local - bones[name].head_local, dtype=np.float64)
    rig = face_bones.rig_of(bones.keys())
    assert rig is not None
    other = bones[rig.corner.replace(".L", ".R")]
    return way, float((bones[rig.corner].head_local - other.head_local).length / 2)


def facing(armature: Any) -> Float64Array:
    """(3, 3) columns: the subject's left, back and up in the armature's space.

    Up is the axis of the armature nearest to the world's; left is found from pairs of bones with sides in their names,
    and is the axis x where there are none.
    """
    up = np.array(armature.matrix_world.to_quaternion().inverted() @ Matrix.Identity(3).col[2])
    axis = int(np.abs(up).argmax())
    up = np.eye(3)[axis] * np.sign(up[axis])
    left = sum((np.array(one.head_local - other.head_local) for one, other in _pairs(armature)), np.zeros(3))
    left -= up * (left @ up)
    if np.linalg.norm(left) < 1e-6:
        left = np.eye(3)[0] if axis != 0 else np.eye(3)[1]
    left /= np.linalg.norm(left)
    return np.stack([left, np.cross(up, left), up], axis=1)


def _pairs(armature: Any) -> list[tuple[Any, Any]]:
    bones = armature.data.bones
    endings = ((".L", ".R"), ("_L", "_R"), ("_l", "_r"), (".l", ".r"), ("Left", "Right"), ("_L_", "_R_"))
    return [
        (bone, bones[bone.name.replace(left, right)])
        for left, right in endings
        for bone in bones
        if left in bone.name and bone.name.replace(left, right) in bones
    ]


def takes_along(armature: Any, parent: str, child: str) -> bool:
    """Whether turning one bone turns the other: rigs may let the head keep its direction. Tried out and taken back."""
    bone = armature.pose.bones[parent]
    layer = bpy.context.view_layer
    mode, quaternion = bone.rotation_mode, bone.rotation_quaternion.copy()
    euler, axis_angle = bone.rotation_euler.copy(), tuple(bone.rotation_axis_angle)
    layer.update()
    before = armature.pose.bones[child].matrix.to_quaternion()
    try:
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = Quaternion((1, 0, 0), PROBE) @ bone.rotation_quaternion
        layer.update()
        after = armature.pose.bones[child].matrix.to_quaternion()
    finally:
        bone.rotation_mode = mode
        bone.rotation_quaternion, bone.rotation_euler, bone.rotation_axis_angle = quaternion, euler, axis_angle
        layer.update()
    return bool(before.rotation_difference(after).angle > ALONG * PROBE)
