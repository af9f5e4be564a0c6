"""Hair that follows the head: a node group that moves strands with the skin under their roots.

Blender's node Deform Curves on Surface does it, from the rest position of the head's mesh to what shape keys and
modifiers make of it. While one works, a share of the strands is enough.
"""

from __future__ import annotations

from typing import Any, Final

import bpy

from .. import compat

GROUP: Final = "Style Avatar hair"
SHARE: Final = "Viewport Share"
VIEWPORT_STRANDS: Final = 6000  # as many as stay fluent while one works


def follow(hair: Any, strands: int) -> Any:
    """Let `hair`, a curves object whose surface is set, follow that surface; returns the modifier."""
    tree = bpy.data.node_groups.get(GROUP) or _group()
    modifier = hair.modifiers.new("Follow the head", "NODES")
    modifier.node_group = tree
    identifier = next(one.identifier for one in tree.interface.items_tree if one.name == SHARE)
    compat.set_modifier_input(modifier, identifier, min(1.0, VIEWPORT_STRANDS / max(1, strands)))
    return modifier


def _group() -> Any:
    tree = bpy.data.node_groups.new(GROUP, "GeometryNodeTree")
    tree.is_modifier = True
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    share = tree.interface.new_socket(SHARE, in_out="INPUT", socket_type="NodeSocketFloat")
    share.default_value, share.min_value, share.max_value, share.subtype = 1.0, 0.0, 1.0, "FACTOR"
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    given = _node(tree, "NodeGroupInput", 0, 0)
    thinned = _node(tree, "GeometryNodeDeleteGeometry", 480, 0)
    thinned.domain = "CURVE"
    moved = _node(tree, "GeometryNodeDeformCurvesOnSurface", 700, 0)
    tree.links.new(given.outputs["Geometry"], thinned.inputs["Geometry"])
    tree.links.new(_left_out(tree, given), thinned.inputs["Selection"])
    tree.links.new(thinned.outputs["Geometry"], moved.inputs["Curves"])
    tree.links.new(moved.outputs["Curves"], _node(tree, "NodeGroupOutput", 920, 0).inputs["Geometry"])
    return tree


def _left_out(tree: Any, given: Any) -> Any:
    """Which strands are not drawn: none in a render, all but the share in the viewport."""
    drawn = _node(tree, "FunctionNodeRandomValue", 0, -160)
    drawn.data_type = "BOOLEAN"
    probability = next(one for one in drawn.inputs if one.name == "Probability" and one.enabled)
    chosen = next(one for one in drawn.outputs if one.enabled)
    tree.links.new(given.outputs[SHARE], probability)
    rest = _node(tree, "FunctionNodeBooleanMath", 160, -160)
    rest.operation = "NOT"
    tree.links.new(chosen, rest.inputs[0])
    both = _node(tree, "FunctionNodeBooleanMath", 320, -160)
    both.operation = "AND"
    tree.links.new(rest.outputs[0], both.inputs[0])
    tree.links.new(_node(tree, "GeometryNodeIsViewport", 160, -320).outputs[0], both.inputs[1])
    return both.outputs[0]


def _node(tree: Any, kind: str, x: float, y: float) -> Any:
    made = tree.nodes.new(kind)
    made.location = (x, y)
    return made
