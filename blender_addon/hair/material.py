"""How hair takes the light: Principled Hair in Cycles, a surface of the same colour in EEVEE, in one material.

Hairs and locks differ a little in brightness, and are darker at the root.
"""

from __future__ import annotations

from typing import Any, Final

import bpy

from .. import compat
from .pigment import ROUGHNESS

VARIATION: Final = (0.75, 1.25)  # factors on the colour, from hair to hair
ROOT: Final = 0.6  # factor on the colour at the root
ROOT_LENGTH: Final = 0.4  # share of the hair over which it becomes 1
COLOUR: Final = "Hair colour"
TONE: Final = "hair_tone"  # attribute of the strands, see `strands.Strands`
BETWEEN_LOCKS: Final = 0.3  # by how much of the colour locks are darker or lighter


def hair_material(name: str, colour: tuple[float, float, float], *, root: float = ROOT) -> Any:
    """A new material called `name` of linear RGB `colour`; `root` is the factor on it at the root."""
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*colour, 1.0)
    tree = compat.use_nodes(material)
    tree.nodes.clear()
    shade = _shade(tree, colour, root)
    strand = _node(tree, "ShaderNodeBsdfHairPrincipled", 700, 200)
    strand.parametrization = "COLOR"
    _set(strand, {"Roughness": 0.28, "Radial Roughness": ROUGHNESS, "Random Roughness": 0.3, "Coat": 0.0})
    tree.links.new(shade, strand.inputs["Color"])
    plain = _node(tree, "ShaderNodeBsdfPrincipled", 700, -200)
    _set(plain, {"Roughness": 0.42, "Specular IOR Level": 0.35, "Anisotropic": 0.7})
    tree.links.new(shade, plain.inputs["Base Color"])
    for target, surface, y in (("CYCLES", strand, 200), ("EEVEE", plain, -200)):
        output = _node(tree, "ShaderNodeOutputMaterial", 1000, y)
        output.target = target
        tree.links.new(surface.outputs[0], output.inputs["Surface"])
    return material


def colour_node(material: Any) -> Any:
    """The node of `material` that holds the colour of the hair."""
    return next(one for one in material.node_tree.nodes if one.label == COLOUR)


def _shade(tree: Any, colour: tuple[float, float, float], root: float) -> Any:
    """The output that gives the colour along a hair."""
    base = _node(tree, "ShaderNodeRGB", 0, 0)
    base.label = COLOUR
    base.outputs[0].default_value = (*colour, 1.0)
    about = _node(tree, "ShaderNodeHairInfo", 0, -220)
    along = _range(tree, about.outputs["Intercept"], (0.0, ROOT_LENGTH), (root, 1.0), -220)
    among = _range(tree, about.outputs["Random"], (0.0, 1.0), VARIATION, -480)
    lock = _node(tree, "ShaderNodeAttribute", 0, -700)
    lock.attribute_name = TONE
    locks = _range(tree, lock.outputs["Fac"], (-1.0, 1.0), (1 - BETWEEN_LOCKS, 1 + BETWEEN_LOCKS), -740)
    both = _product(tree, _product(tree, along, among, 400), locks, 560)
    scaled = _node(tree, "ShaderNodeVectorMath", 560, 0)
    scaled.operation = "SCALE"
    tree.links.new(base.outputs[0], scaled.inputs[0])
    tree.links.new(both, scaled.inputs["Scale"])
    return scaled.outputs[0]


def _product(tree: Any, first: Any, second: Any, x: float) -> Any:
    node = _node(tree, "ShaderNodeMath", x, -220)
    node.operation = "MULTIPLY"
    tree.links.new(first, node.inputs[0])
    tree.links.new(second, node.inputs[1])
    return node.outputs[0]


def _range(tree: Any, value: Any, given: tuple[float, float], wanted: tuple[float, float], y: float) -> Any:
    node = _node(tree, "ShaderNodeMapRange", 200, y)
    for name, number in zip(("From Min", "From Max", "To Min", "To Max"), (*given, *wanted), strict=True):
        node.inputs[name].default_value = number
    tree.links.new(value, node.inputs["Value"])
    return node.outputs[0]


def _set(node: Any, values: dict[str, float]) -> None:
    for name, value in values.items():
        if name in node.inputs:  # versions differ in what they offer
            node.inputs[name].default_value = value


def _node(tree: Any, kind: str, x: float, y: float) -> Any:
    made = tree.nodes.new(kind)
    made.location = (x, y)
    return made
