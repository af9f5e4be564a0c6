"""How 3D viewports look at the head, and how they looked before.

Undo leaves viewports alone, so what they showed is kept here until the head is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy

HELPERS: Final = ("show_extras", "show_cursor", "show_floor", "show_axis_x", "show_axis_y", "show_outline_selected")

_before: dict[tuple[str, int], dict[str, Any]] = {}  # by the screen's name and the number of the area


def look_through_camera(screens: Iterable[Any]) -> None:
    """Let the 3D viewports of `screens` look through the camera, in Material Preview with the stage's light."""
    for place, space in _viewports(screens):
        _before.setdefault(place, _state(space))
        space.shading.type = "MATERIAL"
        space.shading.use_scene_lights = True
        space.shading.use_scene_world = True
        if space.region_3d is not None:
            space.region_3d.view_perspective = "CAMERA"
        for helper in HELPERS:
            setattr(space.overlay, helper, False)


def give_back() -> None:
    """Let viewports that still look through the camera show what they showed before."""
    for place, space in _viewports(bpy.data.screens):
        before = _before.get(place)
        if before is None or space.shading.type != "MATERIAL" or _perspective(space) not in {"CAMERA", ""}:
            continue
        for name in ("type", "use_scene_lights", "use_scene_world"):
            setattr(space.shading, name, before[name])
        if space.region_3d is not None and before["perspective"]:
            space.region_3d.view_perspective = before["perspective"]
        for helper in HELPERS:
            setattr(space.overlay, helper, before[helper])
    _before.clear()


def forget() -> None:
    """What was before does not matter any more: another file is open."""
    _before.clear()


def _state(space: Any) -> dict[str, Any]:
    shading = {name: getattr(space.shading, name) for name in ("type", "use_scene_lights", "use_scene_world")}
    return {
        **shading,
        "perspective": _perspective(space),
        **{name: getattr(space.overlay, name) for name in HELPERS},
    }


def _perspective(space: Any) -> str:
    return str(space.region_3d.view_perspective) if space.region_3d is not None else ""


def _viewports(screens: Iterable[Any]) -> list[tuple[tuple[str, int], Any]]:
    """The 3D viewports of `screens` and where they are."""
    return [
        ((screen.name, number), space)
        for screen in screens
        for number, area in enumerate(screen.areas)
        if area.type == "VIEW_3D"
        for space in area.spaces
        if space.type == "VIEW_3D"
    ]
