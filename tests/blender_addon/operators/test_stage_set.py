"""The buttons of the set: what they do in one undo step, and why they are greyed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile


@pytest.fixture
def head_object(blender: Any, head: HeadFile, take: TakeFile) -> Iterator[Any]:
    from blender_addon import registration
    from blender_addon.building.build import Options, Timer, build

    registration.register()
    yield build(head, take, Options(), Timer(lambda *_: None))
    registration.unregister()


def reason(bpy: Any, name: str) -> str:
    from blender_addon.operators import stage_set

    made = getattr(stage_set, f"STYLE_AVATAR_OT_{name}")
    return str(made.disabled_reason(bpy.context))


def test_a_set_is_built_replaced_and_removed(blender: Any, head_object: Any) -> None:
    scene, settings = blender.context.scene, blender.context.scene.style_avatar_set
    assert reason(blender, "remove_set") and not reason(blender, "build_set")
    settings.light, settings.backdrop = "WINDOW", True
    assert blender.ops.style_avatar.build_set() == {"FINISHED"}
    assert {"Window", "Wall", "Room", "Backdrop"} <= set(scene.objects.keys())
    settings.light, settings.backdrop = "RIM", False
    assert blender.ops.style_avatar.build_set() == {"FINISHED"}
    assert "Left rim" in scene.objects and not {"Window", "Backdrop"} & set(scene.objects.keys())
    assert not reason(blender, "remove_set")
    assert blender.ops.style_avatar.remove_set() == {"FINISHED"}
    assert "Left rim" not in scene.objects


def test_it_is_one_undo_step(blender: Any, head_object: Any) -> None:
    from blender_addon.operators.base import UNDO
    from blender_addon.operators.stage_set import STYLE_AVATAR_OT_build_set, STYLE_AVATAR_OT_remove_set

    assert STYLE_AVATAR_OT_build_set.bl_options == STYLE_AVATAR_OT_remove_set.bl_options == UNDO
    blender.context.scene.style_avatar_set.light = "RIM"
    blender.ops.ed.undo_push(message="before")
    before = set(blender.data.objects.keys()), blender.context.scene.world.name
    blender.ops.style_avatar.build_set()
    blender.ops.ed.undo_push(message="Build Set")  # what the button's press does in a window
    assert "Left rim" in blender.data.objects
    blender.ops.ed.undo()
    assert (set(blender.data.objects.keys()), blender.context.scene.world.name) == before


def test_why_it_cannot_be_built(blender: Any, head_object: Any) -> None:
    settings = blender.context.scene.style_avatar_set
    settings.light = "PHOTO"
    head_object["style_avatar_gamma"] = [0.0] * 27
    assert "without a photo" in reason(blender, "build_set")
    head_object["style_avatar_gamma"] = [0.1] * 27
    assert not reason(blender, "build_set")
    settings.light = "PANORAMA"
    assert "Choose a panorama" in reason(blender, "build_set")
    blender.context.view_layer.objects.active = None
    assert "Select a head" in reason(blender, "build_set")


def test_a_panorama_that_is_none_is_refused(blender: Any, head_object: Any, tmp_path: Path) -> None:
    (tmp_path / "room.hdr").write_text("hello")
    settings = blender.context.scene.style_avatar_set
    settings.light, settings.panorama = "PANORAMA", str(tmp_path / "room.hdr")
    before = set(blender.data.objects.keys())
    with pytest.raises(RuntimeError, match=r"room\.hdr as a panorama"):
        blender.ops.style_avatar.build_set()
    assert set(blender.data.objects.keys()) == before
