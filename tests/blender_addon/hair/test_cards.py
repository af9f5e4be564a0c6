"""Cards: what other programs get of the hair."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.hair.cards import CARD_KINDS, TILES, card_picture, cards_of
from blender_addon.hair.cuts import CUTS
from blender_addon.hair.distance import DistanceField
from blender_addon.hair.groom import Groom
from blender_addon.hair.strands import head_hair
from blender_addon.hair.surface import Surface
from tests.blender_addon.conftest import world_positions

MILLIMETRE = 1e-3
KEPT = ("Basis", "jawOpen", "browInnerUp")


def test_cards_lie_on_their_strands_and_off_the_skin(surface: Surface, field: DistanceField) -> None:
    strands = head_hair(surface, field, CUTS["side_part"], 0.05, 0)
    cards = cards_of(surface, field, strands.points, CARD_KINDS["hair"])
    assert 40 < len(cards.points) < len(strands) and cards.points.shape[1:] == (9, 2, 3)
    assert field.look(cards.points[:, 1:].reshape(-1, 3))[0].min() > -0.1 * MILLIMETRE
    assert cards.uv.min() >= 0 and cards.uv.max() <= 1
    assert cards.quads().max() == cards.points.size // 3 - 1
    middle = cards.points.mean(axis=2)
    to_strands = np.linalg.norm(middle[:20, 4, None, None] - strands.points, axis=3).min(axis=(1, 2))
    assert to_strands.max() < 6 * MILLIMETRE


def test_cards_move_rigidly_with_their_triangles(surface: Surface, field: DistanceField) -> None:
    strands = head_hair(surface, field, CUTS["buzz"], 0.02, 0)
    cards = cards_of(surface, field, strands.points, CARD_KINDS["hair"])
    assert np.allclose(cards.moved(surface, surface.points), cards.points, atol=1e-9)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    moved = cards.moved(surface, (surface.points @ turn.T + [0.1, 0.0, 0.2]).astype(np.float32))
    np.testing.assert_allclose(moved, cards.points @ turn.T + [0.1, 0.0, 0.2], atol=1e-5)


def test_the_picture_shows_hairs_in_their_colour() -> None:
    picture = card_picture((0.4, 0.2, 0.1), 128)
    alpha = picture[..., 3]
    assert picture.shape == (128, 128, 4) and 0.3 < alpha[:32].mean() < 0.98 and alpha[-1].mean() < 0.2
    ratio = picture[alpha > 0.9][:, :3].mean(axis=0)
    assert ratio / ratio[0] == pytest.approx([1, 0.5, 0.25], rel=0.01)
    assert TILES * 32 == 128 and np.array_equal(picture, card_picture((0.4, 0.2, 0.1), 128))


@pytest.fixture
def talking(blender: Any, open_head_file: HeadFile) -> Any:
    """The head with hair and three of its shape keys, two of them and its turn animated over three frames.

    Without materials of its own: what becomes of those in files is tested elsewhere.
    """
    from blender_addon.building.head import build_head
    from blender_addon.hair.add import add_hair

    head = build_head(open_head_file, np.zeros(80, np.float32), np.zeros(80, np.float32))
    blender.context.scene.collection.objects.link(head)
    for block in list(head.data.shape_keys.key_blocks):
        if block.name not in KEPT:
            head.shape_key_remove(block)
    add_hair(head, Groom(cut="bob", beard="short", density=0.05))
    scene = blender.context.scene
    scene.frame_start, scene.frame_end, scene.render.fps = 1, 3, 25
    for frame, value in ((1, 0.0), (2, 0.5), (3, 1.0)):
        for name in KEPT[1:]:
            block = head.data.shape_keys.key_blocks[name]
            block.value = value
            block.keyframe_insert("value", frame=frame)
        head.rotation_euler.z = 0.4 * value
        head.keyframe_insert("rotation_euler", frame=frame)
    return head


def cards_in(scene: Any) -> dict[str, Any]:
    return {
        one.name.split(".")[0].replace("_", " "): one
        for one in scene.objects
        if one.type == "MESH" and "cards" in one.name
    }


def boxes(blender: Any, frames: tuple[int, ...] = (1, 2, 3)) -> dict[tuple[str, int], np.ndarray]:
    """Lowest and highest corner (2, 3) of each object of cards in each frame."""
    found = {}
    for frame in frames:
        blender.context.scene.frame_set(frame)
        for name, one in cards_in(blender.context.scene).items():
            points = world_positions(one)
            found[name, frame] = np.array([points.min(axis=0), points.max(axis=0)])
    return found


@pytest.mark.parametrize("ending", ["fbx", "glb", "abc"])
def test_cards_are_in_the_file_and_move_as_in_blender(blender: Any, talking: Any, tmp_path: Path, ending: str) -> None:
    from blender_addon import compat
    from blender_addon.hair.card_objects import cards_for_file
    from blender_addon.output import export

    with cards_for_file(talking, True):
        truth = boxes(blender)
    assert len(truth) == 9 and not cards_in(blender.context.scene)  # gone again
    path = tmp_path / f"head.{ending}"
    write = {"fbx": export.export_fbx, "glb": export.export_gltf, "abc": export.export_alembic}[ending]
    write(talking, path)
    assert not cards_in(blender.context.scene) and not [one for one in blender.data.images if "cards" in one.name]

    blender.ops.wm.read_factory_settings(use_empty=True)
    blender.context.scene.render.fps = 25
    if ending == "fbx":
        compat.enable_addon("io_scene_fbx")
        blender.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    elif ending == "glb":
        compat.enable_addon("io_scene_gltf2")
        blender.ops.import_scene.gltf(filepath=str(path))
    else:
        blender.ops.wm.alembic_import(filepath=str(path))
        blender.context.scene.render.fps = 25
    again = boxes(blender)
    assert set(again) == set(truth)
    for key, box in truth.items():
        np.testing.assert_allclose(again[key], box, atol=0.02 * MILLIMETRE, err_msg=str(key))
    for one in cards_in(blender.context.scene).values():
        assert one.data.uv_layers and one.data.materials
    moved = {name: np.abs(truth[name, 3] - truth[name, 1]).max() for name, _ in truth}
    assert min(moved.values()) > 3 * MILLIMETRE


def test_without_cards_only_the_head_is_written(blender: Any, talking: Any, tmp_path: Path) -> None:
    from blender_addon.output.export import export_alembic

    export_alembic(talking, tmp_path / "head.abc", cards=False)
    blender.ops.wm.read_factory_settings(use_empty=True)
    blender.ops.wm.alembic_import(filepath=str(tmp_path / "head.abc"))
    assert [one.name for one in blender.data.objects if one.type == "MESH"] == ["Head"]
