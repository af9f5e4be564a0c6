"""A character is driven in pieces: the bar, cancelling without a trace, undo in between, and what the panel says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from blender_addon.retarget import arkit_csv
from blender_addon.retarget.units import ARKIT
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, speaking
from tests.blender_addon.panels.test_panels import Layout


@pytest.fixture
def registered(blender: Any) -> Iterator[Any]:
    from blender_addon import registration

    registration.register()
    yield blender
    registration.unregister()


@pytest.fixture
def ready(registered: Any, tmp_path: Path) -> Any:
    """A face on bones, an Action of the artist's on its head, a recording, and matched names."""
    arkit_csv.write(speaking(100), tmp_path / "voice.csv")
    rig = armature_with(HEAD_BONES)
    face = mesh_with(ARKIT, "Face", rig)
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    rig.pose.bones["neck"].location.x = 0.125
    rig.pose.bones["neck"].keyframe_insert("location", frame=1)
    drive = registered.context.scene.style_avatar_drive
    drive.character, drive.source, drive.file = face, "FILE", str(tmp_path / "voice.csv")
    registered.context.scene.frame_current, registered.context.scene.render.fps = 7, 25
    registered.ops.style_avatar.match_names()
    return registered


def state(bpy: Any) -> dict[str, Any]:
    """Everything that a bake touches."""
    rig, keys = bpy.data.objects["Rig"], bpy.data.objects["Face"].data.shape_keys
    return {
        "actions": sorted(action.name for action in bpy.data.actions),
        "played": [one.animation_data and one.animation_data.action for one in (rig, keys)],
        "tracks": [len(one.animation_data.nla_tracks) if one.animation_data else 0 for one in (rig, keys)],
        "values": [round(key.value, 6) for key in keys.key_blocks],
        "pose": [tuple(map(tuple, bone.matrix_basis)) for bone in rig.pose.bones],
        "frames": (bpy.context.scene.frame_current, bpy.context.scene.frame_end),
    }


def begun(bpy: Any) -> Any:
    from blender_addon.driving.running import DESK
    from blender_addon.operators.drive import order_of

    DESK.begin(order_of(bpy.context.scene))
    return DESK


