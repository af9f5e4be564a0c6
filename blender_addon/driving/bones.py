"""Turn and move pose bones: everything is computed in the armature's own space, for a face that looks anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Quaternion
from numpy.typing import NDArray

from ..retarget import face_bones, motion
from ..retarget.channels import FACE_BONE
from ..retarget.mapping import Row
from ..retarget.tracks import Tracks

Float64Array = NDArray[np.float64]

PROBE: Final = 0.2  # radians
ALONG: Final = 0.5  # share of a turn from which a bone counts as taken along


@dataclass(frozen=True, eq=False)
class BoneKeys:
    """Values (T, n) for a property of one pose bone, such as "rotation_quaternion" or "location"."""

    bone: str
    path: str
    values: NDArray[np.float32]


def bone_keys(armature: Any, rows: Sequence[Row], tracks: Tracks, neck_share: float, closes: bool) -> list[BoneKeys]:
    """Keys for all switched-on rows of bones.

    neck_share: 0..1, how much of the head's turn the neck does; closes: whether the jaw has to shut the mouth.
    """
    frame = facing(armature)
    by_channel = {row.channel: row for row in rows}
    pose = armature.pose.bones
    keys: list[BoneKeys] = []
    for row in rows:
        bone = pose[row.target]
        if row.channel == FACE_BONE:
            keys.append(_located(bone, _face_way(armature, row.target, tracks, frame) * row.gain))
        elif face_bones.AIMS.get(row.channel) == row.target and f"ORG-{row.target}" in pose:
            keys.append(_located(bone, _aim_way(armature, row, tracks, frame)))
        else:
            share = _share(armature, row.channel, by_channel, neck_share)
            turns = motion.shared(_turns(row.channel, tracks, closes), share * row.gain)
            keys.append(_turned(bone, frame @ turns @ frame.T))
    return keys


def _turns(channel: str, tracks: Tracks, closes: bool) -> Float64Array:
    if channel in {"head", "neck"}:
        return motion.head_rotations(tracks)
    if channel == "jaw":
        return motion.jaw_rotations(tracks, closes)
    return motion.eye_rotations(tracks, channel)


def _share(armature: Any, channel: str, rows: Mapping[str, Row], neck_share: float) -> float:
    """How much of a turn a bone does itself; the head does what the neck leaves, if the neck takes it along."""
    if channel == "neck":
        return neck_share if "head" in rows else 1.0
    if channel == "head" and "neck" in rows:
        along = takes_along(armature, rows["neck"].target, rows["head"].target)
        return 1.0 - neck_share * rows["neck"].gain if along else 1.0
    return 1.0


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


def _turned(bone: Any, turns: Float64Array) -> BoneKeys:
    """Keys that turn a bone by `turns` (T, 3, 3) of the armature's space against its rest, in its rotation mode."""
    rest = np.array(bone.bone.matrix_local.to_3x3())
    local = rest.T @ turns @ rest
    path, values = rotation_values(local, bone.rotation_mode)
    return BoneKeys(bone.name, path, values)


def rotation_values(matrices: Float64Array, mode: str) -> tuple[str, NDArray[np.float32]]:
    """The property of a rotation mode and its values (T, n) for `matrices` (T, 3, 3), without jumps between frames."""
    rotations = [Matrix(matrix).to_quaternion() for matrix in matrices]
    for before, after in pairwise(rotations):
        after.make_compatible(before)
    if mode == "QUATERNION":
        return "rotation_quaternion", np.array(rotations, dtype=np.float32)
    if mode == "AXIS_ANGLE":
        pairs = [rotation.to_axis_angle() for rotation in rotations]
        return "rotation_axis_angle", np.array([(angle, *axis) for axis, angle in pairs], dtype=np.float32)
    eulers = [rotations[0].to_euler(mode)]
    for rotation in rotations[1:]:
        eulers.append(rotation.to_euler(mode, eulers[-1]))
    return "rotation_euler", np.array(eulers, dtype=np.float32)


def _located(bone: Any, ways: NDArray[np.floating]) -> BoneKeys:
    """Keys that move a bone by `ways` (T, 3) of the armature's space."""
    rest = np.array(bone.bone.matrix_local.to_3x3())
    return BoneKeys(bone.name, "location", (ways @ rest).astype(np.float32))


def _face_way(armature: Any, name: str, tracks: Tracks, frame: Float64Array) -> NDArray[np.floating]:
    """(T, 3) where a control of a Rigify face goes."""
    bones = armature.data.bones
    if name in face_bones.LIDS:
        way = np.array(bones[face_bones.LIDS[name]].head_local - bones[name].head_local)
        return face_bones.blink(name, tracks)[:, None] * way
    rig = face_bones.rig_of(bones.keys())
    assert rig is not None
    other = bones[rig.corner.replace(".L", ".R")]
    half = (bones[rig.corner].head_local - other.head_local).length / 2
    return half * face_bones.displacement(name, tracks) @ frame.T


def _aim_way(armature: Any, row: Row, tracks: Tracks, frame: Float64Array) -> NDArray[np.floating]:
    """(T, 3) where the thing that an eye looks at goes."""
    bones = armature.data.bones
    ray = np.array(bones[row.target].head_local - bones[f"ORG-{row.target}"].head_local)
    turns = motion.shared(motion.eye_rotations(tracks, row.channel), row.gain)
    return (frame @ turns @ frame.T) @ ray - ray
