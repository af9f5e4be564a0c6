"""One material per part of the head: how skin, lips, eyes, teeth, gums, tongue and hair take the light.

Colour comes from the photo's texture where there is one and from the mesh's albedo attribute otherwise; what is seen up
close comes from the node groups of `surface.groups`. Lengths are in metres, so that scattering keeps its size when the
head keeps its own.
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
from ..surface import groups, images
from ..surface.fields import Fields, fields_of
from .head import ALBEDO_ATTRIBUTE
from .steps import Steps, run_all, waited

# Skin: index of refraction 1.4, so specular below 0.5; scattering depths after Jensen et al. 2001, skin1.
SKIN_SCATTERING: Final = (1.0, 0.37, 0.19)  # depth of red, green and blue
COLOUR_NODE: Final = "style_avatar_colour"  # name of the node that gives the colour
VIEW_NODE: Final = "style_avatar_view"  # name of the node that says where on the texture one looks
LIPS_NODE: Final = "style_avatar_lips"
PHOTO_LIPS: Final = {"Redness": 0.35, "Lip Line": 0.5, "Lines": 0.5}  # amounts of *Lips* where a photo shows some of it
FLESH: Final = (0.5, 0.06, 0.045)  # linear, of the light that comes through cheeks and palate
COLOUR_PLACE: Final = (-600, 300)  # of the node that gives the colour, in the node editor
ENAMEL_SCATTERING: Final = (1.0, 0.95, 0.9)  # nearly even: with skin's the red would leave and teeth turn grey-green


@dataclass(frozen=True)
class Look:
    """Numbers of a Principled BSDF, and the node group in front of it.

    roughness, specular (0.5 is an index of refraction of 1.5), coat: as Blender's sockets;
    subsurface: weight 0..1; depth: how far red light travels, metres; scattering: red, green and blue relative to it;
    bump: height of the surface grain, metres; grain: grains along one side of the UV square;
    detail: "skin", "lips", "eye", "mouth" or ""; enamel, glow: amounts of the group *Mouth*.
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
    detail: str = ""
    enamel: float = 0.0
    glow: float = 0.0


SKIN: Final = Look(roughness=0.5, specular=0.42, subsurface=0.4, depth=0.0037, detail="skin")

