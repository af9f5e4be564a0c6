"""The artist's own .blend: opened, its camera found, the head put where it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy

from .. import compat

PLACE: Final = "Head"  # name of an empty at which the head stands when no other is named


class SceneFileError(ValueError):
    """The artist's file cannot be used; the message says why and what to do."""


def open_scene(path: Path) -> str:
    """Open the file at `path`; returns a note, or "".

    Raises:
        SceneFileError: no such file, no .blend, or one that this Blender cannot read.
    """
    if not path.is_file():
        raise SceneFileError(f"there is no .blend file at {path}")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        said = " ".join(str(error).split()).removeprefix("Error: ")
        raise SceneFileError(
            f"Blender {bpy.app.version_string} cannot open {path} ({said}); if a newer Blender saved it, give that one "
            "with --blender"
        ) from error
    if newer := compat.newer_file():
        return f"{path.name} was saved by Blender {newer}; what this one does not know of it is not in the picture"
    return ""


def choose_camera(scene: Any, name: str | None) -> Any:
    """The camera called `name`, or the scene's own; it becomes the scene's.

    Raises:
        SceneFileError: there is none, or none of that name.
    """
    cameras = sorted(one.name for one in scene.objects if one.type == "CAMERA")
    if name is None:
        if scene.camera is None:
            has = f"; it has {', '.join(cameras)}: choose one with --camera" if cameras else "; add one and save it"
            raise SceneFileError(f"the scene {scene.name!r} has no active camera{has}")
        return scene.camera
    if name not in cameras:
        has = ", ".join(cameras) or "none"
        raise SceneFileError(f"the scene {scene.name!r} has no camera {name!r}; its cameras: {has}")
    scene.camera = scene.objects[name]
    for marker in scene.timeline_markers:  # a marker that switches cameras would switch away from the chosen one
        marker.camera = None
    return scene.camera


def find_place(scene: Any, name: str | None) -> Any:
    """The object at which the head is to stand: the one called `name`, or an empty called "Head"; None: the origin.

    Raises:
        SceneFileError: no object of that name.
    """
    if name is not None:
        if name not in scene.objects:
            raise SceneFileError(f"the scene {scene.name!r} has no object {name!r} at which the head could stand")
        return scene.objects[name]
    own = scene.objects.get(PLACE)
    return own if own is not None and own.type == "EMPTY" else None


def stand_at(head_object: Any, place: Any) -> None:
    """Let the head stand at `place`, turned and sized as it is, and go with it."""
    if place is not None:
        head_object.parent = place
        head_object.matrix_parent_inverse.identity()


def is_seen(scene: Any, head_object: Any) -> bool:
    """Whether the middle of the head is in the camera's picture in the first frame."""
    from bpy_extras.object_utils import world_to_camera_view  # type: ignore[import-not-found]
    from mathutils import Vector

    bpy.context.view_layer.update()
    corners = [head_object.matrix_world @ Vector(corner) for corner in head_object.bound_box]
    middle = sum(corners, Vector()) / len(corners)
    x, y, depth = world_to_camera_view(scene, scene.camera, middle)
    return bool(0 <= x <= 1 and 0 <= y <= 1 and depth > 0)
