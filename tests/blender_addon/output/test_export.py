"""Files are judged by what another program would read: they are imported again and measured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from tests.blender_addon.conftest import in_blender, placed, world_positions

FRAMES = (0, 1, 17, 38, 39)
MILLIMETRE = 1e-3


@pytest.fixture
def animated(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    from blender_addon.building.build import Options, Timer, build

    return build(head, take, Options(pose="take", staged=False), Timer(lambda *_: None))


def truth(head: HeadFile, take: TakeFile, frame: int) -> np.ndarray:
    """Vertices by the paper's formula, in Blender's frame, without the constant offset of the whole take."""
    pivot = head.neck_pivot(head.shape(take.identity))
    from blender_addon.motion.pose import pose_keys

    rest = pose_keys(take.angles, take.translation, pivot, "take").rest_location
    return in_blender(placed(head, take, frame)) - rest


def imported(blender: Any, operator: Any, path: Path) -> Any:
    blender.ops.wm.read_factory_settings(use_empty=True)
    operator(filepath=str(path))
    return next(one for one in blender.data.objects if one.type == "MESH")


def assert_moves_as(take: TakeFile, head: HeadFile, head_object: Any, scene: Any) -> None:
    for frame in FRAMES:
        scene.frame_set(frame + 1)
        np.testing.assert_allclose(world_positions(head_object), truth(head, take, frame), atol=0.01 * MILLIMETRE)


def test_fbx_moves_as_the_coefficients(
    blender: Any, animated: Any, head: HeadFile, take: TakeFile, tmp_path: Path
) -> None:
    from blender_addon.compat import enable_addon
    from blender_addon.output.export import export_fbx

    export_fbx(animated, tmp_path / "head.fbx")
    enable_addon("io_scene_fbx")

    def read(filepath: str) -> None:
        blender.ops.import_scene.fbx(filepath=filepath, anim_offset=0.0)  # by default it comes in a frame late

    again = imported(blender, read, tmp_path / "head.fbx")
    assert set(again.data.shape_keys.key_blocks.keys()) >= set(head.expression_names)
    assert blender.context.scene.render.fps == 25
    assert_moves_as(take, head, again, blender.context.scene)


def test_alembic_moves_as_the_coefficients(
    blender: Any, animated: Any, head: HeadFile, take: TakeFile, tmp_path: Path
) -> None:
    from blender_addon.output.export import export_alembic

    export_alembic(animated, tmp_path / "head.abc")
    again = imported(blender, blender.ops.wm.alembic_import, tmp_path / "head.abc")
    blender.context.scene.render.fps = 25
    assert again.data.uv_layers and len(again.data.materials) == len(head.part_names)
    assert_moves_as(take, head, again, blender.context.scene)


def unclamped(head_object: Any) -> Any:
    """Importers leave sliders at 0..1, which cuts off what Blender plays, though the file has it."""
    for block in head_object.data.shape_keys.key_blocks:
        block.slider_min, block.slider_max = -10.0, 10.0
    return head_object


def test_usd_moves_as_the_coefficients(
    blender: Any, animated: Any, head: HeadFile, take: TakeFile, tmp_path: Path
) -> None:
    from blender_addon.output.export import export_usd

    export_usd(animated, tmp_path / "head.usdc")
    again = unclamped(imported(blender, blender.ops.wm.usd_import, tmp_path / "head.usdc"))
    assert set(again.data.shape_keys.key_blocks.keys()) >= set(head.expression_names)
    assert_moves_as(take, head, again, blender.context.scene)


def test_gltf_moves_as_the_coefficients(
    blender: Any, animated: Any, head: HeadFile, take: TakeFile, tmp_path: Path
) -> None:
    from blender_addon.compat import enable_addon
    from blender_addon.output.export import export_gltf

    export_gltf(animated, tmp_path / "head.glb")
    enable_addon("io_scene_gltf2")

    def read(filepath: str) -> None:
        blender.context.scene.render.fps = 25
        blender.ops.import_scene.gltf(filepath=filepath, merge_vertices=True)

    again = unclamped(imported(blender, read, tmp_path / "head.glb"))
    assert set(again.data.shape_keys.key_blocks.keys()) >= set(head.expression_names)
    for frame in FRAMES:  # an importer may order the vertices anew: compare the box and the centre
        blender.context.scene.frame_set(frame + 1)
        moved, expected = world_positions(again), truth(head, take, frame)
        np.testing.assert_allclose(moved.min(axis=0), expected.min(axis=0), atol=0.02 * MILLIMETRE)
        np.testing.assert_allclose(moved.max(axis=0), expected.max(axis=0), atol=0.02 * MILLIMETRE)


def test_exports_give_the_selection_back(blender: Any, animated: Any, tmp_path: Path) -> None:
    from blender_addon.output.export import export_alembic

    bystander = blender.data.objects.new("Bystander", None)
    blender.context.scene.collection.objects.link(bystander)
    blender.context.view_layer.objects.active = bystander
    bystander.select_set(True)
    animated.select_set(False)
    export_alembic(animated, tmp_path / "head.abc")
    assert bystander.select_get() and not animated.select_get()
    assert blender.context.view_layer.objects.active == bystander


def test_a_blender_without_the_exporter_says_so(animated: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon import compat
    from blender_addon.output import export

    monkeypatch.setattr(compat, "has_operator", lambda name: False)
    with pytest.raises(export.ExportError, match=r"without wm\.alembic_export"):
        export.export_alembic(animated, tmp_path / "head.abc")
