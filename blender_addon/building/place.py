"""Where a new head stands when the scene is not empty."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from mathutils import Vector

GAP: Final = 1.2  # metres to what stands beside the head, so that the viewport shows nothing of it around the camera
ROOM: Final = 0.25  # metres about the neck that a talking head, its camera's view and its shoulders need
SOLID: Final = {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME"}


def free_place(scene: Any) -> Vector:
    """The world's origin, or a place to the right of everything visible when something (the start-up cube) is there."""
    boxes = [_box(one) for one in scene.objects if one.type in SOLID and not one.hide_viewport and not one.hide_render]
    if not any((low < ROOM).all() and (high > -ROOM).all() for low, high in boxes):
        return Vector((0.0, 0.0, 0.0))
    return Vector((max(high[0] for _, high in boxes) + GAP, 0.0, 0.0))


def _box(one: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner of the object's box, in world coordinates."""
    corners = np.array([one.matrix_world @ Vector(corner) for corner in one.bound_box])
    return corners.min(axis=0), corners.max(axis=0)
