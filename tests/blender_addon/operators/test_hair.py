"""The buttons of the panel Hair."""

from typing import Any

import pytest

from blender_addon.hair.groom import BEARD_NAMES, CUT_NAMES
from tests.blender_addon.hair.conftest import open_head_file, open_head_object, open_head_path  # noqa: F401
from tests.blender_addon.pressing import ticks


@pytest.fixture
def head(session: Any, blender: Any, open_head_object: Any) -> Any:  # noqa: F811
    blender.context.view_layer.objects.active = open_head_object
    settings = blender.context.scene.style_avatar_hair
    settings.cut, settings.density = "buzz", 0.05
    blender.ops.ed.undo_push(message="head")
    return open_head_object


def pressed(blender: Any, session: Any, name: str) -> None:
    """Begin what the button begins in a window."""
    from blender_addon.jobs.grooming import Grooming, grooming_steps

    session.begin(Grooming("Add Hair", grooming_steps(name, blender.context.scene.style_avatar_hair.groom())))


def test_all_cuts_and_beards_can_be_chosen() -> None:
    from blender_addon.operators.hair import BEARDS, CUTS

    assert tuple(name for name, *_ in CUTS) == CUT_NAMES and tuple(name for name, *_ in BEARDS) == BEARD_NAMES


def test_hair_is_one_undo_step(blender: Any, session: Any, head: Any) -> None:
    name = head.name
    pressed(blender, session, name)
    assert session.work.stage == "Growing the hair"
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and session.said
    assert {one["style_avatar_hair"] for one in blender.data.objects[name].children} == {"hair", "brows"}
    assert not [one for one in blender.data.objects if "style_avatar_unfinished" in one]
    blender.ops.ed.undo()
    back = blender.data.objects[name]
    assert not back.children and not back.modifiers and not blender.data.hair_curves


def test_cancel_leaves_the_head_as_it_was(blender: Any, session: Any, head: Any) -> None:
    assert blender.ops.style_avatar.add_hair() == {"FINISHED"}
    before = {one.name for one in head.children}
    blender.context.scene.style_avatar_hair.cut = "side_part"
    pressed(blender, session, head.name)
    session.tick()
    blender.ops.style_avatar.cancel()
    session.tick()
    assert session.work is None and {one.name for one in head.children} == before == {"Head hair", "Head brows"}
    assert len(blender.data.hair_curves) == 2


def test_a_script_gets_it_at_once_and_takes_it_off(blender: Any, head: Any) -> None:
    settings = blender.context.scene.style_avatar_hair
    settings.colour_source, settings.melanin, settings.beard = "NATURAL", 0.3, "stubble"
    assert blender.ops.style_avatar.add_hair() == {"FINISHED"}
    assert len(head.children) == 3
    assert blender.ops.style_avatar.remove_hair() == {"FINISHED"}
    assert not head.children
    with pytest.raises(RuntimeError, match="has no hair"):
        blender.ops.style_avatar.remove_hair()


def test_why_there_is_no_hair(blender: Any, head: Any) -> None:
    del head["style_avatar_landmarks68"]
    with pytest.raises(RuntimeError, match="earlier version"):
        blender.ops.style_avatar.add_hair()
