"""Hair in Blender: it is there, it follows the skin, it is replaced and taken off again."""

from typing import Any

import numpy as np
import pytest

from blender_addon.hair.groom import Groom
from blender_addon.hair.surface import HairError

MILLIMETRE = 1e-3
LIGHT = Groom(cut="side_part", beard="short", density=0.05)
KINDS = ("hair", "brows", "beard")
MOVED = ("jawOpen", "browInnerUp", "browOuterUpLeft", "mouthSmileLeft")


@pytest.fixture
def worn(open_head_object: Any) -> dict[str, Any]:
    """The head with few hairs, all of them drawn, by kind; the head itself as "head"."""
    from blender_addon.hair.add import add_hair

    made = {hair["style_avatar_hair"]: hair for hair in add_hair(open_head_object, LIGHT)}
    return {"head": open_head_object, **made}


def drawn(hair: Any) -> np.ndarray:
    """Points (n, 3) of the strands in world space, with all that moves them."""
    import bpy

    evaluated = hair.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(3 * len(evaluated.data.points), dtype=np.float32)
    evaluated.data.attributes["position"].data.foreach_get("vector", points)
    matrix = np.array(evaluated.matrix_world)
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def off_the_skin(head_object: Any, points: np.ndarray) -> np.ndarray:
    """Metres (n,) from `points` to the nearest place of the head as it is now."""
    import bpy
    from mathutils.bvhtree import BVHTree

    graph = bpy.context.evaluated_depsgraph_get()
    tree = BVHTree.FromObject(head_object, graph)
    back = np.linalg.inv(np.array(head_object.matrix_world))
    local = points @ back[:3, :3].T + back[:3, 3]
    return np.array([tree.find_nearest(point)[3] for point in local])


def test_there_is_one_object_for_each_kind(worn: dict[str, Any]) -> None:
    head = worn["head"]
    assert set(worn) == {"head", "hair", "brows", "beard"}
    for kind in KINDS:
        hair = worn[kind]
        assert hair.type == "CURVES" and hair.parent == head and hair.name == f"Head {kind}"
        assert hair.data.surface == head and len(hair.data.curves) > 50
        assert [output.target for output in hair.data.materials[0].node_tree.nodes if output.type == "OUTPUT_MATERIAL"]
    assert len(worn["hair"].data.curves) > len(worn["beard"].data.curves) > 300


def test_strands_follow_the_face_and_the_head(blender: Any, worn: dict[str, Any]) -> None:
    head = worn["head"]
    blocks = head.data.shape_keys.key_blocks
    rest = {kind: drawn(worn[kind]) for kind in KINDS}
    steps = len(worn["beard"].data.points) // len(worn["beard"].data.curves)
    moved = {}
    for name in MOVED:
        blocks[name].value = 1.0
        blender.context.view_layer.update()
        for kind, before in rest.items():
            now = drawn(worn[kind])
            moved[name, kind] = np.linalg.norm(now - before, axis=1).max()
            if kind != "hair":
                roots = now[:: steps if kind == "beard" else 6]
                assert off_the_skin(head, roots).max() < 0.1 * MILLIMETRE, (name, kind)
        blocks[name].value = 0.0
    assert moved["jawOpen", "beard"] > 20 * MILLIMETRE and moved["jawOpen", "hair"] < 1 * MILLIMETRE
    assert moved["browInnerUp", "brows"] > 2 * MILLIMETRE and moved["browOuterUpLeft", "brows"] > 2 * MILLIMETRE
    assert moved["mouthSmileLeft", "beard"] > 3 * MILLIMETRE and moved["mouthSmileLeft", "brows"] < 1 * MILLIMETRE

    head.location, head.rotation_euler = (0.1, 0.2, 0.3), (0.2, 0.5, -0.7)
    blender.context.view_layer.update()
    matrix = np.array(head.matrix_world)
    for kind, before in rest.items():
        expected = before @ matrix[:3, :3].T + matrix[:3, 3]
        np.testing.assert_allclose(drawn(worn[kind]), expected, atol=0.01 * MILLIMETRE)


