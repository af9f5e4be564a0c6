"""Everything the add-on adds to Blender, in order.

A module exports `CLASSES`, a tuple of Blender classes, and, if it adds more than classes (a property on Scene, a
handler), functions `register()` and `unregister()`, which are called after its classes are there and before they go.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

import bpy

from . import operators, panels, properties, session, translations
from .panels import preferences

MODULES: Final[tuple[ModuleType, ...]] = (
    *(translations, preferences, session, properties),
    *operators.MODULES,
    *panels.MODULES,
)


def classes() -> list[Any]:
    """All classes of the add-on, in the order of registration."""
    return [one for module in MODULES for one in getattr(module, "CLASSES", ())]


def register() -> None:
    """Add everything."""
    for module in MODULES:
        for one in getattr(module, "CLASSES", ()):
            bpy.utils.register_class(one)
        if hasattr(module, "register"):
            module.register()


def unregister() -> None:
    """Take everything away again, last things first."""
    for module in reversed(MODULES):
        if hasattr(module, "unregister"):
            module.unregister()
        for one in reversed(getattr(module, "CLASSES", ())):
            bpy.utils.unregister_class(one)
