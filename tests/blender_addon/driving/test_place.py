"""The head's way arrives on bones and objects, in the character's own size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from blender_addon.motion.frames import rotation_matrices
from blender_addon.retarget.channels import HEAD_PLACE
from blender_addon.retarget.motion import head_ways
from blender_addon.retarget.tracks import NECK
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, tracks_of
from tests.blender_addon.driving.test_bake import driven

SWAYING = np.zeros((25, 3))
SWAYING[::2], SWAYING[1::2] = (0.5, 0.2, 0.1), (-0.5, -0.2, -0.1)
SWAYING[24] = 0
EXPECTED = np.array([0.5, -0.1, 0.2])  # decimetres, in Blender's world


def rows_of(chosen: Any) -> list[Any]:
    import bpy

    from blender_addon.driving.character import character_of, mapped

    return mapped(character_of(chosen, bpy.context.scene))


@pytest.mark.parametrize("turn", [0.0, 1.2])
def test_a_bone_goes_as_far_for_the_eyes_of_its_rig(blender: Any, turn: float) -> None:
    rig = armature_with(HEAD_BONES)
    rig.rotation_euler.z = turn
    blender.context.view_layer.update()
    rest = np.array(rig.pose.bones["neck"].matrix.translation)
    rows = [replace(row, on=row.channel == HEAD_PLACE) for row in rows_of(rig)]
    _, _, wrong = driven(rig, tracks_of(place=SWAYING), rows)
    assert not wrong
    blender.context.scene.frame_set(1)
    moved = np.array(rig.pose.bones["neck"].matrix.translation) - rest
    np.testing.assert_allclose(moved, 0.06 / 0.6 * EXPECTED, atol=1e-6)


def test_what_would_stretch_the_neck_is_off_and_what_cannot_move_is_not_offered(blender: Any) -> None:
    body = ("spine", (0.0, 0.0, 1.2), (0.0, 0.0, 1.4), "")
    rig = armature_with([body, *((name, head, tail, parent or "spine") for name, head, tail, parent in HEAD_BONES)])
    (row,) = [row for row in rows_of(rig) if row.channel == HEAD_PLACE]
    assert not row.on and "off the body" in row.reason
    for name in ("head", "neck"):
        rig.pose.bones[name].lock_location = (True, True, True)
    assert not [row for row in rows_of(rig) if row.channel == HEAD_PLACE]


def test_an_object_goes_from_where_it_stands(blender: Any) -> None:
    face = mesh_with(["eyeBlinkLeft", *(f"wrinkle{index}" for index in range(5)), "eyeBlinkRight"])  # 6 cm apart
    face.location, face.scale = (1.0, 2.0, 3.0), (2.0, 2.0, 2.0)
    blender.context.view_layer.update()
    rows = [replace(row, on=row.channel == HEAD_PLACE) for row in rows_of(face)]
    baked, _, _ = driven(face, tracks_of(place=SWAYING), rows)
    assert baked.objects == ["Face"]
    blender.context.scene.frame_set(1)
    np.testing.assert_allclose(face.location, np.array([1.0, 2.0, 3.0]) + 0.12 / 0.6 * EXPECTED, atol=1e-5)


def test_without_eyes_the_height_counts(blender: Any) -> None:
    from blender_addon.driving.character import character_of
    from blender_addon.driving.size import of_character

    face = mesh_with(["jawOpen"])
    size = of_character(character_of(face, blender.context.scene), rows_of(face))
    assert size == pytest.approx(0.23 * 0.01 / 0.6)


def test_turning_about_the_neck_is_no_way() -> None:
    from blender_addon.files.take_file import TakeFile
    from blender_addon.retarget.tracks import of_take

    angles = np.stack([0.2 * np.sin(np.arange(20)), 0.1 * np.cos(np.arange(20)), np.zeros(20)], axis=1)
    coefficients = np.zeros((20, 257), dtype=np.float32)
    coefficients[:, 224:227] = angles
    coefficients[:, 254:257] = NECK - rotation_matrices(angles.astype(np.float32)) @ NECK
    take = TakeFile(coefficients, 25.0, {"face_model": {"name": "open_head"}})
    np.testing.assert_allclose(take.angles, angles, atol=1e-6)
    assert np.abs(head_ways(of_take(take))).max() < 1e-6