def visible_faces(head_object: Any) -> int:
    import bpy

    return len(head_object.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons)


def test_own_brows_go_and_come_back(blender: Any, open_head_object: Any) -> None:
    from blender_addon.hair.hidden_brows import hide_brows, show_brows

    head, mesh = open_head_object, open_head_object.data
    slots = [face.material_index for face in mesh.polygons]
    materials = list(mesh.materials)
    every = visible_faces(head)
    brows = [
        face.index for face, one in zip(mesh.polygons, mesh.attributes["part_brows"].data, strict=True) if one.value
    ]
    for _ in range(2):
        hide_brows(head)
        hide_brows(head)
        assert visible_faces(head) == every - len(brows) and len(mesh.materials) == len(materials) + 1
        assert {mesh.polygons[face].material_index for face in brows} == {len(materials)}
        show_brows(head)
        show_brows(head)
        assert visible_faces(head) == every and [face.material_index for face in mesh.polygons] == slots
        assert list(mesh.materials) == materials and not head.modifiers and not head.vertex_groups
    assert not [one for one in blender.data.materials if "brows" in one.name]


def test_hair_is_replaced_and_taken_off(blender: Any, worn: dict[str, Any]) -> None:
    from blender_addon.hair.add import add_hair, take_off, worn_by

    head, other = worn["head"], Groom(cut="buzz", brows=False, density=0.05, colour=(0.2, 0.4, 0.6))
    assert worn_by(head) == LIGHT and head.modifiers
    add_hair(head, other)
    assert [one.name for one in head.children] == ["Head hair"] and worn_by(head) == other and not head.modifiers
    take_off(head)
    assert worn_by(head) is None and not head.children and not blender.data.hair_curves


def test_the_colour_is_the_photos_or_the_chosen_one(worn: dict[str, Any]) -> None:
    from blender_addon.hair.add import colour_of_kind
    from blender_addon.hair.known_colours import remember_colours
    from blender_addon.hair.material import colour_node

    head = worn["head"]
    colours = {kind: tuple(colour_node(worn[kind].data.materials[0]).outputs[0].default_value[:3]) for kind in KINDS}
    assert colours["hair"] == colours["brows"] and 0 < max(colours["hair"]) < 0.3  # the albedo of the brows
    remember_colours(head, {"image": {"colours": {"hair": [255, 0, 0], "brows": [0, 255, 0]}}})
    found = {kind: colour_of_kind(head, LIGHT, kind) for kind in KINDS}
    assert found == {"hair": (1.0, 0.0, 0.0), "beard": (1.0, 0.0, 0.0), "brows": (0.0, 1.0, 0.0)}
    chosen = Groom(colour=(0.2, 0.4, 0.6))
    assert colour_of_kind(head, chosen, "hair") == (0.2, 0.4, 0.6)
    assert colour_of_kind(head, chosen, "brows") < (0.2, 0.4, 0.6)


def test_what_is_drawn_while_one_works_is_a_share(open_head_object: Any) -> None:
    from blender_addon.hair.add import add_hair
    from blender_addon.hair.follow import VIEWPORT_STRANDS

    hair = next(one for one in add_hair(open_head_object, Groom(cut="buzz", brows=False, density=0.4)))
    count = len(hair.data.curves)
    steps = len(hair.data.points) // count
    assert count > 2 * VIEWPORT_STRANDS
    assert len(drawn(hair)) // steps == pytest.approx(VIEWPORT_STRANDS, rel=0.1)


def test_a_head_of_an_earlier_version_says_so(open_head_object: Any) -> None:
    from blender_addon.hair.add import add_hair

    del open_head_object["style_avatar_landmarks68"]
    with pytest.raises(HairError, match="earlier version"):
        add_hair(open_head_object, LIGHT)
