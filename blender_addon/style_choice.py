"""A menu of the backend's styles whose choice survives the backend: the file keeps the style's name."""

from __future__ import annotations

from typing import Any, Final

import bpy

from .session import SESSION

UNKNOWN: Final = "Start the backend to see its styles"

_shown: dict[str, list[tuple[str, str, str, int]]] = {}  # Blender keeps no copy of a menu's texts, so we do


def choice(name: str, label: str, description: str) -> Any:
    """A menu property called `name` that stores the chosen style in the string property `name`_name."""
    stored = f"{name}_name"

    def get(self: Any) -> int:
        return names_with(getattr(self, stored)).index(getattr(self, stored))

    def put(self: Any, value: int) -> None:
        setattr(self, stored, names_with(getattr(self, stored))[value])

    def items(self: Any, context: Any) -> list[tuple[str, str, str, int]]:
        new = [
            (one, one.replace("-", " ").capitalize(), SESSION.styles.get(one, UNKNOWN), index)
            for index, one in enumerate(names_with(getattr(self, stored)))
        ]
        if new != _shown.get(name):
            _shown[name] = new
        return _shown[name]

    return bpy.props.EnumProperty(name=label, description=description, items=items, get=get, set=put)


def names_with(chosen: str) -> list[str]:
    """The backend's styles, and `chosen` even when the backend does not list it."""
    names = list(SESSION.styles)
    return names if chosen in names else [*names, chosen]
