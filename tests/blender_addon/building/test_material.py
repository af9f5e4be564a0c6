from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.files.head_file import HeadFile


@pytest.fixture
def texture(tmp_path: Path) -> Path:
    path = tmp_path / "skin.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(path)
    return path


def node(material: Any, kind: str) -> Any:
    return next((one for one in material.node_tree.nodes if one.type == kind), None)


def source_of_colour(material: Any) -> Any:
    """The node whose colour reaches the Principled BSDF, through the group that works on it if there is one."""
    source = node(material, "BSDF_PRINCIPLED").inputs["Base Color"].links[0].from_node
    return source.inputs["Color"].links[0].from_node if source.type == "GROUP" else source


def test_each_part_wears_its_material(head_object: Any, head: HeadFile) -> None:
    from blender_addon.building.material import apply_materials

    apply_materials(head_object, head)
    names = [slot.name for slot in head_object.data.materials]
    assert names == ["Head skin", "Head eyes"]
    worn = np.empty(len(head.triangles), dtype=np.int32)
    head_object.data.polygons.foreach_get("material_index", worn)
    np.testing.assert_array_equal(worn, head.triangle_part)


@pytest.mark.parametrize(
    ("part", "role"),
    [
        ("teeth_upper", "teeth"),
        ("teeth_lower", "teeth"),
        ("eye_left", "eyes"),
        ("eyelashes", "hair"),
        ("lashes", "hair"),
        ("brows", "hair"),
        ("mouth_inner", "mouth"),
        ("lips", "lips"),
        ("gums", "gums"),
        ("hat", "hat"),
    ],
)
def test_roles_of_parts(blender: Any, part: str, role: str) -> None:
    from blender_addon.building.material import role_of

    assert role_of(part) == role


def test_the_photo_colours_all_parts_and_is_packed(head_object: Any, head: HeadFile, texture: Path) -> None:
    from blender_addon.building.material import apply_materials

    materials = apply_materials(head_object, head, texture)
    images = {source_of_colour(material).image for material in materials}
    assert len(images) == 1
    assert images.pop().packed_file is not None


def test_without_a_photo_the_albedo_colours_them(head_object: Any, head: HeadFile) -> None:
    from blender_addon.building.material import apply_materials

    for material in apply_materials(head_object, head):
        assert source_of_colour(material).attribute_name == "albedo"
    assert "albedo" in head_object.data.color_attributes


def test_skin_scatters_and_eyes_shine(head_object: Any, head: HeadFile) -> None:
    from blender_addon.building.material import apply_materials

    skin, eyes = (node(material, "BSDF_PRINCIPLED").inputs for material in apply_materials(head_object, head))
    assert skin["Subsurface Weight"].default_value > 0.1
    assert eyes["Roughness"].default_value < skin["Roughness"].default_value
    assert eyes["Coat Weight"].default_value == 1.0


def test_materials_of_an_earlier_head_stay(head_object: Any, head: HeadFile, blender: Any) -> None:
    from blender_addon.building.material import apply_materials

    first = apply_materials(head_object, head)[0]
    node(first, "BSDF_PRINCIPLED").inputs["Roughness"].default_value = 0.9
    head_object.data.materials.clear()
    second = apply_materials(head_object, head)[0]
    assert second != first
    assert node(first, "BSDF_PRINCIPLED").inputs["Roughness"].default_value == pytest.approx(0.9)


def test_a_file_that_is_no_picture_is_refused(head_object: Any, head: HeadFile, tmp_path: Path) -> None:
    from blender_addon.building.material import apply_materials

    (tmp_path / "skin.png").write_text("hello")
    with pytest.raises(RuntimeError, match=r"skin\.png"):
        apply_materials(head_object, head, tmp_path / "skin.png")


def test_lips_are_reddened_less_on_a_photo(blender: Any, texture: Path) -> None:
    from blender_addon.building.material import LIPS_NODE, LOOKS, PHOTO_LIPS, part_material, show_image

    lips = part_material("lips", LOOKS["lips"])
    assert source_of_colour(lips).attribute_name == "albedo"
    amounts = lips.node_tree.nodes[LIPS_NODE].inputs
    assert all(amounts[name].default_value == 1.0 for name in PHOTO_LIPS)
    show_image(lips, blender.data.images.load(str(texture)))
    assert source_of_colour(lips).type == "TEX_IMAGE"
    assert all(0 < amounts[name].default_value < 0.6 for name in PHOTO_LIPS)


def test_a_throat_glows_and_teeth_are_enamel(blender: Any) -> None:
    from blender_addon.building.material import LOOKS, part_material

    mouth, teeth, gums = (part_material(name, LOOKS[name]) for name in ("mouth", "teeth", "gums"))
    strengths = [node(one, "BSDF_PRINCIPLED").inputs["Emission Strength"] for one in (mouth, teeth, gums)]
    assert [bool(one.links) for one in strengths] == [True, False, False]
    assert all(one.default_value == 0 for one in strengths)  # for files that know no groups
    enamel = [node(one, "GROUP").inputs["Enamel"].default_value for one in (mouth, teeth, gums)]
    assert enamel[1] > 0.5 and enamel[0] == enamel[2] == 0
