"""A take on characters of all kinds really moves them, and nothing of the artist's is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.retarget.units import ARKIT
from blender_addon.retarget.visemes import OCULUS
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, speaking, tracks_of


def driven(chosen: Any, tracks: Any, rows: Any = None, **options: Any) -> tuple[Any, Any, list[str]]:
    """(what was baked, the rows, what is wrong)."""
    import bpy

    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.verify import verified

    character = character_of(chosen, bpy.context.scene)
    rows = mapped(character) if rows is None else rows
    baked = bake(character, tracks, rows, Options(**options))
    return baked, rows, [one.text for one in verified(character, baked) if one.level == "ERROR"]


def value(mesh: Any, key: str, frame: int) -> float:
    import bpy

    bpy.context.scene.frame_set(frame)
    return float(mesh.data.shape_keys.key_blocks[key].value)


def test_an_arkit_character_follows_every_frame(blender: Any) -> None:
    face = mesh_with([f"bs_{name}" for name in ARKIT])
    tracks = speaking()
    baked, rows, wrong = driven(face, tracks, first_frame=11)
    assert not wrong and sum(row.kind == "SHAPE" for row in rows) == 52
    assert face.data.shape_keys.animation_data.action.name == "voice (calm)"
    for frame in (0, 12, 22, 49):
        assert value(face, "bs_jawOpen", 11 + frame) == pytest.approx(tracks.unit("jawOpen")[frame], abs=1e-5)
        assert value(face, "bs_eyeBlinkLeft", 11 + frame) == pytest.approx(tracks.unit("eyeBlinkLeft")[frame], abs=1e-5)
    assert value(face, "bs_mouthPressLeft", 11 + 12) == pytest.approx(0.12, abs=1e-3), "lipPress is turned into ARKit's"
    assert baked.frames == (11, 60)


def test_visemes_shut_the_lips_and_open_them(blender: Any) -> None:
    names = [f"viseme_{name}" for name in OCULUS]
    face = mesh_with([*names, "eyeBlink_L", "eyeBlink_R"])
    _, rows, wrong = driven(face, speaking())
    assert not wrong
    assert "viseme_sil" not in {row.target for row in rows}
    opening = [name for name in names if name not in {"viseme_PP", "viseme_sil"}]
    assert value(face, "viseme_PP", 13) > 0.95
    assert sum(value(face, name, 13) for name in opening) < 0.05
    assert value(face, "viseme_PP", 20) < 0.05 and value(face, "viseme_aa", 20) > 0.4
    assert value(face, "eyeBlink_L", 23) > 0.9


def test_face_teeth_and_lashes_move_together(blender: Any) -> None:
    rig = armature_with(HEAD_BONES)
    face = mesh_with(ARKIT, "Face", rig)
    teeth = mesh_with(["jawOpen", "jawLeft"], "Teeth", rig)
    lashes = mesh_with(["Lashes_eyeBlink_L", "Lashes_eyeBlink_R"], "Lashes", rig)
    _, rows, wrong = driven(teeth, speaking())
    assert not wrong
    assert {row.channel: row.on for row in rows if row.kind == "BONE"} == {
        **{"head": True, "neck": True, "jaw": False, "left eye": False, "right eye": False, "head place": True}
    }
    assert value(teeth, "jawOpen", 20) == value(face, "jawOpen", 20) == pytest.approx(0.4)
    assert value(lashes, "Lashes_eyeBlink_L", 23) == pytest.approx(0.95)
    actions = {one.data.shape_keys.animation_data.action for one in (face, teeth, lashes)}
    assert len(actions) == 1 and rig.animation_data.action in actions


@pytest.mark.parametrize("turn", [0.0, 1.2])
@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
def test_plain_bones_turn_as_the_head_does(blender: Any, mode: str, turn: float) -> None:
    rig = armature_with(HEAD_BONES)
    rig.rotation_euler.z = turn
    for bone in rig.pose.bones:
        bone.rotation_mode = mode
    blender.context.view_layer.update()
    rest = {bone.name: np.array(bone.matrix) for bone in rig.pose.bones}
    angles = np.zeros((25, 3))
    angles[::2, 0], angles[1::2, 0] = 0.2, -0.2  # nods down and up; the mean is taken for the rest
    angles[24] = 0
    jaw = np.zeros(25)
    jaw[:10] = 0.5
    _, _, wrong = driven(rig, tracks_of(angles=angles, jawOpen=jaw, eyeLookUpLeft=np.linspace(0, 1, 25)))
    assert not wrong
    blender.context.scene.frame_set(3)
    moved = {bone.name: np.array(bone.matrix) for bone in rig.pose.bones}
    forward = np.array([0.0, -1.0, 0.0])
    down = {name: ((moved[name] @ np.linalg.inv(rest[name]))[:3, :3] @ forward)[2] for name in rest}
    assert down["head"] == pytest.approx(-np.sin(0.2), abs=0.01), "neck and head together turn as the take says"
    assert down["neck"] == pytest.approx(-np.sin(0.08), abs=0.01)
    assert down["jaw"] == pytest.approx(-np.sin(0.2 + 0.5 * np.radians(24)), abs=0.01)
    blender.context.scene.frame_set(25)
    look = (np.array(rig.pose.bones["eye.L"].matrix) @ np.linalg.inv(rest["eye.L"]))[:3, :3] @ forward
    assert look[2] == pytest.approx(np.sin(np.radians(22)), abs=0.02)


def test_a_jaw_bone_shuts_the_mouth_by_itself(blender: Any) -> None:
    rig = armature_with(HEAD_BONES)
    driven(rig, speaking())
    angle = []
    for frame in (13, 20):
        blender.context.scene.frame_set(frame)
        angle.append(rig.pose.bones["jaw"].rotation_quaternion.angle)
    assert angle[0] < 0.01 and angle[1] == pytest.approx(0.4 * np.radians(24), abs=0.01)


def test_a_head_that_keeps_its_direction_turns_all_the_way(blender: Any) -> None:
    rig = armature_with(HEAD_BONES)
    rig.data.bones["head"].use_inherit_rotation = False
    angles = np.zeros((25, 3))
    angles[::2, 1], angles[1::2, 1] = 0.3, -0.3
    angles[24] = 0
    driven(rig, tracks_of(angles=angles))
    blender.context.scene.frame_set(1)
    assert rig.pose.bones["head"].rotation_quaternion.angle == pytest.approx(0.3, abs=0.02)


def test_what_the_artist_made_plays_on(blender: Any) -> None:
    rig = armature_with([*HEAD_BONES, ("arm.L", (0.1, 0, 1.3), (0.4, 0, 1.3), "")])
    arm = rig.pose.bones["arm.L"]
    for frame, place in ((1, 0.0), (25, 1.0)):
        arm.location.x = place
        arm.keyframe_insert("location", frame=frame)
    walk = rig.animation_data.action
    baked, _, wrong = driven(rig, speaking(25))
    assert not wrong and baked.kept == [walk.name]
    blender.context.scene.frame_set(25)
    assert arm.location.x == pytest.approx(1.0), "the arm follows the artist's Action, on a track below"
    first = rig.animation_data.action
    driven(rig, speaking(25))
    assert rig.animation_data.action != first and first.name in blender.data.actions
    assert len(rig.animation_data.nla_tracks) == 1, "an earlier bake is put aside, not stacked"
    assert walk.fcurves if hasattr(walk, "fcurves") else walk.layers


def test_sliders_are_respected_and_said(blender: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.verify import verified

    face = mesh_with(["jawOpen"])
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    character = character_of(face, blender.context.scene)
    baked = bake(character, tracks_of(jawOpen=np.linspace(0, 1, 25)), mapped(character), Options())
    assert "jawOpen (1.00)" in " ".join(one.text for one in verified(character, baked))
    assert value(face, "jawOpen", 25) == 0.5


def test_a_viseme_that_would_need_more_than_its_slider_is_said(blender: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.verify import verified

    face = mesh_with([f"Fcl_MTH_{vowel}" for vowel in "AIUEO"])
    character = character_of(face, blender.context.scene)
    tracks = tracks_of(jawOpen=0.9, mouthLowerDownLeft=0.5, mouthLowerDownRight=0.5)
    baked = bake(character, tracks, mapped(character), Options())
    assert 0.9 < max(float(values.max()) for values in baked.shapes.values()) <= 1.0
    assert not baked.clamped, "others stand in"
    for key in face.data.shape_keys.key_blocks[1:]:
        key.slider_max = 0.3
    baked = bake(character, tracks, mapped(character), Options())
    assert max(float(values.max()) for values in baked.shapes.values()) == pytest.approx(0.3)
    assert "held at the maximum" in " ".join(one.text for one in verified(character, baked))


def test_amplitude_opens_wider_and_still_closes(blender: Any) -> None:
    names = ["viseme_" + name for name in ["PP", "FF", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"]]
    face = mesh_with([*names, "eyeBlink_L"])
    opened = []
    for amplitude in (1.0, 0.5):
        driven(face, speaking(), amplitude=amplitude)
        assert value(face, "viseme_PP", 13) > 0.9 and value(face, "eyeBlink_L", 23) == pytest.approx(0.95)
        opened.append(sum(value(face, name, 20) for name in names[1:]))
    assert 0.3 < opened[1] / opened[0] < 0.7


def test_one_frame_contacts_survive_another_rate(blender: Any) -> None:
    closed = (np.arange(50) == 13).astype(float)
    tracks = tracks_of(50, jawOpen=np.full(50, 0.4), mouthClose=0.4 * closed, lipPress=0.3 * closed)
    face = mesh_with(["jawOpen", "mouthClose"])
    driven(face, tracks, fps=30.0)
    gaps = [value(face, "jawOpen", frame) - value(face, "mouthClose", frame) for frame in range(10, 24)]
    assert min(gaps) < 1e-4


def test_gain_offset_and_switched_off_lines(blender: Any) -> None:
    from blender_addon.retarget.mapping import Row

    face = mesh_with(["Opened", "Other"])
    rows = [Row("jawOpen", "Opened", gain=-0.5, offset=0.9), Row("mouthPucker", "Other", on=False)]
    driven(face, tracks_of(jawOpen=np.linspace(0, 1, 25)), rows)
    assert value(face, "Opened", 1) == pytest.approx(0.9) and value(face, "Opened", 25) == pytest.approx(0.4)
    assert value(face, "Other", 25) == 0.0


def test_a_linked_character_is_overridden_and_keeps_its_settings(blender: Any, tmp_path: Path) -> None:
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.problems import problems

    face = mesh_with(["jawOpen", "mouthClose"])
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.9
    path = str(tmp_path / "library.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.read_factory_settings(use_empty=True)
    with blender.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Face"]
    linked = blender.data.objects["Face"]
    blender.context.scene.collection.objects.link(linked)
    character = character_of(linked, blender.context.scene)
    found = problems(character, mapped(character))
    assert any("Library Override" in one.text and one.level == "ERROR" for one in found)
    baked, _, _ = driven(linked, speaking())
    assert not baked.shapes
    own = linked.override_create(remap_local_usages=True)
    own.data.override_create(remap_local_usages=True)
    own = blender.context.scene.objects["Face"]
    baked, _, wrong = driven(own, speaking())
    assert baked.shapes and not wrong
    action = own.data.shape_keys.animation_data.action
    assert action.library is None
    assert own.data.shape_keys.key_blocks["jawOpen"].slider_max == pytest.approx(0.9)
    assert value(own, "jawOpen", 20) == pytest.approx(0.4)
