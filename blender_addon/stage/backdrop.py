"""The backdrop: a floor that rises behind the head in a wide curve, as photographers hang paper."""

from __future__ import annotations

from math import cos, pi, sin
from typing import Any, Final

import bpy

from .. import compat
from ..building.scene import Frame

# In heights of the picture, so that it fits a head of any size.
WIDTH: Final = 22.0
HEIGHT: Final = 14.0
BEHIND: Final = 4.5  # the wall
BEFORE: Final = 9.0  # the front edge of the floor
BELOW: Final = 2.2  # the floor, under the picture's centre
RADIUS: Final = 3.0  # of the curve
CURVE: Final = 24  # pieces of it
NAME: Final = "Backdrop"


def add_backdrop(frame: Frame, colour: tuple[float, float, float]) -> Any:
    """A new object for the picture `frame`, of a matt `colour` (linear), not yet in a scene.

    It is seen and takes shadows, but keeps no light of the world away from the head.
    """
    size, centre = frame.height, frame.centre
    profile = [(-BEFORE, -BELOW)]
    for step in range(CURVE + 1):
        angle = step / CURVE * pi / 2
        profile.append((BEHIND - RADIUS + RADIUS * sin(angle), -BELOW + RADIUS - RADIUS * cos(angle)))
    profile.append((BEHIND, HEIGHT))
    points = [
        (centre.x + side * WIDTH / 2 * size, centre.y + y * size, centre.z + z * size)
        for y, z in profile
        for side in (-1, 1)
    ]
    faces = [(2 * row, 2 * row + 1, 2 * row + 3, 2 * row + 2) for row in range(len(profile) - 1)]
    mesh = bpy.data.meshes.new(NAME)
    mesh.from_pydata(points, [], faces)
    mesh.shade_smooth()
    mesh.materials.append(_paper(colour))
    made = bpy.data.objects.new(NAME, mesh)
    made.visible_diffuse = made.visible_glossy = made.visible_transmission = made.visible_shadow = False  # Cycles
    return made


def _paper(colour: tuple[float, float, float]) -> Any:
    material = bpy.data.materials.new(NAME)
    surface = next(node for node in compat.use_nodes(material).nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*colour, 1.0)
    surface.inputs["Roughness"].default_value = 0.9
    surface.inputs["Specular IOR Level"].default_value = 0.2
    material.diffuse_color = (*colour, 1.0)  # Workbench
    return material
