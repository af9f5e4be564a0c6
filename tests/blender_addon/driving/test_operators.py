"""The artist's way: match, correct, save, drive, export, import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.retarget import mapping
from blender_addon.retarget.units import ARKIT, UNITS
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with


@pytest.fixture
def registered(blender: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from blender_addon import registration
    from blender_addon.driving import settings

    monkeypatch.setattr(settings, "cache_folder", lambda context: tmp_path / "cache")
    registration.register()
    yield blender
    registration.unregister()


@pytest.fixture
def talking(registered: Any, head: Any, take: TakeFile) -> Any:
    """A head of ours that plays the lively take, and a character with half of ARKit."""
    from blender_addon.building.animation import animate_head
    from blender_addon.building.head import build_head
    from blender_addon.motion.performance import perform

    made = build_head(head, take.identity, take.albedo)
    registered.context.scene.collection.objects.link(made)
    registered.context.scene.render.fps = 25
    animate_head(made, perform(head, take, take.fps))
    made["style_avatar_performance"] = "voice (calm)"
    drive = registered.context.scene.style_avatar_drive
    drive.head, drive.character = made, mesh_with([f"bs_{name}" for name in ARKIT[:30]])
    return registered


def test_match_and_drive_from_a_head(talking: Any, take: TakeFile, head: HeadFile) -> None:
    scene, operators = talking.context.scene, talking.ops.style_avatar
    drive = scene.style_avatar_drive
    assert operators.match_names() == {"FINISHED"} and len(drive.rows) == 32
    assert operators.drive() == {"FINISHED"}
    face = drive.character
    assert face.data.shape_keys.animation_data.action.name.startswith("voice (calm)")
    scene.frame_set(12)
    units = dict(zip(UNITS, in_order(take, head)[11], strict=True))
    wanted = np.clip(units["jawOpen"] + 0.05 * units["lipBiteLower"], 0, 1)
    assert face.data.shape_keys.key_blocks["bs_jawOpen"].value == pytest.approx(wanted, abs=1e-4)
    assert any("maximum of the slider" in line.text for line in drive.report)


def in_order(take: TakeFile, head: HeadFile) -> np.ndarray:
    """The take's expression by the names of `UNITS`: the test's face model has another order."""
    return take.expression[:, [head.expression_names.index(name) for name in UNITS]]


def test_the_source_is_what_the_head_shows(talking: Any, take: TakeFile, head: HeadFile) -> None:
    from blender_addon.driving.source import of_head

    tracks = of_head(talking.context.scene.style_avatar_drive.head, talking.context.scene)
    np.testing.assert_allclose(tracks.units, in_order(take, head), atol=1e-5)
    np.testing.assert_allclose(tracks.angles, take.angles, atol=1e-5)


@pytest.mark.parametrize(("with_head", "begins"), [(True, 40), (False, 7)])
def test_it_begins_where_the_head_begins(
    talking: Any, take: TakeFile, head: HeadFile, with_head: bool, begins: int
) -> None:
    from blender_addon.building.animation import animate_head
    from blender_addon.motion.performance import perform

    drive = talking.context.scene.style_avatar_drive
    animate_head(drive.head, perform(head, take, take.fps), first_frame=40)
    assert drive.with_head, "unless the artist says otherwise"
    drive.with_head, drive.first_frame = with_head, 7
    talking.ops.style_avatar.match_names()
    talking.ops.style_avatar.drive()
    assert drive.character.data.shape_keys.animation_data.action.frame_range[0] == begins


@pytest.mark.parametrize("add", [True, False])
def test_a_head_that_plays_a_strip_drives_as_before(talking: Any, add: bool) -> None:
    from blender_addon.building.build import TAKE
    from blender_addon.driving.source import SourceError, of_head
    from blender_addon.editing.stack import push

    scene = talking.context.scene
    head = scene.style_avatar_drive.head
    head.data.shape_keys.animation_data.action[TAKE] = "take"
    before = of_head(head, scene)
    push(head, "take", add)
    after = of_head(head, scene)
    for name in ("units", "angles", "place"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=1e-6)
    if add:
        scene.frame_set(10)
        key = head.data.shape_keys.key_blocks["browInnerUp"]
        key.value += 0.1
        key.keyframe_insert("value", frame=10)
        on_top = of_head(head, scene)
        assert len(on_top) == len(before) > 1
        assert on_top.unit("browInnerUp")[9] == pytest.approx(before.unit("browInnerUp")[9] + 0.1, abs=1e-4)
        head.data.shape_keys.animation_data.nla_tracks[0].mute = True
        with pytest.raises(SourceError, match="one frame long"):
            of_head(head, scene)


def test_reasons(registered: Any) -> None:
    from blender_addon.operators.drive import STYLE_AVATAR_OT_drive as Drive

    context, drive = registered.context, registered.context.scene.style_avatar_drive
    assert "Choose a character" in Drive.disabled_reason(context)
    drive.character = mesh_with(["jawOpen"])
    assert "Match Names" in Drive.disabled_reason(context)
    registered.ops.style_avatar.match_names()
    assert "Choose a head" in Drive.disabled_reason(context)
    drive.source = "FILE"
    assert "Choose a take" in Drive.disabled_reason(context)
    drive.file = "/nowhere/take.npz"
    with pytest.raises(RuntimeError, match="there is no take at"):
        registered.ops.style_avatar.drive()


def test_presets(talking: Any) -> None:
    operators, drive = talking.ops.style_avatar, talking.context.scene.style_avatar_drive
    operators.match_names()
    drive.rows[3].gain, drive.rows[4].on, drive.preset = -0.5, False, "Half"
    before = drive.mapping()
    assert operators.save_mapping() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="There is a preset Half already"):
        operators.save_mapping()
    operators.rename_mapping(new_name="Most")
    drive.rows.clear()
    assert drive.preset == "Most" and operators.load_mapping() == {"FINISHED"}
    assert [(row.channel, row.gain, row.on) for row in drive.mapping()] == [
        (row.channel, row.gain, row.on) for row in before
    ]
    drive.character = mesh_with(["bs_eyeBlinkLeft"], "Other")
    operators.load_mapping()
    assert len(drive.rows) == 1 and "Not on this character" in drive.report[0].text
    operators.delete_mapping()
    with pytest.raises(RuntimeError, match="name"):
        operators.load_mapping()


def test_lines_by_hand(talking: Any) -> None:
    operators, drive = talking.ops.style_avatar, talking.context.scene.style_avatar_drive
    operators.match_names()
    operators.edit_mapping(action="ADD")
    line = drive.rows[drive.active_row]
    line.channel, line.target = "mouthPucker", "bs_jawOpen"
    with pytest.raises(RuntimeError, match="two lines"):
        operators.drive()
    assert drive.character.data.shape_keys.animation_data is None, "nothing was written"
    operators.edit_mapping(action="REMOVE")
    assert operators.drive() == {"FINISHED"}


def test_csv_out_and_onto_another_head(talking: Any, tmp_path: Path, take: TakeFile, head: HeadFile) -> None:
    context, operators = talking.context, talking.ops.style_avatar
    path = tmp_path / "out.csv"
    assert operators.export_arkit(filepath=str(path)) == {"FINISHED"} and path.stat().st_size > 10_000
    rig = armature_with(HEAD_BONES)
    face = mesh_with(list(ARKIT), "Playing", rig)
    context.view_layer.objects.active = face
    assert operators.import_arkit(filepath=str(path)) == {"FINISHED"}
    context.scene.frame_set(8)
    value = face.data.shape_keys.key_blocks["eyeBlinkLeft"].value
    assert value == pytest.approx(np.clip(in_order(take, head)[7, 0], 0, 1), abs=1e-4)
    path.write_text("nonsense")
    with pytest.raises(RuntimeError, match="does not begin with Timecode"):
        operators.import_arkit(filepath=str(path))


def test_one_undo_step(talking: Any) -> None:
    from blender_addon.operators import arkit, drive

    for one in (drive.STYLE_AVATAR_OT_drive, drive.STYLE_AVATAR_OT_match_names, arkit.STYLE_AVATAR_OT_import_arkit):
        assert {"REGISTER", "UNDO"} <= one.bl_options


def test_reasons_of_rows_are_translated(registered: Any) -> None:
    from blender_addon.driving import character
    from blender_addon.translations import GERMAN

    found = set()
    for module in (mapping, character):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        given = [one.value for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "reason"]
        found |= {
            one.value for value in given for one in ast.walk(value) if isinstance(one, ast.Constant) and one.value
        }
    assert len(found) >= 7 and found <= set(GERMAN)
