"""Another style, and a range once more, from the pressed button on, with a job that the test moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import soundfile

from blender_addon.jobs.snapshot import Snapshot
from models import take as takes
from tests.blender_addon.conftest import world_positions
from tests.blender_addon.pressing import FakeRun, press_and_get, ticks


@pytest.fixture
def head_object(blender: Any, session: Any, delivered: Snapshot) -> Any:
    """A head that was animated with the panel, and is selected."""
    settings = blender.context.scene.style_avatar
    settings.lips, settings.seed, settings.motion = 1.5, 7, "LEARNED"
    settings.transcript_source, settings.transcript = "TYPED", "Hi! Oh."
    made = press_and_get(blender, session, delivered)
    blender.context.view_layer.objects.active = made
    settings.lips, settings.seed, settings.transcript_source, settings.style_name = 1.0, 0, "NONE", "calm"
    settings.motion = "ARTICULATOR"
    return made


@pytest.fixture
def other(take_path: Path, delivered: Snapshot, tmp_path: Path) -> Snapshot:
    """What another style comes to: the same take backwards."""
    take = takes.load(take_path)
    coefficients = take.coefficients.copy()
    coefficients[:, 80:144] = coefficients[::-1, 80:144]
    takes.save(replace(take, coefficients=coefficients), tmp_path / "other.npz")
    return replace(delivered, files=MappingProxyType({**delivered.files, "take.npz": tmp_path / "other.npz"}))


def ask(session: Any, operator: Callable[[], set[str]], answer: Snapshot) -> FakeRun:
    assert operator() == {"FINISHED"}
    ticks(session, lambda: session.work is None or session.work.run is not None)
    assert session.trouble is None, session.trouble
    run = FakeRun.last
    run.now = answer
    ticks(session, lambda: session.work is None)
    return run


def face_action(head_object: Any) -> Any:
    return head_object.data.shape_keys.animation_data.action


def jaw(head_object: Any) -> np.ndarray:
    from blender_addon.editing.layers import read_layer

    layer = read_layer(head_object)
    return np.asarray(layer.tracks[:, layer.names.index("jawOpen")])


def test_another_style_asks_the_same_again(
    blender: Any, session: Any, head_object: Any, other: Snapshot, tmp_path: Path
) -> None:
    from blender_addon import compat

    scene = blender.context.scene
    first, before = face_action(head_object), jaw(head_object)
    scene.frame_end = 30  # the artist's own
    run = ask(session, blender.ops.style_avatar.another_style, other)
    assert run.request["style"] == "calm" and run.request["seed"] == 7 and run.request["transcript"] == "Hi! Oh."
    assert run.request["sliders"]["lips"] == 1.5 and run.request["image"] is None
    assert run.request["motion"] == "learned"
    assert len(run.request["person"]["identity"]) == 80
    assert run.files["voice"].read_bytes() == (tmp_path / "voice.wav").read_bytes()
    made = face_action(head_object)
    assert made.name == "voice (calm)" and first.name == "voice (neutral)" and first.use_fake_user
    np.testing.assert_allclose(jaw(head_object), before[::-1], atol=1e-6)
    assert made.name in session.said and first.name in session.said
    assert scene.frame_end == 30 and [one.mute for one in compat.sound_strips(scene)] == [False]
    again = ask(session, blender.ops.style_avatar.another_style, other)
    assert again.request["transcript"] == "Hi! Oh." and face_action(head_object).name == "voice (calm).001"
    blender.ops.ed.undo()
    session.tick()
    assert face_action(blender.data.objects["anna"]).name == "voice (calm)" and not session.said


def test_a_packed_voice_outlives_its_file(
    blender: Any, session: Any, head_object: Any, other: Snapshot, tmp_path: Path
) -> None:
    content = (tmp_path / "voice.wav").read_bytes()
    (tmp_path / "voice.wav").unlink()
    blender.context.scene.sequence_editor.strips.remove(blender.context.scene.sequence_editor.strips[0])
    run = ask(session, blender.ops.style_avatar.another_style, other)
    assert run.files["voice"].read_bytes() == content and run.files["voice"].name == "voice.wav"


def test_a_voice_that_is_nowhere_is_told(blender: Any, session: Any, head_object: Any, tmp_path: Path) -> None:
    (tmp_path / "voice.wav").rename(tmp_path / "elsewhere.wav")
    face_action(head_object)["style_avatar_sound"].unpack(method="REMOVE")
    with pytest.raises(RuntimeError, match="neither packed in the file nor where it was"):
        blender.ops.style_avatar.another_style()
    assert session.work is None and session.trouble.code == "no_voice"


def test_a_sound_file_that_has_changed_is_told(blender: Any, session: Any, head_object: Any, tmp_path: Path) -> None:
    action = face_action(head_object)
    facts = json.loads(action["style_avatar_take"])
    facts["audio"]["sha256"] = "0" * 64
    action["style_avatar_take"] = json.dumps(facts)
    action["style_avatar_sound"].unpack(method="REMOVE")
    soundfile.write(tmp_path / "voice.wav", np.ones(100), 16000)
    assert blender.ops.style_avatar.another_style() == {"FINISHED"}
    ticks(session, lambda: session.work is None)
    assert session.trouble.code == "voice_changed" and face_action(head_object) == action


def test_an_action_from_before_there_was_a_choice_was_moved_by_rules(
    blender: Any, session: Any, head_object: Any, other: Snapshot
) -> None:
    action = face_action(head_object)
    recipe = json.loads(action["style_avatar_asked"])
    assert recipe.pop("motion") == "learned"
    action["style_avatar_asked"] = json.dumps(recipe)
    assert ask(session, blender.ops.style_avatar.another_style, other).request["motion"] == "articulator"


def test_an_action_that_does_not_say_is_greyed(blender: Any, session: Any, head_object: Any) -> None:
    del face_action(head_object)["style_avatar_asked"]
    with pytest.raises(RuntimeError, match="does not say what it was made from"):
        blender.ops.style_avatar.another_style()
    face_action(head_object)["style_avatar_asked"] = json.dumps({"version": 99})
    with pytest.raises(RuntimeError, match="another version"):
        blender.ops.style_avatar.another_style()


def test_another_style_takes_the_place_of_a_strip(
    blender: Any, session: Any, head_object: Any, other: Snapshot
) -> None:
    blender.ops.style_avatar.make_layer()
    owners = (head_object.data.shape_keys, head_object)
    before = jaw(head_object)
    ask(session, blender.ops.style_avatar.another_style, other)
    strips = [owner.animation_data.nla_tracks[0].strips[0] for owner in owners]
    assert strips[0].action.name == "voice (calm)" and [owner.animation_data.action for owner in owners] == [None] * 2
    np.testing.assert_allclose(jaw(head_object), before[::-1], atol=1e-6)
    blender.context.scene.frame_set(9)
    blender.context.scene.frame_set(10)
    now = world_positions(head_object)
    assert head_object.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(before[::-1][9], abs=1e-5)
    assert np.isfinite(now).all()


def test_a_range_is_redone_in_one_press(blender: Any, session: Any, head_object: Any, other: Snapshot) -> None:
    edit = blender.context.scene.style_avatar_edit
    edit.first, edit.last, edit.blend, edit.new = 11, 20, 0, {"STYLE", "VARIATION"}
    first, before = face_action(head_object), jaw(head_object)
    run = ask(session, blender.ops.style_avatar.redo_range, other)
    assert (run.request["style"], run.request["seed"], run.request["sliders"]["lips"]) == ("calm", 8, 1.5)
    made, now = face_action(head_object).name, jaw(head_object)
    assert made == f"{first.name} redone" and first.use_fake_user
    np.testing.assert_allclose(now[10:20], before[::-1][10:20], atol=1e-5)
    np.testing.assert_array_equal(np.delete(now, np.s_[10:20]), np.delete(before, np.s_[10:20]))
    assert "0.4 s – 0.8 s" in session.said and "10 frames" in session.said and made in session.said
    assert run.request["motion"] == "learned"
    edit.new = {"VARIATION", "AMOUNTS", "MOTION"}
    run = ask(session, blender.ops.style_avatar.redo_range, other)
    assert (run.request["style"], run.request["seed"], run.request["sliders"]["lips"]) == ("neutral", 9, 1.0)
    assert run.request["motion"] == "articulator"
    assert face_action(head_object).name == f"{made}.001"
    blender.ops.ed.undo()
    session.tick()
    assert face_action(blender.data.objects["anna"]).name == made


def test_cancelling_a_redone_range_leaves_nothing(blender: Any, session: Any, head_object: Any) -> None:
    names, action = sorted(one.name for one in blender.data.actions), face_action(head_object)
    assert blender.ops.style_avatar.redo_range() == {"FINISHED"}
    ticks(session, lambda: session.work.run is not None)
    blender.ops.style_avatar.cancel()
    session.tick()
    assert sorted(one.name for one in blender.data.actions) == names and face_action(head_object) == action
    assert session.work is None and session.trouble is None


def test_a_range_that_is_none_is_told(blender: Any, session: Any, head_object: Any, other: Snapshot) -> None:
    edit = blender.context.scene.style_avatar_edit
    edit.first, edit.last = 20, 10
    with pytest.raises(RuntimeError, match="ends before it begins"):
        blender.ops.style_avatar.redo_range()
    edit.first, edit.last, edit.new = 500, 510, {"VARIATION"}
    assert blender.ops.style_avatar.redo_range() == {"FINISHED"}
    ticks(session, lambda: session.work.run is not None)
    FakeRun.last.now = other
    ticks(session, lambda: session.work is None)
    assert session.trouble.code == "no_frames" and len(face_action(head_object).name) == len("voice (neutral)")


def test_a_range_keeps_the_amounts_that_were_set(blender: Any, session: Any, head_object: Any, other: Snapshot) -> None:
    before = jaw(head_object)
    assert blender.ops.style_avatar.set_amounts(jaw=0.0) == {"FINISHED"}
    quiet = jaw(head_object)
    edit = blender.context.scene.style_avatar_edit
    edit.first, edit.last, edit.blend = 1, 40, 0
    ask(session, blender.ops.style_avatar.redo_range, other)
    now = jaw(head_object)
    assert (
        np.abs(now).max() <= np.abs(before).max()
        and np.count_nonzero(np.abs(now) < 1e-6) >= np.count_nonzero(np.abs(quiet) < 1e-6) - 8
    )


def test_the_list_follows_the_head_and_a_click_sets_the_range(blender: Any, session: Any, head_object: Any) -> None:
    listed, edit = blender.context.window_manager.style_avatar_parts, blender.context.scene.style_avatar_edit
    session.tick()
    assert [(row.name, row.first, row.last) for row in listed.rows] == [("Hi!", 6, 15), ("Oh.", 23, 35)]
    listed.index = 1
    assert (edit.first, edit.last, blender.context.scene.frame_current) == (23, 35, 23)
    blender.context.scene.frame_set(3)
    assert blender.ops.style_avatar.set_amounts(jaw=0.5) == {"FINISHED"}
    session.tick()
    assert listed.index == 1 and blender.context.scene.frame_current == 3  # another Action, the same voice
    edit.parts = "PAUSES"
    session.tick()
    assert [(row.name, row.first, row.last) for row in listed.rows] == [("", 1, 5), ("", 16, 23)]
    blender.context.view_layer.objects.active = None
    session.tick()
    assert len(listed.rows) == 0


def test_the_range_comes_from_markers_or_the_preview(blender: Any, session: Any) -> None:
    scene, edit = blender.context.scene, blender.context.scene.style_avatar_edit
    with pytest.raises(RuntimeError, match="Select two markers"):
        blender.ops.style_avatar.pick_range()
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 12, 18
    blender.ops.style_avatar.pick_range()
    assert (edit.first, edit.last) == (12, 18)
    for frame in (30, 21):
        scene.timeline_markers.new("here", frame=frame).select = True
    blender.ops.style_avatar.pick_range()
    assert (edit.first, edit.last) == (21, 30)
