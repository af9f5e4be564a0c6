"""Amounts, fewer keys and layers from the buttons: all at once for scripts, in pieces when pressed."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from blender_addon.jobs.snapshot import Snapshot
from tests.blender_addon.pressing import press_and_get, ticks


@pytest.fixture
def head_object(blender: Any, session: Any, delivered: Snapshot) -> Any:
    made = press_and_get(blender, session, delivered)
    blender.context.view_layer.objects.active = made
    blender.context.scene.style_avatar_edit.tolerance = 2.0
    return made


def face_action(head_object: Any) -> Any:
    return head_object.data.shape_keys.animation_data.action


def press_reduce(blender: Any) -> None:
    """What the button does in a window; a Blender without one calls `execute` alone."""
    from blender_addon.operators.edit import STYLE_AVATAR_OT_reduce_keys as operator

    own: Any = SimpleNamespace(bl_label=operator.bl_label, pressed=False, work=operator.work)
    own.do, own.execute = partial(operator.do, own), partial(operator.execute, own)
    assert operator.invoke(own, blender.context, None) == {"FINISHED"}
    blender.ops.ed.undo_push(message=operator.bl_label)


def test_scripts_get_what_they_asked_for_at_once(blender: Any, session: Any, head_object: Any) -> None:
    ops = blender.ops.style_avatar
    assert ops.reduce_keys() == {"FINISHED"}
    before, after, error = face_action(head_object)["style_avatar_reduced"]
    assert after < before and 0 < error <= 2.0 and f"became {after:.0f}" in session.said
    assert not ops.reset_amounts.poll()
    assert ops.set_amounts(brows=0.5) == {"FINISHED"}
    assert "Amounts set in 5 curves" in session.said
    assert ops.reset_amounts() == {"FINISHED"}
    assert "All amounts are 1 again" in session.said
    assert ops.make_layer() == {"FINISHED"} and "added" in session.said
    assert not ops.make_layer.poll() and not ops.push_to_nla.poll()
    assert ops.set_amounts(brows=0.5) == {"FINISHED"} and face_action(head_object) is None


def test_amounts_of_edited_keys_are_not_reset(blender: Any, session: Any, head_object: Any) -> None:
    from blender_addon import compat

    blender.ops.style_avatar.set_amounts(brows=0.5)
    compat.curves_of(head_object)[0].keyframe_points[3].co[1] += 1.0
    with pytest.raises(RuntimeError, match="they are the original now"):
        blender.ops.style_avatar.reset_amounts()


def test_a_button_works_in_pieces_and_is_one_undo_step(blender: Any, session: Any, head_object: Any) -> None:
    first = face_action(head_object).name
    press_reduce(blender)
    assert session.work is not None and face_action(head_object).name == first
    for name in ("animate", "set_amounts", "another_style", "make_layer"):
        assert not getattr(blender.ops.style_avatar, name).poll()
    with pytest.raises(RuntimeError, match="Reduce Keys is running"):
        blender.ops.style_avatar.set_amounts()
    session.tick()
    assert session.work is not None and 0 <= session.work.fraction < 1 and session.work.stage
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and face_action(head_object).name == f"{first} reduced" and session.said
    blender.ops.ed.undo()
    session.tick()
    assert face_action(blender.data.objects["anna"]).name == first and not session.said


def test_cancel_takes_back_what_was_begun(blender: Any, session: Any, head_object: Any) -> None:
    from blender_addon.editing.changes import fingerprint

    names, keys = sorted(one.name for one in blender.data.actions), fingerprint(head_object)
    press_reduce(blender)
    ticks(session, lambda: session.work.stage != "Copying the Action")
    blender.ops.style_avatar.cancel()
    session.tick()
    assert session.work is None and session.trouble is None
    assert sorted(one.name for one in blender.data.actions) == names and fingerprint(head_object) == keys


def test_a_head_that_is_deleted_meanwhile_is_told(blender: Any, session: Any, head_object: Any) -> None:
    press_reduce(blender)
    session.tick()
    blender.data.objects.remove(head_object)
    ticks(session, lambda: session.work is None)
    assert session.trouble.code == "head_gone"
    assert not [one for one in blender.data.actions if one.name.endswith("reduced")]


def test_a_trimmed_strip_is_asked_for_as_it_was_spoken(
    blender: Any, session: Any, delivered: Snapshot, tmp_path: Any
) -> None:
    import soundfile

    from blender_addon.building.scene import add_sound
    from tests.blender_addon.pressing import FakeRun

    scene = blender.context.scene
    soundfile.write(tmp_path / "long.wav", np.sin(np.arange(64000) / 20), 16000)
    strip = add_sound(scene, tmp_path / "long.wav", 1, pack=True)
    strip.frame_final_start, strip.frame_final_end = 26, 66
    scene.style_avatar.voice_source, scene.style_avatar.voice_strip = "STRIP", strip.name
    made = press_and_get(blender, session, delivered)
    spoken = FakeRun.last.files["voice"].read_bytes()
    blender.context.view_layer.objects.active = made
    scene.sequence_editor.strips.remove(strip)
    (tmp_path / "long.wav").unlink()
    assert blender.ops.style_avatar.another_style() == {"FINISHED"}
    ticks(session, lambda: session.work is None or session.work.run is not None)
    assert session.trouble is None
    again = FakeRun.last.files["voice"]
    assert again.name != "long.wav" and len(again.read_bytes()) == len(spoken)
    FakeRun.last.now = delivered
    ticks(session, lambda: session.work is None)
    assert face_action(made)["style_avatar_sound"].packed_file is not None
