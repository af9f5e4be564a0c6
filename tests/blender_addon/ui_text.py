"""Every text that the add-on shows, found in its classes and in its source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "blender_addon"
TROUBLE_MAKERS = {"Trouble", "ClientError", "BackendGone", "BadAnswer", "WrongProtocol", "EnvironmentProblem", "Status"}


def of_classes(bpy: Any, classes: list[Any]) -> Iterator[str]:
    """Labels and tooltips of operators, panels and properties that are registered."""
    for one in classes:
        yield from filter(None, (getattr(one, "bl_label", ""), getattr(one, "bl_description", "")))
        for found in own_properties(bpy, one):
            if not found.is_hidden:
                yield from (found.name, found.description)
            if found.type == "ENUM":
                yield from (text for item in found.enum_items_static for text in (item.name, item.description))


def own_properties(bpy: Any, one: Any) -> list[Any]:
    """The properties that class `one` declares itself; Blender keeps an operator's in a type of their own."""
    described = one.bl_rna
    if issubclass(one, bpy.types.Operator):
        package, name = one.bl_idname.split(".")
        described = getattr(getattr(bpy.ops, package), name).get_rna_type()
    names = inspect.get_annotations(one)
    return [described.properties[name] for name in names if name in described.properties]


def of_source() -> Iterator[tuple[str, str]]:
    """(file, text) of every text given to `tr`, drawn as a label, or used as a sentence of an error or a state."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from ((path.name, text) for text in _of_call(node))


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"tr", "section"}:
        yield from _constants(call.args[-1:])
    elif name == "bad":
        yield from _constants(call.args[:1])
    elif name in {"label", "operator", "prop"}:
        yield from _constants([one.value for one in call.keywords if one.arg == "text"])
    elif name in TROUBLE_MAKERS:
        yield from _constants(call.args[1:3])


def _constants(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value