# Inside the mouth reflections stay weak: EEVEE does not see that the lips stand in their way.
LOOKS: Final[Mapping[str, Look]] = {
    "skin": SKIN,
    "lips": Look(roughness=0.42, specular=0.45, subsurface=0.4, depth=0.0037, detail="lips"),
    "mouth": Look(roughness=0.45, specular=0.3, subsurface=0.4, depth=0.003, detail="mouth", glow=0.05),
    "gums": Look(roughness=0.3, subsurface=0.35, depth=0.002, coat=0.25, detail="mouth"),
    "teeth": Look(
        roughness=0.26,
        subsurface=0.2,
        depth=0.0007,
        scattering=ENAMEL_SCATTERING,
        coat=0.25,
        detail="mouth",
        enamel=0.75,
    ),
    "tongue": Look(
        roughness=0.42,
        subsurface=0.4,
        depth=0.003,
        coat=0.3,
        coat_roughness=0.2,
        bump=0.00025,
        detail="mouth",
        glow=0.02,
    ),
    "eyes": Look(
        roughness=0.35,
        specular=0.0,
        subsurface=0.15,
        depth=0.0012,
        scattering=(1.0, 0.8, 0.7),
        coat=1.0,
        coat_roughness=0.015,
        detail="eye",
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
    fields = yield from waited(_prepared, head)
    _put_fields(head_object.data, fields)
    yield "materials", 0, 1
    for name in images.KINDS:
        images.detail_image(name)
        yield "materials", 0, 1
    roles = list(dict.fromkeys(role_of(part) for part in head.part_names))
    for index, role in enumerate(roles):
        material = part_material(f"{head_object.name} {role}", LOOKS.get(role, SKIN))
        if (view := material.node_tree.nodes.get(VIEW_NODE)) is not None:
            view.inputs["UV Radius"].default_value = fields.iris_uv
        head_object.data.materials.append(material)
        yield "materials", index + 1, len(roles)
    slot_of_part = np.array([roles.index(role_of(part)) for part in head.part_names], dtype=np.int32)
    head_object.data.polygons.foreach_set("material_index", slot_of_part[head.triangle_part])
    head_object.data.update()


def _prepared(head: HeadFile) -> Fields:
    images.all_pixels()
    return fields_of(head)


def _put_fields(mesh: Any, fields: Fields) -> None:
    for name, values in (
        (groups.SKIN_ATTRIBUTE, fields.skin),
        (groups.SURFACE_ATTRIBUTE, fields.surface),
        (groups.IRIS_ATTRIBUTE, fields.iris),
    ):
        attribute = mesh.attributes.new(name, "FLOAT_VECTOR", "POINT")
        attribute.data.foreach_set("vector", np.ascontiguousarray(values).ravel())


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
    tree = compat.use_nodes(material)
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    _set_look(surface, look)
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = ALBEDO_ATTRIBUTE
    colour.label = "Albedo of the face model"
    colour.name, colour.location = COLOUR_NODE, COLOUR_PLACE
    tree.links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    if look.detail:
        details = {"skin": _skin_detail, "lips": _lip_detail, "eye": _eye_detail, "mouth": _mouth_detail}
        details[look.detail](tree, surface, colour, look)
    if look.bump:
        tree.links.new(_grain(tree, look).outputs["Normal"], surface.inputs["Normal"])
    return material


def show_image(material: Any, image: Any) -> None:
    """Let `material` take its colour from `image` instead of the mesh."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    before = nodes.get(COLOUR_NODE)
    if before is None:  # a material of an earlier release
        colour = next(node for node in nodes if node.type == "BSDF_PRINCIPLED").inputs["Base Color"]
        before = colour.links[0].from_node
    fed = [link.to_socket for output in before.outputs for link in output.links]
    nodes.remove(before)
    photo = nodes.new("ShaderNodeTexImage")
    photo.image = image
    photo.label = "Photo"
    photo.name, photo.location = COLOUR_NODE, COLOUR_PLACE
    for socket in fed:
        links.new(photo.outputs["Color"], socket)
    if (lips := nodes.get(LIPS_NODE)) is not None:
        for name, amount in PHOTO_LIPS.items():
            lips.inputs[name].default_value = amount
    if (view := nodes.get(VIEW_NODE)) is not None:
        view.inputs["Depth"].default_value = 1.0
        links.new(view.outputs["UV"], photo.inputs["Vector"])


def _group_node(tree: Any, group: Any, place: tuple[float, float], label: str) -> Any:
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree, node.location, node.label, node.width = group, place, label, 180
    return node


def _skin_detail(tree: Any, surface: Any, colour: Any, look: Look) -> None:
    node = _group_node(tree, groups.skin_group(), (-320, -60), "Skin")
    node.inputs["Roughness"].default_value, node.inputs["Specular"].default_value = look.roughness, look.specular
    for output, socket in (
        ("Roughness", "Roughness"),
        ("Specular", "Specular IOR Level"),
        ("Coat", "Coat Weight"),
        ("Normal", "Normal"),
    ):
        tree.links.new(node.outputs[output], surface.inputs[socket])


def _lip_detail(tree: Any, surface: Any, colour: Any, look: Look) -> None:
    _skin_detail(tree, surface, colour, look)
    node = _group_node(tree, groups.lip_group(), (-320, 200), "Lips")
    node.name = LIPS_NODE
    tree.links.new(colour.outputs["Color"], node.inputs["Color"])
    tree.links.new(node.outputs["Color"], surface.inputs["Base Color"])


def _eye_detail(tree: Any, surface: Any, colour: Any, look: Look) -> None:
    view = _group_node(tree, groups.iris_view_group(), (-880, 100), "Iris View")
    view.name = VIEW_NODE
    view.inputs["Depth"].default_value = 0.0  # the mesh's own colours cannot be looked at from aside
    node = _group_node(tree, groups.eye_group(), (-320, 100), "Eye")
    tree.links.new(view.outputs["Disc"], node.inputs["Disc"])
    tree.links.new(colour.outputs["Color"], node.inputs["Color"])
    tree.links.new(node.outputs["Color"], surface.inputs["Base Color"])
    tree.links.new(node.outputs["Normal"], surface.inputs["Normal"])
    surface.inputs["Coat IOR"].default_value = groups.CORNEA


def _mouth_detail(tree: Any, surface: Any, colour: Any, look: Look) -> None:
    node = _group_node(tree, groups.mouth_group(), (-320, 100), "Mouth")
    tree.links.new(colour.outputs["Color"], node.inputs["Color"])
    tree.links.new(node.outputs["Color"], surface.inputs["Base Color"])
    node.inputs["Enamel"].default_value, node.inputs["Glow"].default_value = look.enamel, look.glow
    if look.glow:  # through the strength, which is 0 in files that know no groups
        surface.inputs["Emission Color"].default_value = (*FLESH, 1.0)
        tree.links.new(node.outputs["Glow"], surface.inputs["Emission Strength"])


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