def advanced(desk: Any, until: Any) -> None:
    deadline = time.monotonic() + 60
    while not until():
        desk.tick()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_it_is_done_piece_by_piece_and_said(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.driving import work

    monkeypatch.setattr(work, "BUDGET", 0.0)
    desk, stages, fractions = begun(ready), [], []
    drive = desk.drive
    while desk.drive is not None:
        desk.tick()
        stages.append(drive.stage)
        fractions.append(drive.fraction)
        time.sleep(0.001)
    assert list(dict.fromkeys(stages)) == list(work.STAGES.values())
    assert fractions == sorted(fractions) and fractions[-1] == pytest.approx(1.0)
    settings = ready.context.scene.style_avatar_drive
    assert settings.done == "Driven: 52 of 52 shape keys, 2 bones; frames 1 to 100, Action voice."
    assert "plays on below" in " ".join(line.text for line in settings.report)
    assert ready.context.scene.frame_current == 7


@pytest.mark.parametrize("stage", ["reading", "computing", "keys", "looking"])
def test_cancelling_leaves_no_trace(ready: Any, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.driving import work

    monkeypatch.setattr(work, "BUDGET", 0.0)
    before = state(ready)
    desk = begun(ready)
    drive = desk.drive
    advanced(desk, lambda: drive.stage == work.STAGES[stage])
    assert ready.ops.style_avatar.cancel_drive() == {"FINISHED"}
    assert desk.drive is None and drive.cancelled
    assert state(ready) == before
    desk.tick()
    assert state(ready) == before


def test_undo_in_between_begins_again(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.driving import work

    monkeypatch.setattr(work, "BUDGET", 0.0)
    ready.ops.ed.undo_push(message="before")
    desk = begun(ready)
    advanced(desk, lambda: desk.drive.stage == work.STAGES["keys"])
    ready.ops.ed.undo_push(message="something of the artist's")
    ready.ops.ed.undo()
    advanced(desk, lambda: desk.drive is None)
    names = [action.name for action in ready.data.actions]
    assert sorted(names) == ["RigAction", "voice"] or len(names) == 2, "nothing half-done is left"
    keys = ready.data.objects["Face"].data.shape_keys
    assert keys.animation_data.action.name == "voice"


def test_one_undo_takes_it_back(ready: Any) -> None:
    ready.ops.ed.undo_push(message="the pressed button")
    before = {key: value for key, value in state(ready).items() if key != "played"}
    desk = begun(ready)
    advanced(desk, lambda: desk.drive is None)
    assert "voice" in ready.data.actions
    ready.ops.ed.undo()
    assert {key: value for key, value in state(ready).items() if key != "played"} == before


def test_what_cannot_be_read_is_said_in_the_panel(ready: Any, tmp_path: Path) -> None:
    before = state(ready)
    (tmp_path / "voice.csv").write_text("nonsense")
    desk = begun(ready)
    advanced(desk, lambda: desk.drive is None)
    settings = ready.context.scene.style_avatar_drive
    assert settings.report[0].level == "ERROR" and "does not begin with Timecode" in settings.report[0].text
    assert state(ready) == before and not settings.done


def test_a_character_that_is_deleted_meanwhile_is_said(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.driving import work

    monkeypatch.setattr(work, "BUDGET", 0.0)
    desk = begun(ready)
    advanced(desk, lambda: desk.drive.stage == work.STAGES["keys"])
    ready.data.meshes.remove(ready.data.objects["Face"].data)
    advanced(desk, lambda: desk.drive is None)
    assert "not there any more" in ready.context.scene.style_avatar_drive.report[0].text
    assert "voice" not in ready.data.actions


def test_a_file_saved_in_between_is_cleared(ready: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.driving import work

    monkeypatch.setattr(work, "BUDGET", 0.0)
    desk = begun(ready)
    advanced(desk, lambda: desk.drive.stage == work.STAGES["looking"])
    ready.ops.wm.save_as_mainfile(filepath=str(tmp_path / "half.blend"), copy=True)
    ready.ops.wm.open_mainfile(filepath=str(tmp_path / "half.blend"))
    assert desk.drive is None
    assert not [action.name for action in ready.data.actions if action.name.startswith("voice")]


class Panel(Layout):
    def row(self, **_: Any) -> Panel:
        return Panel(self)

    column = box = row

    def template_list(self, *_: Any, **__: Any) -> None: ...


def drawn(bpy: Any) -> Panel:
    from blender_addon.panels import drive

    layout = Panel()
    panel: Any = drive.STYLE_AVATAR_PT_drive
    panel.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


def test_the_panel_shows_the_bar_then_what_was_done(ready: Any) -> None:
    assert "drive" in drawn(ready).operators
    desk = begun(ready)
    layout = drawn(ready)
    assert "cancel_drive" in layout.operators and "drive" not in layout.operators
    assert "Reading the performance" in layout.texts
    for one in ("match_names", "drive"):
        with pytest.raises(RuntimeError, match="Drive Character is running"):
            getattr(ready.ops.style_avatar, one)()
    advanced(desk, lambda: desk.drive is None)
    assert "Driven: 52 of 52 shape keys, 2 bones; frames 1 to 100, Action voice." in " ".join(drawn(ready).texts)
    ready.ops.style_avatar.match_names()
    assert "Driven" not in " ".join(drawn(ready).texts), "old news"


def test_both_names_of_an_entry_have_a_line_of_their_own(ready: Any) -> None:
    from blender_addon.panels.drive import STYLE_AVATAR_UL_mapping

    entries: Any = STYLE_AVATAR_UL_mapping
    settings = ready.context.scene.style_avatar_drive
    layout = Panel()
    made: list[Panel] = []
    layout.row = lambda **_: made.append(Panel(None)) or made[-1]  # type: ignore[method-assign, func-returns-value]
    holder = SimpleNamespace(column=lambda **_: layout)
    entries.draw_item(None, ready.context, holder, settings, settings.rows[0], 0, settings, "active_row")
    assert [line.texts for line in made] == [[settings.rows[0].channel], [settings.rows[0].target]]
