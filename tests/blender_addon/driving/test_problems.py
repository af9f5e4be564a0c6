"""Everything that would keep a character still is said before, and found after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, speaking, tracks_of


def add_driver(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.25"


def mute(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].mute = True


def no_room(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.0


def absolute(face: Any) -> None:
    face.data.shape_keys.use_relative = False


def pinned(face: Any) -> None:
    face.show_only_shape_key = True


def solo(face: Any) -> None:
    import bpy

    data = face.data.shape_keys.animation_data_create()
    track = data.nla_tracks.new()
    track.strips.new("hides", 1, bpy.data.actions.new("hides"))
    track.is_solo = True


SPOILT: list[tuple[Callable[[Any], None], str, str]] = [
    (add_driver, "win over keys", "something else moves jawOpen"),
    (mute, "muted", "does not move"),
    (no_room, "no room", "held at the maximum"),
    (absolute, "Relative", "does not move"),
    (pinned, "unpin", "does not move"),
    (solo, "solo", "something else moves jawOpen"),
]


@pytest.mark.parametrize(("spoil", "said", "seen"), SPOILT)
def test_it_is_said_before_and_seen_after(blender: Any, spoil: Callable[[Any], None], said: str, seen: str) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.problems import problems
    from blender_addon.driving.verify import verified

    face = mesh_with(["jawOpen", "mouthPucker"])
    character = character_of(face, blender.context.scene)
    rows = mapped(character)
    assert not [one for one in problems(character, rows) if one.level == "ERROR"]
    spoil(face)
    before = problems(character, rows)
    assert any(said in one.text and one.level == "ERROR" for one in before), before
    tracks = tracks_of(jawOpen=np.linspace(0, 0.8, 25))
    after = [one.text for one in verified(character, bake(character, tracks, rows, Options()))]
    assert any(seen in text for text in after), after
    assert blender.context.scene.frame_current == 1


def test_armatures_in_rest_and_with_constraints(blender: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.problems import problems
    from blender_addon.driving.verify import verified

    rig = armature_with(HEAD_BONES)
    rig.pose.bones["head"].constraints.new("LIMIT_ROTATION")
    rig.pose.bones["jaw"].driver_add("rotation_quaternion", 1)
    rig.data.pose_position = "REST"
    character = character_of(rig, blender.context.scene)
    rows = mapped(character)
    texts = " ".join(one.text for one in problems(character, rows))
    assert (
        "Rest Position" in texts and "constraints, which may win: head" in texts and "drivers, which win over" in texts
    )
    still = [one.text for one in verified(character, bake(character, speaking(), rows, Options()))]
    assert any("do not move: " in text and "head" in text for text in still)


def test_what_was_not_matched_is_listed(blender: Any) -> None:
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.problems import problems

    face = mesh_with(["jawOpen", *(f"hair{index}" for index in range(9))])
    character = character_of(face, blender.context.scene)
    found = problems(character, mapped(character))
    assert [one.text for one in found if one.level == "INFO"] == [
        "Not matched: hair0, hair1, hair2, hair3, hair4, hair5 and 3 more."
    ]


def test_two_lines_for_one_shape_are_refused(blender: Any) -> None:
    from blender_addon.driving.character import character_of
    from blender_addon.driving.problems import problems
    from blender_addon.retarget.mapping import Row

    character = character_of(mesh_with(["jawOpen"]), blender.context.scene)
    found = problems(character, [Row("jawOpen", "jawOpen"), Row("mouthFunnel", "jawOpen")])
    assert [one.code for one in found if one.level == "ERROR"] == ["twice"]


def test_a_still_take_is_not_called_stuck(blender: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.verify import verified

    character = character_of(mesh_with(["jawOpen"]), blender.context.scene)
    assert verified(character, bake(character, tracks_of(), mapped(character), Options())) == []
