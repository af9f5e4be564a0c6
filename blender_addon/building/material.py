"""One material per part of the head: how skin, lips, eyes, teeth, gums, tongue and hair take the light.

Colour comes from the photo's texture where there is one and from the mesh's albedo attribute otherwise. Lengths are in
metres, so that scattering keeps its size when the head keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from ..files.head_file import HeadFile
from .head import ALBEDO_ATTRIBUTE
from .steps import Steps, run_all

# Skin: index of refraction 1.4, so specular below 0.5; scattering depths after Jensen et al. 2001, skin1.
SKIN_SCATTERING: Final = (1.0, 0.37, 0.19)  # depth of red, green and blue
COLOUR_PLACE: Final = (-320, 300)  # of the node that gives the colour, in the node editor
ENAMEL_SCATTERING: Final = (1.0, 0.95, 0.9)  # nearly even: with skin's the red would leave and teeth turn grey-green


@dataclass(frozen=True)
class Look:
    """Numbers of a Principled BSDF.

    roughness, specular (0.5 is an index of refraction of 1.5), coat: as Blender's sockets;
    subsurface: weight 0..1; depth: how far red light travels, metres; scattering: red, green and blue relative to it;
    bump: height of the surface grain, metres; grain: grains along one side of the UV square.
    """

    roughness: float
    specular: float = 0.5
    subsurface: float = 0.0
    depth: float = 0.003
    scattering: tuple[float, float, float] = SKIN_SCATTERING
    coat: float = 0.0
    coat_roughness: float = 0.05
    bump: float = 0.0
    grain: float = 600.0


SKIN: Final = Look(roughness=0.47, specular=0.42, subsurface=0.4, depth=0.0037, bump=0.00006, grain=700.0)

# Inside the mouth reflections stay weak: EEVEE does not see that the lips stand in their way.
LOOKS: Final[Mapping[str, Look]] = {
    "skin": SKIN,
    "lips": Look(roughness=0.34, specular=0.5, subsurface=0.4, depth=0.0037, bump=0.00008, grain=400.0),
    "mouth": Look(roughness=0.45, specular=0.3, subsurface=0.4, depth=0.003),
    "gums": Look(roughness=0.35, subsurface=0.4, depth=0.003, coat=0.2),
    "teeth": Look(roughness=0.3, specular=0.4, subsurface=0.6, depth=0.003, scattering=ENAMEL_SCATTERING, coat=0.15),
    "tongue": Look(roughness=0.38, subsurface=0.4, depth=0.003, coat=0.2, coat_roughness=0.2, bump=0.0001),
    "eyes": Look(
        roughness=0.12,
        specular=0.5,
        subsurface=0.1,
        depth=0.001,
        scattering=ENAMEL_SCATTERING,
        coat=1.0,
        coat_roughness=0.02,
    ),
    "hair": Look(roughness=0.55, specular=0.3),
}

# The first word found in a part's name decides, so that "eyelash" is hair before it is an eye.
ROLES: Final[tuple[tuple[str, str], ...]] = (
    ("lash", "hair"),
    ("brow", "hair"),
    ("hair", "hair"),
    ("teeth", "teeth"),
    ("gum", "gums"),
    ("tongue", "tongue"),
    ("mouth", "mouth"),
    ("lip", "lips"),
    ("eye", "eyes"),
    ("skin", "skin"),
)


def role_of(part: str) -> str:
    """Which material the part called `part` wears: "teeth" for "teeth_upper"; an unknown part wears its own."""
    return next((role for word, role in ROLES if word in part.lower()), part)


def apply_materials(head_object: Any, head: HeadFile, texture: Path | None = None) -> list[Any]:
    """All of `material_steps` at once; returns the new materials.

    Raises:
        RuntimeError: Blender cannot read the texture.
    """
    run_all(material_steps(head_object, head))
    if texture:
        run_all(texture_steps(head_object, texture))
    return list(head_object.data.materials)


def material_steps(head_object: Any, head: HeadFile) -> Steps[None]:
    """Give `head_object` one new material per role of its parts, in the face model's own colours."""
    roles = list(dict.fromkeys(role_of(part) for part in head.part_names))
    for index, role in enumerate(roles):
        head_object.data.materials.append(part_material(f"{head_object.name} {role}", LOOKS.get(role, SKIN)))
        yield "materials", index + 1, len(roles)
    slot_of_part = np.array([roles.index(role_of(part)) for part in head.part_names], dtype=np.int32)
    head_object.data.polygons.foreach_set("material_index", slot_of_part[head.triangle_part])
    head_object.data.update()


def texture_steps(head_object: Any, texture: Path) -> Steps[None]:
    """Let the materials of `head_object` show the photo at `texture` (on the UV square, sRGB, v up), packed.

    Raises:
        RuntimeError: Blender cannot read it.
    """
    image = load_texture(texture)
    yield "materials", 0, 1
    image.pack()  # so that the .blend needs no other file
    yield "materials", 0, 1
    for material in head_object.data.materials:
        show_image(material, image)
    yield "materials", 1, 1


def load_texture(path: Path) -> Any:
    """The image at `path`.

    Raises:
        RuntimeError: Blender cannot read it.
    """
    image = bpy.data.images.load(str(path), check_existing=False)
    if 0 in image.size[:]:
        bpy.data.images.remove(image)
        raise RuntimeError(f"Blender cannot read {path} as a picture; convert it to PNG")
    return image


def part_material(name: str, look: Look) -> Any:
    """A new material called `name` that shows the mesh's albedo colours."""
    material = bpy.data.materials.new(name)
    nodes = compat.use_nodes(material).nodes
    links = material.node_tree.links
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    _set_look(surface, look)
    colour = nodes.new("ShaderNodeAttribute")
    colour.attribute_name = ALBEDO_ATTRIBUTE
    colour.label = "Albedo of the face model"
    colour.location = COLOUR_PLACE
    links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    if look.bump:
        links.new(_grain(material.node_tree, look).outputs["Normal"], surface.inputs["Normal"])
    return material


def show_image(material: Any, image: Any) -> None:
    """Let `material` take its colour from `image` instead of the mesh."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    socket = next(node for node in nodes if node.type == "BSDF_PRINCIPLED").inputs["Base Color"]
    for link in list(socket.links):
        nodes.remove(link.from_node)
    photo = nodes.new("ShaderNodeTexImage")
    photo.image = image
    photo.label = "Photo"
    photo.location = COLOUR_PLACE
    links.new(photo.outputs["Color"], socket)


def _set_look(surface: Any, look: Look) -> None:
    values = {
        "Roughness": look.roughness,
        "Specular IOR Level": look.specular,
        "Subsurface Weight": look.subsurface,
        "Subsurface Radius": look.scattering,
        "Subsurface Scale": look.depth,
        "Coat Weight": look.coat,
        "Coat Roughness": look.coat_roughness,
    }
    for socket, value in values.items():
        surface.inputs[socket].default_value = value


def _grain(tree: Any, look: Look) -> Any:
    """A bump of fine noise; in UV space, so that it sticks to the skin when the skin stretches."""
    uv = tree.nodes.new("ShaderNodeUVMap")
    uv.location = (-740, -180)
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.location = (-540, -180)
    noise.inputs["Scale"].default_value = look.grain
    noise.inputs["Detail"].default_value = 3.0
    bump = tree.nodes.new("ShaderNodeBump")
    bump.location = (-320, -180)
    bump.inputs["Distance"].default_value = look.bump
    tree.links.new(uv.outputs["UV"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac" if "Fac" in noise.outputs else "Factor"], bump.inputs["Height"])
    return bump
