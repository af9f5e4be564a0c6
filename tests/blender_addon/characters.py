"""Characters made for tests: grids whose shape keys lift one column each, and armatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from blender_addon.retarget.tracks import Tracks
from blender_addon.retarget.units import INDEX, UNITS


def mesh_with(names: Sequence[str], name: str = "Face", parent: Any = None) -> Any:
    """A strip of quads; key number i lifts column i by 1 cm."""
    import bpy

    columns = len(names) + 1
    points = [(x * 0.01, y * 0.01, 0.0) for x in range(columns) for y in range(2)]
    faces = [(2 * x, 2 * x + 2, 2 * x + 3, 2 * x + 1) for x in range(columns - 1)]
    data = bpy.data.meshes.new(name)
    data.from_pydata(points, [], faces)
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    made.shape_key_add(name="Basis")
    for index, key_name in enumerate(names):
        key = made.shape_key_add(name=key_name)
        key.value = 0.0
        key.data[2 * index].co.z += 0.01
    made.parent = parent
    return made


def armature_with(bones: Sequence[tuple[str, tuple[float, ...], tuple[float, ...], str]], name: str = "Rig") -> Any:
    """An armature of (name, head, tail, parent or "")."""
    import bpy

    data = bpy.data.armatures.new(name)
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    for bone_name, head, tail, parent in bones:
        bone = data.edit_bones.new(bone_name)
        bone.head, bone.tail = head, tail
        if parent:
            bone.parent = data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    return made


HEAD_BONES = (
    ("neck", (0.0, 0.0, 1.4), (0.0, -0.02, 1.5), ""),
    ("head", (0.0, -0.02, 1.5), (0.0, -0.02, 1.7), "neck"),
    ("jaw", (0.0, -0.03, 1.55), (0.0, -0.1, 1.5), "head"),
    ("eye.L", (0.03, -0.08, 1.6), (0.03, -0.11, 1.6), "head"),
    ("eye.R", (-0.03, -0.08, 1.6), (-0.03, -0.11, 1.6), "head"),
)


def tracks_of(frames: int = 25, fps: float = 25.0, **units: Any) -> Tracks:
    """Tracks in which only the named units, and `angles` and `place` if given, are not at rest."""
    values = np.zeros((frames, len(UNITS)), dtype=np.float32)
    angles = np.asarray(units.pop("angles", np.zeros((frames, 3))), dtype=np.float32)
    place = np.asarray(units.pop("place", np.zeros((frames, 3))), dtype=np.float32)
    for name, track in units.items():
        values[:, INDEX[name]] = track
    return Tracks(values, angles, place, fps, "voice (calm)")


def speaking(frames: int = 50) -> Tracks:
    """A mouth that says "ba-pa": opens twice between two closures, with a blink and a nod."""
    time = np.arange(frames) / 25.0
    closed = np.isin(np.arange(frames), [12, 13, 30, 31]).astype(float)
    nod = np.stack([0.2 * np.sin(6 * time), 0.1 * np.sin(3 * time), 0 * time], axis=1)
    wink = np.where((np.arange(frames) > 20) & (np.arange(frames) < 25), 0.95, 0.0)
    return tracks_of(
        frames,
        jawOpen=np.full(frames, 0.4),
        mouthClose=0.4 * closed,
        lipPress=0.3 * closed,
        mouthLowerDownLeft=0.2 * (1 - closed),
        mouthLowerDownRight=0.2 * (1 - closed),
        eyeBlinkLeft=wink,
        eyeBlinkRight=wink,
        eyeLookUpLeft=np.full(frames, 0.5) * np.sin(5 * time) ** 2,
        eyeLookUpRight=np.full(frames, 0.5) * np.sin(5 * time) ** 2,
        angles=nod,
    )
