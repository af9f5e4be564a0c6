"""A short way to write node groups: nodes as calls, sockets or numbers as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import bpy

MARK: Final = "style_avatar_group"
COLUMN: Final = 190  # between nodes, in the node editor
ROW: Final = 160
ROWS: Final = 6


class Group:
    """A shader node group while it is written.

    inputs: (kind, default, lowest, highest) by name, where kind is "Float" or "Color"; outputs: kinds by name.
    """

    def __init__(self, name: str, inputs: Mapping[str, tuple[Any, ...]], outputs: Mapping[str, str]) -> None:
        self.tree = bpy.data.node_groups.new(name, "ShaderNodeTree")
        for label, (kind, default, *limits) in inputs.items():
            socket = self.tree.interface.new_socket(label, in_out="INPUT", socket_type=f"NodeSocket{kind}")
            socket.default_value = default
            if limits:
                socket.min_value, socket.max_value = limits
        for label, kind in outputs.items():
            self.tree.interface.new_socket(label, in_out="OUTPUT", socket_type=f"NodeSocket{kind}")
        self._count = 0
        self._in, self._out = self.add("NodeGroupInput"), self.tree.nodes.new("NodeGroupOutput")

    def add(self, kind: str, **settings: Any) -> Any:
        """A new node of `kind` with its `settings`."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        node.location = (COLUMN * (self._count // ROWS), -ROW * (self._count % ROWS))
        self._count += 1
        return node

    def link(self, value: Any, socket: Any) -> None:
        """Give `socket` a value: another socket, a number, or numbers."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def given(self, name: str) -> Any:
        """The group's own input."""
        return self._in.outputs[name]

    def give(self, name: str, value: Any) -> None:
        """Set the group's output."""
        self.link(value, self._out.inputs[name])
        self._out.location = (COLUMN * (self._count // ROWS + 1), 0)

    def maths(self, operation: str, *values: Any, clamp: bool = False) -> Any:
        """A number from numbers."""
        node = self.add("ShaderNodeMath", operation=operation, use_clamp=clamp)
        for value, socket in zip(values, node.inputs, strict=False):
            self.link(value, socket)
        return node.outputs[0]

    def vector(self, operation: str, *values: Any) -> Any:
        """A vector, or the number that `operation` (DOT_PRODUCT, LENGTH) makes of vectors."""
        node = self.add("ShaderNodeVectorMath", operation=operation)
        sockets = [node.inputs[0], node.inputs["Scale"]] if operation == "SCALE" else node.inputs
        for value, socket in zip(values, sockets, strict=False):
            self.link(value, socket)
        return node.outputs["Value" if operation in {"DOT_PRODUCT", "LENGTH"} else "Vector"]

    def mix(self, share: Any, first: Any, second: Any) -> Any:
        """A colour between two."""
        node = self.add("ShaderNodeMix", data_type="RGBA")
        sockets = {socket.identifier: socket for socket in node.inputs}
        for value, name in ((share, "Factor_Float"), (first, "A_Color"), (second, "B_Color")):
            self.link(value, sockets[name])
        return next(socket for socket in node.outputs if socket.identifier == "Result_Color")

    def between(self, share: Any, first: Any, second: Any) -> Any:
        """A number between two."""
        node = self.add("ShaderNodeMapRange")
        for value, name in ((share, "Value"), (first, "To Min"), (second, "To Max")):
            self.link(value, node.inputs[name])
        return node.outputs["Result"]

    def ramp(self, value: Any, low: float, high: float) -> Any:
        """0 below `low`, 1 above `high`, smooth between."""
        node = self.add("ShaderNodeMapRange", interpolation_type="SMOOTHSTEP")
        for given, name in ((value, "Value"), (low, "From Min"), (high, "From Max")):
            self.link(given, node.inputs[name])
        return node.outputs["Result"]

    def parts(self, attribute: str) -> list[Any]:
        """The three numbers of a vector attribute of the mesh."""
        split = self.add("ShaderNodeSeparateXYZ")
        self.link(self.add("ShaderNodeAttribute", attribute_name=attribute).outputs["Vector"], split.inputs[0])
        return list(split.outputs)

    def picture(self, image: Any, place: Any, extension: str = "REPEAT") -> Any:
        """An image at a place on it; the node, for its colour and its alpha."""
        node = self.add("ShaderNodeTexImage", image=image, extension=extension)
        self.link(place, node.inputs["Vector"])
        return node


def known(kind: str) -> Any | None:
    """The group of this `kind` (a name with a version) that the file has already."""
    return next((one for one in bpy.data.node_groups if one.get(MARK) == kind), None)
