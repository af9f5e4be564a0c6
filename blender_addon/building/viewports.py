"""How 3D viewports look at the head, and how they looked before.

Undo leaves viewports alone, so what they showed is kept here until the head is taken back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import bpy

HELPERS: Final = ("show_extras", "show_cursor", "show_floor", "show_axis_x", "show_axis_y", "show_outline_selected")

VIEW: Final = (
    "view_location",
    "view_rotation",
    "view_distance",
    "view_camera_zoom",
    "view_camera_offset",
)  # Blender turns the view to the camera it looks through
FILLED: Final = 0.88  # of the viewport: how far the camera's frame reaches

Place = tuple[str, int]  # the screen's name and the number of the area

_before: dict[Place, dict[str, Any]] = {}
_given_back: dict[Place, dict[str, Any]] = {}  # what was shown when the head was taken back, for redo


def look_through_camera(screens: Iterable[Any]) -> None:
    """Let the 3D viewports of `screens` look through the camera, in Material Preview with the stage's light."""
    _given_back.clear()
    for place, space in _viewports(screens):
        _before.setdefault(place, _state(space))
        _look(place, space)


def _look(place: Place, space: Any) -> None:
    space.shading.type = "MATERIAL"
    space.shading.use_scene_lights = True
    space.shading.use_scene_world = True
    if space.region_3d is not None:
        space.region_3d.view_perspective = "CAMERA"
        space.region_3d.view_camera_zoom = zoom_to_fill(*_size(place))
        space.region_3d.view_camera_offset = (0.0, 0.0)
    for helper in HELPERS:
        setattr(space.overlay, helper, False)


def zoom_to_fill(width: int, height: int) -> float:
    """Blender's `view_camera_zoom` with which a square frame nearly fills a viewport of so many pixels.

    The frame's side is the viewport's longer one times (sqrt(2) + zoom / 50)^2 / 4.
    """
    if min(width, height) < 2:  # it was never drawn
        return 0.0
    return 50.0 * (2.0 * math.sqrt(FILLED * min(width, height) / max(width, height)) - math.sqrt(2.0))


def show_again() -> None:
    """The head is there again: let the viewports that were given back, and are as they were, look at it once more."""
    for place, space in _viewports(bpy.data.screens):
        if place in _given_back and _look_of(_given_back[place]) == _look_of(_state(space)):
            _before[place] = _state(space)  # turned meanwhile, perhaps
            _look(place, space)
    _given_back.clear()


def give_back() -> None:
    """Let viewports that still look through the camera show what they showed before."""
    _given_back.clear()
    for place, space in _viewports(bpy.data.screens):
        before = _before.get(place)
        if before is None or space.shading.type != "MATERIAL" or not _still_looks(space):
            continue
        for name in ("type", "use_scene_lights", "use_scene_world"):
            setattr(space.shading, name, before[name])
        if space.region_3d is not None and before["perspective"]:
            space.region_3d.view_perspective = before["perspective"]
            set_view(space.region_3d, before["view"])
        for helper in HELPERS:
            setattr(space.overlay, helper, before[helper])
        _given_back[place] = _state(space)
    _before.clear()


def forget() -> None:
    """What was before does not matter any more: another file is open."""
    _before.clear()
    _given_back.clear()


def _state(space: Any) -> dict[str, Any]:
    shading = {name: getattr(space.shading, name) for name in ("type", "use_scene_lights", "use_scene_world")}
    return {
        **shading,
        "perspective": _perspective(space),
        "view": view_of(space.region_3d) if space.region_3d is not None else {},
        **{name: getattr(space.overlay, name) for name in HELPERS},
    }


def _look_of(state: dict[str, Any]) -> dict[str, Any]:
    """`state` without where it is seen from."""
    return {name: value for name, value in state.items() if name != "view"}


def _still_looks(space: Any) -> bool:
    """Whether the artist left the view as it was set; Blender itself leaves a camera that is removed."""
    return _perspective(space) in {"CAMERA", ""} or bpy.context.scene.camera is None


def view_of(region: Any) -> dict[str, Any]:
    """Where a `RegionView3D` is seen from, copied: location, rotation (quaternion) and distance."""
    kept = {name: getattr(region, name) for name in VIEW}
    return {name: value if isinstance(value, float) else tuple(value) for name, value in kept.items()}


def set_view(region: Any, view: dict[str, Any]) -> None:
    """Let a `RegionView3D` be seen from where `view_of` found it."""
    for name, value in view.items():
        setattr(region, name, value)


def _size(place: Place) -> tuple[int, int]:
    """Width and height in pixels of what is drawn there."""
    name, number = place
    drawn = next(one for one in bpy.data.screens[name].areas[number].regions if one.type == "WINDOW")
    return drawn.width, drawn.height


def _perspective(space: Any) -> str:
    return str(space.region_3d.view_perspective) if space.region_3d is not None else ""


def _viewports(screens: Iterable[Any]) -> list[tuple[Place, Any]]:
    """The 3D viewports of `screens` and where they are."""
    return [
        ((screen.name, number), space)
        for screen in screens
        for number, area in enumerate(screen.areas)
        if area.type == "VIEW_3D"
        for space in area.spaces
        if space.type == "VIEW_3D"
    ]
