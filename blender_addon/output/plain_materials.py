"""Materials as other programs can read them while a file is written: images straight into the surface's sockets.

FBX, glTF and USD take a colour, a normal map and a roughness map from images that feed the Principled BSDF directly; of
node groups they keep nothing. So for as long as a file is written the groups step aside. Baked on request: pores, lip
lines, oil and wetness as a normal map and a roughness map.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import bpy
import numpy as np

from ..building.material import COLOUR_NODE
from ..surface import bake, groups, maps

NORMAL_SIZE: Final = 2048
SKIN_NODE: Final = "Skin"  # label of the group node of skin and lips
TOUCHED: Final = ("Base Color", "Normal", "Roughness", "Specular IOR Level", "Coat Weight", "Emission Strength")


@contextmanager
def plain_materials(head_object: Any, baked: bool = False, grey: bool = False) -> Iterator[None]:
    """Let the materials of `head_object` be plain within the block.

    baked: with maps of the skin's detail; grey: with the roughness straight from its image, as FBX wants it; glTF and
    USD want to be told the channel.
    """
    made: list[Any] = []
    undo: list[tuple[Any, Any, Any]] = []
    images = _skin_images(head_object) if baked and _wearers(head_object) else None
    try:
        for material in head_object.data.materials:
            if material is not None and material.node_tree is not None:
                _plain(material.node_tree, images, grey, undo, made)
        yield
    finally:
        for tree, nodes in made:
            for node in nodes:
                tree.nodes.remove(node)
        for tree, source, socket in undo:
            tree.links.new(source, socket)
        for image in images or ():
            bpy.data.images.remove(image)


def _wearers(head_object: Any) -> list[Any]:
    """The materials of `head_object` that have a skin group."""
    materials = (one for one in head_object.data.materials if one is not None and one.node_tree is not None)
    return [one for one in materials if any(node.label == SKIN_NODE for node in one.node_tree.nodes)]


def _plain(tree: Any, images: tuple[Any, Any] | None, grey: bool, undo: list[Any], made: list[Any]) -> None:
    surface = next((node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"), None)
    colour = tree.nodes.get(COLOUR_NODE)
    if surface is None or colour is None:
        return
    skin = any(node.label == SKIN_NODE for node in tree.nodes)
    for name in TOUCHED:
        for link in list(surface.inputs[name].links):
            undo.append((tree, link.from_socket, link.to_socket))
            tree.links.remove(link)
    tree.links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    for link in list(colour.inputs["Vector"].links) if colour.type == "TEX_IMAGE" else []:
        undo.append((tree, link.from_socket, link.to_socket))
        tree.links.remove(link)
    if images is not None and skin:
        made.append((tree, _map_nodes(tree, surface, *images, grey)))


def _map_nodes(tree: Any, surface: Any, normal: Any, rough: Any, grey: bool) -> list[Any]:
    bent, shown = tree.nodes.new("ShaderNodeNormalMap"), tree.nodes.new("ShaderNodeTexImage")
    shown.image = normal
    tree.links.new(shown.outputs["Color"], bent.inputs["Color"])
    tree.links.new(bent.outputs["Normal"], surface.inputs["Normal"])
    rougher = tree.nodes.new("ShaderNodeTexImage")
    rougher.image = rough
    if grey:
        tree.links.new(rougher.outputs["Color"], surface.inputs["Roughness"])
        return [bent, shown, rougher]
    split = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(rougher.outputs["Color"], split.inputs["Color"])
    tree.links.new(split.outputs["Green"], surface.inputs["Roughness"])  # where glTF keeps it
    return [bent, shown, split, rougher]


def _skin_images(head_object: Any) -> tuple[Any, Any] | None:
    mesh = head_object.data
    if groups.SKIN_ATTRIBUTE not in mesh.attributes or not mesh.uv_layers:
        return None
    loops = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", loops)
    plane = np.empty(2 * len(mesh.loops), np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", plane)
    worn = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", worn)
    keepers = [index for index, one in enumerate(mesh.materials) if one in _wearers(head_object)]
    faces = np.isin(worn, keepers)
    corners = loops.reshape(-1, 3)[faces]
    skin, surface = (_field(mesh, name)[corners] for name in (groups.SKIN_ATTRIBUTE, groups.SURFACE_ATTRIBUTE))
    tiles = maps.pore_map(), maps.lip_map()
    normal, rough = bake.skin_images(plane.reshape(-1, 3, 2)[faces], skin, surface, tiles, NORMAL_SIZE)
    base = surface_roughness(_wearers(head_object)[0])
    grey = np.clip(rough.astype(np.int16) - 128 + round(255 * base), 0, 255).astype(np.uint8)
    return _image("skin_normal", normal), _image("skin_roughness", np.repeat(grey[..., None], 3, axis=2))


def surface_roughness(material: Any) -> float:
    """The roughness that a material's skin group starts from."""
    node = next(node for node in material.node_tree.nodes if node.label == SKIN_NODE)
    return float(node.inputs["Roughness"].default_value)


def _field(mesh: Any, name: str) -> Any:
    values = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.attributes[name].data.foreach_get("vector", values)
    return values.reshape(-1, 3)


def _image(name: str, pixels: Any) -> Any:
    size = len(pixels)
    image = bpy.data.images.new(name, size, size, is_data=True)
    filled = np.ones((size, size, 4), np.float32)
    np.divide(pixels, 255, out=filled[..., :3])
    image.pixels.foreach_set(filled.ravel())
    image.filepath_raw, image.file_format = f"//{name}.png", "PNG"
    image.pack()
    return image
