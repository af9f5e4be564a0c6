"""Living textures on a head: between the colour of its skin and lips and whatever takes that colour.

What was there stays: the texture in front, the surface's own normals behind. Taking the group out leaves the materials
as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import bpy

from ..files.living_file import Living, LivingFileError, read_living
from ..translations import tr
from . import unfinished
from .live_group import group_steps
from .material import COLOUR_NODE, role_of, show_image
from .steps import Outcome, Steps, waited

NODE: Final = "Living Texture"  # name of the group's node in a material
BUMP: Final = "Living Lines"
PICTURES: Final = "Baked Textures"
SHARE: Final = "Baked Textures Share"
UNDER, OVER, MIXED = 6, 7, 2  # the colour sockets of a Mix node, which have the names of its others
HEAD: Final = "style_avatar_living"  # on the node group: the name of the head that drives it
BASE: Final = "style_avatar_base"  # on a material: the image that a learned texture took the place of
ROLES: Final = ("skin", "lips")


def living_steps(head: str, path: Path) -> Steps[Outcome]:
    """Let the head called `head` wear the living texture in the file `path`, instead of the one it wears.

    Raises:
        KeyError: the head is gone.
        LivingFileError: the file is none, or for another face model.
        RuntimeError: Blender cannot read the images.
    """
    living = yield from waited(read_living, path)
    head_object = bpy.data.objects[head]
    if set(living.expression_names) - set(head_object.data.shape_keys.key_blocks.keys()):
        raise LivingFileError(f"{head} is of another face model than these textures, or has lost shape keys")
    sheet = image_of(f"{head} live", living.sheet, colour=False)
    yield "materials", 0, 1
    base = image_of(f"{head} base", living.base, colour=True) if living.base else None
    yield "materials", 0, 1
    group = yield from group_steps(head_object, living, sheet)
    head_object = bpy.data.objects[head]
    _put(head_object, living, group, base)
    unfinished.settle()
    text = tr("{name} wears {count} living textures; the shape keys drive them.")
    return Outcome(head, text.format(name=head, count=len(living.names)))


def image_of(name: str, png: bytes, *, colour: bool) -> Any:
    """A new image of PNG bytes, packed; colour: whether it holds colours, not numbers.

    Raises:
        RuntimeError: Blender cannot read them.
    """
    image = bpy.data.images.new(name, 8, 8)
    image.pack(data=png, data_len=len(png))
    image.source = "FILE"
    image.colorspace_settings.name = "sRGB" if colour else "Non-Color"
    if 0 in image.size[:]:
        bpy.data.images.remove(image)
        raise RuntimeError("an image of the living texture is damaged")
    return image


def take_off(head_object: Any) -> bool:
    """Let `head_object` wear its texture as it is, neither living nor baked; returns whether anything was taken off."""
    gone: set[Any] = set()
    for material in materials_of(head_object):
        tree = material.node_tree
        if (node := tree.nodes.get(NODE)) is not None:
            gone |= {node.node_tree, *_images_in(node.node_tree)}
            _bridge(tree, node, "Color", 0)
        if (bump := tree.nodes.get(BUMP)) is not None:
            _bridge(tree, bump, "Normal", 0)
        if (share := tree.nodes.get(SHARE)) is not None:
            share.inputs[0].driver_remove("default_value")
            _bridge(tree, share, UNDER, MIXED)
        if (pictures := tree.nodes.get(PICTURES)) is not None:
            gone.add(pictures.image)
            tree.nodes.remove(pictures)
        if material.get(BASE) is not None:
            show_image(material, material[BASE])
            del material[BASE]
    for kind in ("node_groups", "images"):
        for block in [one for one in getattr(bpy.data, kind) if one in gone and one.users == 0]:
            getattr(bpy.data, kind).remove(block)
    return bool(gone)


def _images_in(group: Any) -> set[Any]:
    return {node.image for node in group.nodes if node.type == "TEX_IMAGE" and node.image is not None}


def worn(head_object: Any) -> str:
    """What it wears: "live", "baked", or "" for a head that wears its texture as it is."""
    names = {node.name for material in materials_of(head_object) for node in material.node_tree.nodes}
    return "live" if NODE in names else "baked" if SHARE in names else ""


def _put(head_object: Any, living: Living, group: Any, base: Any | None) -> None:
    take_off(head_object)
    group[HEAD] = head_object.name
    for material in materials_of(head_object):
        if base is not None:
            if (before := _shown(material)) is not None:
                material[BASE] = before
            show_image(material, base)
        _insert(material.node_tree, group, living)


def _insert(tree: Any, group: Any, living: Living) -> None:
    colour = colour_node(tree)
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree, node.name, node.label, node.width = group, NODE, NODE, 180
    node.location = (colour.location[0] + 20, colour.location[1] - 300)
    source = colour.outputs["Color"]
    for link in list(source.links):
        tree.links.new(node.outputs["Color"], link.to_socket)
    tree.links.new(source, node.inputs["Color"])
    if living.kind != "factors":
        return
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    bump = tree.nodes.new("ShaderNodeBump")
    bump.name, bump.label = BUMP, BUMP
    bump.location = (surface.location[0] - 180, surface.location[1] - 620)
    bump.inputs["Distance"].default_value = living.height
    for link in list(surface.inputs["Normal"].links):
        tree.links.new(link.from_socket, bump.inputs["Normal"])
    tree.links.new(node.outputs["Height"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])


def colour_node(tree: Any) -> Any:
    """The node that gives a material of ours its colour."""
    if (named := tree.nodes.get(COLOUR_NODE)) is not None:
        return named
    node = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    while node.type not in {"TEX_IMAGE", "ATTRIBUTE"}:  # a material of an earlier release
        socket = node.inputs["Base Color"] if node.type == "BSDF_PRINCIPLED" else node.inputs["Color"]
        node = socket.links[0].from_node
    return node


def texture_image(head_object: Any) -> Any | None:
    """The image that the skin of `head_object` shows at rest; None when it shows the mesh's own colours."""
    images = (_shown(material) for material in materials_of(head_object))
    return next((image for image in images if image is not None), None)


def _shown(material: Any) -> Any | None:
    node = colour_node(material.node_tree)
    return node.image if node.type == "TEX_IMAGE" else None


def _bridge(tree: Any, node: Any, entry: str | int, exit_: int) -> None:
    """Take `node` out, and let what it fed have what fed it."""
    sources = [link.from_socket for link in node.inputs[entry].links]
    fed = [link.to_socket for link in node.outputs[exit_].links]
    tree.nodes.remove(node)
    for socket in fed:
        for source in sources:
            tree.links.new(source, socket)


def materials_of(head_object: Any) -> Iterator[Any]:
    """The materials of skin and lips."""
    for material in head_object.data.materials:
        with suppress(AttributeError):  # an empty slot, or a material without nodes
            if role_of(material.name.removeprefix(head_object.name)) in ROLES and material.node_tree.nodes:
                yield material
