"""What keeps a character still is said before and after, by the panel's own buttons, and on library overrides too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_addon.retarget import arkit_csv
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, speaking

NAMES = ("jawOpen", "mouthClose", "hair")


@pytest.fixture
def registered(blender: Any) -> Iterator[Any]:
    from blender_addon import registration

    registration.register()
    yield blender
    registration.unregister()


def mute(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].mute = True


def add_driver(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.25"


def no_room(face: Any) -> None:
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.0


def nothing(face: Any) -> None: ...


OBSTACLES: list[tuple[Callable[[Any], None], str, str]] = [
    (nothing, "Not matched: hair", ""),
    (mute, "muted: jawOpen", "ERROR"),
    (add_driver, "driven by drivers, which win over keys: jawOpen", "ERROR"),
    (no_room, "the slider has no room: jawOpen", "ERROR"),
]


def overridden(bpy: Any, folder: Path, spoil: Callable[[Any], None]) -> Any:
    """The face, spoilt, of another file, as a library override."""
    spoil(mesh_with(NAMES))
    path = str(folder / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Face"]
    linked = bpy.data.objects["Face"]
    bpy.context.scene.collection.objects.link(linked)
    own = linked.override_create(remap_local_usages=True)
    own.data.override_create(remap_local_usages=True)
    return bpy.context.scene.objects["Face"]


@pytest.mark.parametrize("place", ["local", "override"])
@pytest.mark.parametrize(("spoil", "said", "level"), OBSTACLES)
def test_it_is_told_before_and_after(
    registered: Any, tmp_path: Path, spoil: Callable[[Any], None], said: str, level: str, place: str
) -> None:
    arkit_csv.write(speaking(), tmp_path / "voice.csv")
    if place == "override":
        face = overridden(registered, tmp_path, spoil)
    else:
        face = mesh_with(NAMES)
        spoil(face)
    drive = registered.context.scene.style_avatar_drive
    drive.character, drive.source, drive.file = face, "FILE", str(tmp_path / "voice.csv")

    def told() -> list[tuple[str, str]]:
        return [(line.level, line.text) for line in drive.report]

    registered.ops.style_avatar.match_names()
    assert any(said in text and one == (level or "INFO") for one, text in told()), told()
    assert registered.ops.style_avatar.drive() == {"FINISHED"}
    assert any(said in text and one == (level or "INFO") for one, text in told()), told()
    assert f"{1 if level else 2} of 3 shape keys" in drive.done, "what stands still does not count"
    seen = [text for one, text in told() if one == "ERROR" and said not in text]
    if spoil is add_driver:
        assert any("something else moves jawOpen" in text for text in seen), told()
    if level:
        assert drive.report[0].level == "ERROR", "the worst comes first"


def test_a_linked_character_is_refused_and_nothing_is_written(registered: Any, tmp_path: Path) -> None:
    arkit_csv.write(speaking(), tmp_path / "voice.csv")
    face = mesh_with(NAMES)
    path = str(tmp_path / "library.blend")
    registered.ops.wm.save_as_mainfile(filepath=path)
    registered.ops.wm.read_factory_settings(use_empty=True)
    with registered.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Face"]
    face = registered.data.objects["Face"]
    registered.context.scene.collection.objects.link(face)
    drive = registered.context.scene.style_avatar_drive
    drive.character, drive.source, drive.file = face, "FILE", str(tmp_path / "voice.csv")
    registered.ops.style_avatar.match_names()
    with pytest.raises(RuntimeError, match="Nothing was written"):
        registered.ops.style_avatar.drive()
    assert not registered.data.actions and not drive.done
    assert any("Library Override" in line.text for line in drive.report)


def test_an_override_whose_mesh_is_linked_still_is_told(registered: Any, tmp_path: Path) -> None:
    mesh_with(NAMES)
    path = str(tmp_path / "library.blend")
    registered.ops.wm.save_as_mainfile(filepath=path)
    registered.ops.wm.read_factory_settings(use_empty=True)
    with registered.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Face"]
    linked = registered.data.objects["Face"]
    registered.context.scene.collection.objects.link(linked)
    drive = registered.context.scene.style_avatar_drive
    drive.character = linked.override_create(remap_local_usages=True)
    registered.ops.style_avatar.match_names()
    assert any("its mesh is linked still" in line.text and line.level == "ERROR" for line in drive.report)


def test_bones_that_something_else_holds_are_told_before_and_after(registered: Any, tmp_path: Path) -> None:
    arkit_csv.write(speaking(), tmp_path / "voice.csv")
    rig = armature_with(HEAD_BONES)
    goal = registered.data.objects.new("Goal", None)
    registered.context.scene.collection.objects.link(goal)
    held = rig.pose.bones["head"].constraints.new("COPY_ROTATION")
    held.target = goal
    drive = registered.context.scene.style_avatar_drive
    drive.character, drive.source, drive.file = rig, "FILE", str(tmp_path / "voice.csv")
    registered.ops.style_avatar.match_names()
    assert any("constraints, which may win: head" in line.text for line in drive.report)
    registered.ops.style_avatar.drive()
    assert any("Something else turns these bones: head." in line.text for line in drive.report)
    head = rig.pose.bones["head"]
    head.constraints.remove(held)
    registered.ops.style_avatar.drive()
    assert not drive.report, [line.text for line in drive.report]
