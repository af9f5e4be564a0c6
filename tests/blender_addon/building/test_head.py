from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from tests.blender_addon.conftest import in_blender, world_positions

MICROMETRE = 1e-6


@pytest.fixture
def build(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    from blender_addon.building.head import build_head

    def in_scene(**options: Any) -> Any:
        head_object = build_head(head, take.identity, take.albedo, **options)
        blender.context.scene.collection.objects.link(head_object)
        return head_object

    return in_scene


def pulled(collection: Any, name: str, width: int, kind: type = np.float32) -> np.ndarray:
    values: np.ndarray = np.empty(len(collection) * width, dtype=kind)
    collection.foreach_get(name, values)
    return values.reshape(-1, width)


def test_mesh_is_the_persons_face_about_the_neck(build: Any, head: HeadFile, take: TakeFile) -> None:
    head_object = build()
    own = head.shape(take.identity)
    expected = in_blender(own - head.neck_pivot(own))
    np.testing.assert_allclose(world_positions(head_object), expected, atol=MICROMETRE)
    mesh = head_object.data
    assert not mesh.validate()
    np.testing.assert_array_equal(pulled(mesh.loops, "vertex_index", 1, np.int32).reshape(-1, 3), head.triangles)
    assert all(polygon.use_smooth for polygon in mesh.polygons)


def test_faces_look_outwards(build: Any) -> None:
    mesh = build().data
    centres, normals = pulled(mesh.polygons, "center", 3), pulled(mesh.polygons, "normal", 3)
    middle = pulled(mesh.vertices, "co", 3).mean(axis=0)
    skin = slice(0, len(mesh.polygons) // 2)
    assert (((centres - middle) * normals).sum(axis=1)[skin] > 0).mean() > 0.99


def test_uv_and_colours_are_the_face_models(build: Any, head: HeadFile, take: TakeFile) -> None:
    mesh = build().data
    np.testing.assert_allclose(
        pulled(mesh.uv_layers["UVMap"].uv, "vector", 2), head.uv[head.uv_triangles.ravel()], atol=1e-7
    )
    shown = pulled(mesh.color_attributes["albedo"].data, "color_srgb", 4)[:, :3]
    np.testing.assert_allclose(shown, head.albedo(take.albedo), atol=1e-3)


def test_shape_keys_carry_the_names_and_the_bases(build: Any, head: HeadFile) -> None:
    blocks = build().data.shape_keys.key_blocks
    assert [block.name for block in blocks] == ["Basis", *head.expression_names]
    basis = pulled(blocks["Basis"].points, "co", 3)
    for name in ("jawOpen", "eyeBlinkLeft", "tongueTipUp"):
        moved = pulled(blocks[name].points, "co", 3) - basis
        expected = in_blender(head.expression_basis[head.expression_names.index(name)])
        np.testing.assert_allclose(moved, expected, atol=MICROMETRE)


def test_regions_can_be_selected(build: Any, head: HeadFile) -> None:
    mesh = build().data
    marked = pulled(mesh.attributes["lip_rim_upper"].data, "value", 1, np.bool_)
    assert set(np.flatnonzero(marked)) == set(head.regions["lip_rim_upper"])


def test_identity_keys_show_the_same_face(build: Any, head: HeadFile, take: TakeFile) -> None:
    baked, keyed = build(), build(identity_keys=True)
    assert len(keyed.data.shape_keys.key_blocks) == 1 + 64 + 80
    np.testing.assert_allclose(world_positions(keyed), world_positions(baked), atol=10 * MICROMETRE)
    basis = pulled(keyed.data.shape_keys.key_blocks["Basis"].points, "co", 3)
    assert np.abs(basis - world_positions(baked)).max() > 1e-3


def test_a_second_head_takes_nothing_from_the_first(build: Any, blender: Any) -> None:
    first, second = build(name="Anna"), build(name="Anna")
    assert first.name == "Anna" and second.name != "Anna"
    assert first.data != second.data and first.data.shape_keys != second.data.shape_keys
