"""What a head plays: the assigned Action, or a strip with the artist's keys on top; and why some cannot be edited."""

from typing import Any

import numpy as np
import pytest

from tests.blender_addon.editing.conftest import face_action, shown

ONE = dict.fromkeys(("lips", "jaw", "brows", "eyes", "cheeks", "tongue", "neck", "head"), 1.0)


def strips(head_object: Any) -> list[Any]:
    owners = (head_object.data.shape_keys, head_object)
    return [owner.animation_data.nla_tracks[0].strips[0] for owner in owners]


def test_what_is_keyed_on_a_layer_is_added(blender: Any, animated: Any) -> None:
    from blender_addon.editing.stack import push

    key = animated.data.shape_keys.key_blocks["browInnerUp"]
    blender.context.scene.frame_set(10)
    below = key.value
    push(animated, "take", add=True)
    blender.context.scene.frame_set(10)
    assert key.value == pytest.approx(below, abs=1e-6)
    key.value = below - 0.25
    key.keyframe_insert("value", frame=10)
    blender.context.scene.frame_set(9)
    blender.context.scene.frame_set(10)
    assert key.value == pytest.approx(below - 0.25, abs=1e-4)
    assert [track.name for track in animated.data.shape_keys.animation_data.nla_tracks] == ["take"]


def test_after_a_push_the_next_keys_play_instead(blender: Any, animated: Any) -> None:
    from blender_addon.editing.stack import adds, push

    push(animated, "take", add=True)
    assert adds(animated)
    push(animated, "take", add=False)
    assert not adds(animated)


@pytest.mark.parametrize("keyed_on_top", [False, True])
def test_a_strip_is_edited_where_it_is(blender: Any, animated: Any, keyed_on_top: bool) -> None:
    from blender_addon.editing.changes import reduce_keys, set_amounts
    from blender_addon.editing.played import played, unplayable
    from blender_addon.editing.stack import push

    action, before = face_action(animated), shown(blender, animated)
    push(animated, "take", add=True)
    if keyed_on_top:
        animated.data.shape_keys.key_blocks["browInnerUp"].keyframe_insert("value", frame=10)
        on_top = face_action(animated)
    found = played(animated)
    assert found is not None and (found.action, found.face.strip) == (action, "take")
    assert not unplayable(animated)
    slots = [strip.action_slot.identifier for strip in strips(animated)] if hasattr(action, "slots") else []
    made = reduce_keys(animated, 0.5)
    assert strips(animated)[0].action == made != action
    assert action.use_fake_user and action.name in blender.data.actions
    assert not slots or [strip.action_slot.identifier for strip in strips(animated)] == slots
    if not keyed_on_top:
        assert np.linalg.norm(shown(blender, animated) - before, axis=2).max() * 1000 <= 0.51
    else:
        assert face_action(animated) == on_top
    louder = set_amounts(animated, {**ONE, "jaw": 0.5})
    assert strips(animated)[0].action == louder


def test_a_strip_that_was_moved_is_spliced_where_it_plays(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import set_amounts
    from blender_addon.editing.layers import read_layer
    from blender_addon.editing.ranges import Range, take_range
    from blender_addon.editing.stack import push

    source = face_action(animated).name
    set_amounts(animated, {**ONE, "jaw": 0.0})
    push(animated, "take", add=False)
    for strip in strips(animated):
        strip.frame_start_ui = 101
    assert (strips(animated)[0].frame_start, strips(animated)[0].frame_end) == (101, 140)
    take_range(animated, source, Range(110, 119, 0))
    jaw = read_layer(animated).tracks[:, read_layer(animated).names.index("jawOpen")]
    assert np.flatnonzero(np.abs(jaw) > 1e-6).min() >= 9 and np.flatnonzero(np.abs(jaw) > 1e-6).max() <= 18
    assert np.abs(jaw[9:19]).max() > 0.05
    assert (strips(animated)[0].frame_start, strips(animated)[0].frame_end) == (101, 140)


def test_it_is_said_why_a_strip_cannot_be_edited(blender: Any, animated: Any) -> None:
    from blender_addon.editing.played import unplayable
    from blender_addon.editing.stack import push

    push(animated, "take", add=False)
    face, body = strips(animated)
    face.scale = 1.5
    assert "stretched, repeated or reversed" in unplayable(animated)
    face.scale = 1.0
    body.repeat = 2.0
    assert "stretched, repeated or reversed" in unplayable(animated)
    body.repeat = 1.0
    face.frame_start_ui = 30
    assert "begin on different frames" in unplayable(animated)
    body.frame_start_ui = 30
    assert unplayable(animated) == ""
    animated.data.shape_keys.animation_data.nla_tracks[0].mute = True
    assert "plays no Action" in unplayable(animated)


def test_a_modifier_is_no_key(blender: Any, animated: Any) -> None:
    from blender_addon import compat
    from blender_addon.editing.played import unplayable

    curve = compat.curves_of(animated)[0]
    curve.modifiers.new("NOISE")
    assert "has a modifier" in unplayable(animated)
    curve.modifiers.remove(curve.modifiers[0])
    assert unplayable(animated) == ""
