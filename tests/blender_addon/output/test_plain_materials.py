"""What another program finds of the materials in a file: colours everywhere, and the skin's detail on request."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile


@pytest.fixture
def dressed(blender: Any, head: HeadFile, take: TakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from blender_addon.building.build import Options, Timer, build
    from blender_addon.output import plain_materials

    monkeypatch.setattr(plain_materials, "NORMAL_SIZE", 128)
    Image.new("RGB", (16, 16), (200, 150, 120)).save(tmp_path / "skin.png")
    return build(head, take, Options(texture=tmp_path / "skin.png", staged=False), Timer(lambda *_: None))


def wiring(head_object: Any) -> list[Any]:
    """Every link of every material, by names."""
    return [
        sorted(
            (one.from_node.name, one.from_socket.name, one.to_node.name, one.to_socket.name)
            for one in material.node_tree.links
        )
        for material in head_object.data.materials
    ]


@pytest.mark.parametrize("baked", [False, True])
def test_materials_are_plain_only_in_the_meantime(blender: Any, dressed: Any, baked: bool) -> None:
    from blender_addon.output.plain_materials import plain_materials

    before, images = wiring(dressed), set(blender.data.images.keys())
    with plain_materials(dressed, baked):
        for material in dressed.data.materials:
            surface = next(one for one in material.node_tree.nodes if one.type == "BSDF_PRINCIPLED")
            assert surface.inputs["Base Color"].links[0].from_node.type == "TEX_IMAGE"
            assert bool(surface.inputs["Normal"].links) == (baked and material.name.endswith("skin"))
    assert wiring(dressed) == before and set(blender.data.images.keys()) == images


def test_a_failing_export_gives_the_materials_back(dressed: Any) -> None:
    from blender_addon.output.plain_materials import plain_materials

    before = wiring(dressed)
    with pytest.raises(RuntimeError), plain_materials(dressed, True):
        raise RuntimeError
    assert wiring(dressed) == before


def test_gltf_holds_all_colours_and_on_request_the_skins_maps(dressed: Any, tmp_path: Path) -> None:
    from blender_addon.output.export import export_gltf

    export_gltf(dressed, tmp_path / "plain.glb")
    export_gltf(dressed, tmp_path / "maps.glb", skin_maps=True)
    for name in ("plain.glb", "maps.glb"):
        data = (tmp_path / name).read_bytes()
        facts = json.loads(data[20 : 20 + struct.unpack("<I", data[12:16])[0]])
        materials = {one["name"]: one for one in facts["materials"]}
        for material in materials.values():
            assert "baseColorTexture" in material["pbrMetallicRoughness"], (name, material)
        skin, eyes = materials["Head skin"], materials["Head eyes"]
        assert ("normalTexture" in skin) == (name == "maps.glb") and "normalTexture" not in eyes
        assert ("metallicRoughnessTexture" in skin["pbrMetallicRoughness"]) == (name == "maps.glb")


def test_fbx_holds_the_maps_on_request(dressed: Any, tmp_path: Path) -> None:
    from blender_addon.output.export import export_fbx

    export_fbx(dressed, tmp_path / "plain.fbx")
    export_fbx(dressed, tmp_path / "maps.fbx", skin_maps=True)
    assert b"skin_normal" not in (tmp_path / "plain.fbx").read_bytes()
    written = (tmp_path / "maps.fbx").read_bytes()
    assert b"skin_normal" in written and b"skin_roughness" in written
    assert written.count(b"\x89PNG") == 3


def test_baked_maps_are_what_the_group_shows(dressed: Any, head: HeadFile) -> None:
    """A triangle without pores is flat, one with pores holds the tile's normals at its places."""
    from blender_addon.surface import bake, maps

    tile = maps.pore_map(64)
    corners = np.array([[[0.1, 0.1], [0.4, 0.1], [0.1, 0.4]], [[0.6, 0.6], [0.9, 0.6], [0.6, 0.9]]], np.float32)
    skin, surface = np.zeros((2, 3, 3), np.float32), np.ones((2, 3, 3), np.float32) * [1, 0, 1]
    skin[1, :, 0] = 1
    skin[0, :, 2] = 1
    normal, rough = bake.skin_images(corners, skin, surface.astype(np.float32), (tile, tile), 256)
    assert (np.abs(normal[30:60, 30:45].astype(int) - (128, 128, 255)) <= 1).all()
    assert (rough[30:60, 30:45] < 40).all()  # wet: a little rough at most
    assert (normal[200, 10] == (128, 128, 255)).all() and rough[200, 10] == 128
    u, v = (160 + 0.5) / 256, (165 + 0.5) / 256
    place = np.array([[u, v]]) * bake.UV_DENSITY / bake.PORE_TILE
    wanted = bake._sample(tile, place[:, 0], place[:, 1])[0, :3]
    np.testing.assert_allclose(normal[165, 160] / 255, wanted, atol=0.02)
