"""Operators that write a file: what they propose, what they show, and what they say when it goes wrong."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ENDINGS = {
    "export_fbx": (".fbx", "*.fbx"),
    "export_gltf": (".glb", "*.glb"),
    "export_usd": (".usdc", "*.usdc;*.usd;*.usda"),
    "export_alembic": (".abc", "*.abc"),
    "export_arkit": (".csv", "*.csv"),
    "render_film": (".mp4", "*.mp4"),
    "save_style": (".json", "*.json"),
}


@pytest.fixture
def registered(blender: Any) -> Iterator[Any]:
    from blender_addon import registration

    registration.register()
    yield blender
    registration.unregister()


def asked(bpy: Any, name: str) -> SimpleNamespace:
    """An operator whose button was pressed, as far as the window that asks for the file."""
    from blender_addon.operators import base

    made = getattr(bpy.types, f"STYLE_AVATAR_OT_{name}")
    properties = getattr(bpy.ops.style_avatar, name).get_rna_type().properties
    assert issubclass(made, base.SavesFile) and "filepath" in properties and properties["filter_glob"].is_hidden
    shown: list[Any] = []
    scene = SimpleNamespace(name="Talk / Show", style_avatar=SimpleNamespace(measured_name="Anna"))
    manager = SimpleNamespace(fileselect_add=shown.append)
    head = SimpleNamespace(name="Head")
    context = SimpleNamespace(scene=scene, object=head, window_manager=manager, blend_data=bpy.data)
    members = {key: getattr(made, key) for key in ("filename_ext", "pattern")}
    pressed = SimpleNamespace(filepath="", check_extension=True, **members)
    pressed.proposed = lambda context: made.proposed(pressed, context)
    pressed.beside_the_file = lambda name: made.beside_the_file(pressed, name)
    made.invoke(pressed, context, None)
    assert shown == [pressed]
    return pressed


@pytest.mark.parametrize("name", ENDINGS)
def test_the_right_files_are_shown(registered: Any, name: str) -> None:
    pressed = asked(registered, name)
    ending, pattern = ENDINGS[name]
    assert pressed.filter_glob == pattern and Path(pressed.filepath).suffix == ending


def test_names_are_proposed(registered: Any, tmp_path: Path) -> None:
    assert asked(registered, "export_fbx").filepath == str(Path.home() / "Head.fbx")
    assert asked(registered, "save_style").filepath == "Anna.json"
    registered.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert asked(registered, "render_film").filepath == str(tmp_path / "Talk___Show.mp4")
    assert Path(asked(registered, "export_arkit").filepath).name == "scene.csv"


def test_why_a_file_cannot_be_written(registered: Any, head_object: Any, tmp_path: Path) -> None:
    registered.context.view_layer.objects.active = head_object
    (tmp_path / "folder.abc").mkdir()
    with pytest.raises(RuntimeError, match="The file cannot be written: "):
        registered.ops.style_avatar.export_alembic(filepath=str(tmp_path / "folder.abc"))
    registered.context.scene.style_avatar.measured_style = "{}"
    with pytest.raises(RuntimeError, match="The file cannot be written: No such file or directory"):
        registered.ops.style_avatar.save_style(filepath=str(tmp_path / "gone" / "style.json"))
    assert registered.ops.style_avatar.save_style(filepath=str(tmp_path / "style.json")) == {"FINISHED"}
    assert (tmp_path / "style.json").read_text(encoding="utf-8") == "{}\n"
