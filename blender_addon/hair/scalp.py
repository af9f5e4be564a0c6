"""The shade of hair on the skin of a head, in Blender: a node group in the skin's material while hair is worn."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..building.living import texture_image
from ..surface import nodes
from .objects import SKIN, face_marks
from .skin_below import evened, shade_of
from .surface import Float64Array, Surface

NODE: Final = "style_avatar_scalp"
KIND: Final = "scalp 1"
SHADE: Final = "scalp_shade"  # attributes of the mesh: see `skin_below`; the second is less 1
EVENED: Final = "scalp_evened"
DULLER: Final = 0.55  # saturation of the shade, of the hair's
TAPS: Final = 4  # texels about a vertex along each side from which its colour is taken
APART: Final = 0.0015  # of the UV square


def shade_scalp(head_object: Any, surface: Surface, colour: tuple[float, float, float], amount: float) -> None:
    """Give the skin below hair of linear RGB `colour` its shade; nothing to do for a head without our materials."""
    unshade(head_object)
    tree = _tree_of_skin(head_object)
    if tree is None:
        return
    mesh = head_object.data
    _put(mesh, SHADE, "FLOAT", "value", shade_of(surface))
    _put(mesh, EVENED, "FLOAT_VECTOR", "vector", evened(surface, _colours(head_object, surface)) - 1)
    target = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED").inputs["Base Color"]
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree, node.name, node.label, node.width = _group(), NODE, "Scalp", 180
    node.location = (target.node.location[0] - 220, target.node.location[1] + 180)
    node.inputs["Hair Color"].default_value = (*colour, 1.0)
    node.inputs["Shade"].default_value = amount
    tree.links.new(target.links[0].from_socket, node.inputs["Color"])
    tree.links.new(node.outputs["Color"], target)


def unshade(head_object: Any) -> None:
    """Take the shade off again."""
    mesh = head_object.data
    for material in mesh.materials:
        tree: Any = material.node_tree if material is not None else None
        node = tree.nodes.get(NODE) if tree is not None else None
        if node is None:
            continue
        sources = [link.from_socket for link in node.inputs["Color"].links]
        fed = [link.to_socket for link in node.outputs["Color"].links]
        tree.nodes.remove(node)
        for socket in fed if sources else ():
            tree.links.new(sources[0], socket)
    for name in (SHADE, EVENED):
        if name in mesh.attributes:
            mesh.attributes.remove(mesh.attributes[name])


def _tree_of_skin(head_object: Any) -> Any:
    """The nodes of the material that most of the skin wears, if its colour can be worked on, else None."""
    mesh = head_object.data
    slots = np.empty(len(mesh.polygons), dtype=np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    worn = slots[face_marks(mesh, SKIN)]
    if not len(worn) or int(worn[0]) >= len(mesh.materials):
        return None
    material = mesh.materials[int(np.bincount(worn).argmax())]
    tree = material.node_tree if material is not None else None
    surfaces = [node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"] if tree is not None else []
    return tree if surfaces and surfaces[0].inputs["Base Color"].is_linked else None


def _colours(head_object: Any, surface: Surface) -> Float64Array:
    """(V, 3) linear: what colours the skin's vertices have, in the photo if there is one."""
    image = texture_image(head_object)
    mesh = head_object.data
    if image is None:
        colours = np.empty(4 * len(mesh.vertices), dtype=np.float32)
        mesh.color_attributes["albedo"].data.foreach_get("color", colours)
        return colours.reshape(-1, 4)[:, :3].astype(np.float64)
    place = np.zeros((len(mesh.vertices), 2))
    place[surface.triangles.ravel()] = surface.uv.reshape(-1, 2)
    return _sampled(image, place)


def _sampled(image: Any, place: Float64Array) -> Float64Array:
    """(n, 3) linear: the mean colour of `image` around places (n, 2) on it."""
    width, height = image.size
    pixels = np.empty(width * height * image.channels, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(height, width, image.channels)[..., :3]
    steps = APART * (np.arange(TAPS) - (TAPS - 1) / 2)
    total = np.zeros((len(place), 3))
    for right in steps:
        for up in steps:
            column = np.clip((place[:, 0] + right) * width, 0, width - 1).astype(int)
            row = np.clip((place[:, 1] + up) * height, 0, height - 1).astype(int)
            srgb = pixels[row, column].astype(np.float64)
            total += np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return total / TAPS**2


def _put(mesh: Any, name: str, kind: str, field: str, values: Float64Array) -> None:
    attribute = mesh.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype=np.float32).ravel())


def _group() -> Any:
    """A colour, evened up to the hairline and shaded below the hair."""
    if (found := nodes.known(KIND)) is not None:
        return found
    inputs = {
        "Color": ("Color", (0.8, 0.8, 0.8, 1.0)),
        "Hair Color": ("Color", (0.1, 0.06, 0.04, 1.0)),
        "Shade": ("Float", 0.6, 0.0, 1.0),
        "Even Forehead": ("Float", 1.0, 0.0, 1.0),
    }
    group = nodes.Group("Style Avatar Scalp", inputs, {"Color": "Color"})
    group.tree[nodes.MARK] = KIND
    factors = group.add("ShaderNodeAttribute", attribute_name=EVENED).outputs["Vector"]
    lighter = group.vector("ADD", group.vector("SCALE", factors, group.given("Even Forehead")), (1.0, 1.0, 1.0))
    shade = group.add("ShaderNodeAttribute", attribute_name=SHADE).outputs["Fac"]
    share = group.maths("MULTIPLY", shade, group.given("Shade"), clamp=True)
    skin = group.vector("MULTIPLY", group.given("Color"), lighter)
    duller = group.add("ShaderNodeHueSaturation")  # light that comes back has been through the hair a second time
    group.link(DULLER, duller.inputs["Saturation"])
    group.link(group.given("Hair Color"), duller.inputs["Color"])
    group.give("Color", group.mix(share, skin, duller.outputs["Color"]))
    return group.tree
