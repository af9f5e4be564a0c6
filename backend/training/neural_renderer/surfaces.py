"""What the heads are made of in the pictures that the neural renderer learns from.

The numbers are those of the add-on's materials (`blender_addon.building.material`) as they were when the shipped
weights were trained, without the grain, which is finer than a pixel. They are kept here so that training, weights and
benchmark stay about the same head when the add-on's materials are refined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import bpy

SKIN_SCATTERING: Final = (1.0, 0.37, 0.19)
ENAMEL_SCATTERING: Final = (1.0, 0.95, 0.9)
COLOURS: Final = "albedo"  # the mesh attribute, linear

# Roughness, specular, subsurface weight, depth (metres), scattering, coat, coat roughness.
Look = tuple[float, float, float, float, tuple[float, float, float], float, float]
SKIN: Final[Look] = (0.47, 0.42, 0.4, 0.0037, SKIN_SCATTERING, 0.0, 0.05)
LIPS: Final[Look] = (0.34, 0.5, 0.4, 0.0037, SKIN_SCATTERING, 0.0, 0.05)
MOUTH: Final[Look] = (0.45, 0.3, 0.4, 0.003, SKIN_SCATTERING, 0.0, 0.05)
GUMS: Final[Look] = (0.35, 0.5, 0.4, 0.003, SKIN_SCATTERING, 0.2, 0.05)
TEETH: Final[Look] = (0.3, 0.4, 0.6, 0.003, ENAMEL_SCATTERING, 0.15, 0.05)
TONGUE: Final[Look] = (0.38, 0.5, 0.4, 0.003, SKIN_SCATTERING, 0.2, 0.2)
EYES: Final[Look] = (0.12, 0.5, 0.1, 0.001, ENAMEL_SCATTERING, 1.0, 0.02)
HAIR: Final[Look] = (0.55, 0.3, 0.0, 0.003, SKIN_SCATTERING, 0.0, 0.05)

LOOKS: Final[Mapping[str, Look]] = {
    "skin": SKIN,
    "lips": LIPS,
    "mouth_inner": MOUTH,
    "gums": GUMS,
    "teeth_upper": TEETH,
    "teeth_lower": TEETH,
    "tongue": TONGUE,
    "eye_left": EYES,
    "eye_right": EYES,
    "lashes": HAIR,
    "brows": HAIR,
}


def surface(part: str) -> bpy.types.Material:
    """A new material for the face model's part of that name; an unknown part is skin."""
    roughness, specular, weight, depth, scattering, coat, coat_roughness = LOOKS.get(part, SKIN)
    material = bpy.data.materials.new(part)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    principled = nodes["Principled BSDF"]
    values = {
        "Roughness": roughness,
        "Specular IOR Level": specular,
        "Subsurface Weight": weight,
        "Subsurface Radius": scattering,
        "Subsurface Scale": depth,
        "Coat Weight": coat,
        "Coat Roughness": coat_roughness,
    }
    for socket, value in values.items():
        principled.inputs[socket].default_value = value
    colour = nodes.new("ShaderNodeVertexColor")
    colour.layer_name = COLOURS
    links.new(colour.outputs["Color"], principled.inputs["Base Color"])
    return material
