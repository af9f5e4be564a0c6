"""The node group of a living texture: a colour goes in, the colour under the face's expression comes out, and a height.

A tile of the sheet is looked up for every image, weighted by drivers that read the head's shape keys, and added up. The
group's own strengths say how much of lines, shade and blood shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import bpy
import numpy as np

from ..files.living_file import Living
from .activations import sums
from .steps import Steps

ZERO: Final = 128.0 / 255.0  # what no change is on the sheet
STEP: Final = 255.0 / 127.0
COLUMN: Final = 180.0  # width of a node in the editor
INSIDE: Final = 0.004  # of a tile: how far from its edge it is read at least, so that no neighbour shines in
STRENGTHS: Final = ("Lines", "Shade", "Blood")


class Wiring:
    """Adds nodes to one tree, each linked as it is made; a row of them is laid out from left to right."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.at = [0.0, 0.0]

    def row(self, number: int) -> None:
        """Begin row `number`."""
        self.at = [0.0, -320.0 * number]

    def add(self, kind: str, *inputs: Any, label: str = "", **properties: Any) -> Any:
        """A node whose first inputs are linked to sockets or set to numbers; returns its first output."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in properties.items():
            setattr(node, name, value)
        node.label, node.location, node.hide = label, self.at, kind not in {"Value", "TexImage"}
        self.at[0] += COLUMN
        for socket, given in zip(node.inputs, inputs, strict=False):
            if isinstance(given, bpy.types.NodeSocket):
                self.tree.links.new(given, socket)
            elif given is not None:
                socket.default_value = given
        return node.outputs[0]

    def math(self, operation: str, *inputs: Any, clamp: bool = False) -> Any:
        """A Math node."""
        return self.add("Math", *inputs, operation=operation, use_clamp=clamp)

    def vector(self, operation: str, *inputs: Any) -> Any:
        """A Vector Math node."""
        return self.add("VectorMath", *inputs, operation=operation)


def group_steps(head_object: Any, living: Living, sheet: Any) -> Steps[Any]:
    """A new node group for `head_object` that shows `living`, whose images lie on the Blender image `sheet`."""
    group = bpy.data.node_groups.new(f"{head_object.name} live", "ShaderNodeTree")
    interface = group.interface
    interface.new_socket("Color", in_out="INPUT", socket_type="NodeSocketColor")
    if living.kind == "factors":
        for name in STRENGTHS:
            strength = interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketFloat")
            strength.default_value, strength.min_value, strength.max_value = 1.0, 0.0, 3.0
    interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    interface.new_socket("Height", in_out="OUTPUT", socket_type="NodeSocketFloat")
    wiring = Wiring(group)
    given = group.nodes.new("NodeGroupInput")
    given.location = (-COLUMN, 0)
    uv = wiring.add("UVMap")
    left = _left_share(wiring, uv, living.seam)
    total: Any = (0.0, 0.0, 0.0)
    for k in range(len(living.names)):
        wiring.row(k + 1)
        amount = _amount(wiring, head_object, living, k, left)
        total = _added(wiring, living, k, uv, sheet, amount, total)
        yield "materials", k + 1, len(living.names) + 1
    wiring.row(0)
    wiring.at[0] = 12 * COLUMN
    finish = _factors if living.kind == "factors" else _offsets
    colour, height = finish(wiring, living, total, given.outputs)
    out = group.nodes.new("NodeGroupOutput")
    out.location = wiring.at
    group.links.new(colour, out.inputs["Color"])
    if height is not None:
        group.links.new(height, out.inputs["Height"])
    return group


def _left_share(wiring: Wiring, uv: Any, seam: float) -> Any:
    """1 on the left half of the face, 0 on the right one, blended over `seam`; None without a seam."""
    if not seam:
        return None
    u = wiring.add("SeparateXYZ", uv)
    return wiring.math("MULTIPLY_ADD", u, 1.0 / seam, 0.5 - 0.5 / seam, clamp=True)


def _amount(wiring: Wiring, head_object: Any, living: Living, k: int, left: Any) -> Any:
    """How far image `k` is switched on at this point."""
    weights, bias = living.weights[k], living.bias[k]
    if left is None or (np.array_equal(weights[0], weights[1]) and bias[0] == bias[1]):
        return _driven(wiring, head_object, living, weights[0], bias[0], living.names[k])
    sides = [
        _driven(wiring, head_object, living, weights[side], bias[side], f"{living.names[k]}, {word}")
        for side, word in enumerate(("left", "right"))
    ]
    return wiring.math("MULTIPLY_ADD", wiring.math("SUBTRACT", *sides), left, sides[1])


def _driven(wiring: Wiring, head_object: Any, living: Living, weights: Any, bias: float, label: str) -> Any:
    """The value of an activation."""
    parts = sums(weights, float(bias), living.expression_names)
    values = []
    for part in parts:
        value = wiring.add("Value", label=label)
        drive(value, part.expression, part.keys, head_object.data.shape_keys)
        values.append(value)
    total = values[0]
    for index, value in enumerate(values[1:]):
        total = wiring.math("ADD", total, value, clamp=index == len(values) - 2)
    return total


def drive(value: Any, expression: str, keys: Sequence[str], shape_keys: Any) -> None:
    """Let the socket `value` be `expression` of v0, v1 …, the values of `keys` of `shape_keys`."""
    driver = value.driver_add("default_value").driver
    driver.type = "SCRIPTED"
    for index, key in enumerate(keys):
        if key not in shape_keys.key_blocks:
            expression = expression.replace(f"*v{index}", "*0", 1)
            continue
        variable = driver.variables.new()
        variable.name = f"v{index}"
        target = variable.targets[0]
        target.id_type, target.id = "KEY", shape_keys
        target.data_path = f'key_blocks["{key}"].value'
    driver.expression = expression


def _added(wiring: Wiring, living: Living, k: int, uv: Any, sheet: Any, amount: Any, total: Any) -> Any:
    """`total` with `amount` of image `k`."""
    columns = living.columns
    low, high = living.windows[k][:2], living.windows[k][2:]
    row, column = divmod(k, columns)
    size = 1.0 / (high - low)
    on_tile = wiring.vector("MULTIPLY_ADD", uv, (*size, 0.0), (*(-low * size), 0.0))
    on_tile = wiring.vector("MAXIMUM", on_tile, (INSIDE, INSIDE, 0.0))
    on_tile = wiring.vector("MINIMUM", on_tile, (1 - INSIDE, 1 - INSIDE, 0.0))
    corner = (column / columns, (columns - 1 - row) / columns, 0.0)
    place = wiring.vector("MULTIPLY_ADD", on_tile, (1 / columns, 1 / columns, 0.0), corner)
    tile = wiring.add("TexImage", place, image=sheet, extension="EXTEND", label=living.names[k])
    scale = STEP * float(living.scale[k])
    change = wiring.vector("MULTIPLY_ADD", tile, (scale,) * 3, (-scale * ZERO,) * 3)
    spread = wiring.add("CombineXYZ", amount, amount, amount)
    return wiring.vector("MULTIPLY_ADD", change, spread, total)


def _factors(wiring: Wiring, living: Living, total: Any, given: Any) -> tuple[Any, Any]:
    """The colour that shade and blood leave, and the height in `living.height`."""
    parts = wiring.add("SeparateXYZ", total).node.outputs
    shade = wiring.math("MULTIPLY", parts[0], given["Shade"])
    height = wiring.math("MULTIPLY", parts[1], given["Lines"])
    blood = wiring.math("MULTIPLY", parts[2], given["Blood"])
    channels = []
    for dark, red in zip(living.shade_tint, living.blood_tint, strict=True):
        power = wiring.math("MULTIPLY_ADD", blood, red, wiring.math("MULTIPLY", shade, -dark))
        channels.append(wiring.math("EXPONENT", power))
    gain = wiring.add("CombineXYZ", *channels)
    return wiring.vector("MULTIPLY", given["Color"], gain), height


def _offsets(wiring: Wiring, living: Living, total: Any, given: Any) -> tuple[Any, Any]:
    """The colour with the offsets, which are added to sRGB numbers.

    Both ways take the curve's power branch alone (IEC 61966-2-1), which is off by less than .001 near black.
    """
    encoded = wiring.add("Gamma", given["Color"], 1 / 2.4)
    srgb = wiring.vector("MULTIPLY_ADD", encoded, (1.055,) * 3, (-0.055,) * 3)
    changed = wiring.vector("MULTIPLY_ADD", total, (1 / 255,) * 3, srgb)
    changed = wiring.vector("MINIMUM", wiring.vector("MAXIMUM", changed, (0.0,) * 3), (1.0,) * 3)
    ready = wiring.vector("MULTIPLY_ADD", changed, (1 / 1.055,) * 3, (0.055 / 1.055,) * 3)
    return wiring.add("Gamma", ready, 2.4), None
