"""Cards in Blender: meshes beside the head that have its shape keys, while a file is written or to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from .cards import CARD_KINDS, Cards, card_picture, cards_of
from .distance import DistanceField
from .material import colour_node
from .objects import KIND, hair_of, surface_of
from .surface import Float64Array, Surface

CARDS: Final = "style_avatar_cards"  # on a mesh of cards: which kind of hair it shows
STILL: Final = 0.00002  # metres: a shape key that moves no card further is left out
SIZE: Final = 512  # pixels of the picture


@contextmanager
def cards_for_file(head_object: Any, wanted: bool) -> Iterator[list[Any]]:
    """The objects of cards for the head's hair, gone again afterwards; none when they are not `wanted`."""
    hairs = hair_of(head_object) if wanted else []
    made = []
    if hairs:
        surface = surface_of(head_object)
        field = DistanceField.of(surface)
        made = [_cards_object(head_object, hair, surface, field) for hair in hairs]
    try:
        yield made
    finally:
        for one in made:
            _remove(one)


def _cards_object(head_object: Any, hair: Any, surface: Surface, field: DistanceField) -> Any:
    """A mesh of cards for the object `hair`, in the head's collections, with the head's shape keys driven by it."""
    kind = str(hair[KIND])
    cards = cards_of(surface, field, strands_of(hair), CARD_KINDS[kind])
    name = f"{head_object.name} {kind} cards"
    mesh = bpy.data.meshes.new(name)
    points = cards.points.reshape(-1, 3)
    quads = cards.quads()
    mesh.from_pydata(points.tolist(), [], quads.tolist())
    mesh.shade_smooth()
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    uv = cards.uv.reshape(-1, 2)[quads.ravel()]
    layer.uv.foreach_set("vector", np.ascontiguousarray(uv, dtype=np.float32).ravel())
    mesh.materials.append(_material(name, hair))
    made = bpy.data.objects.new(name, mesh)
    made[CARDS] = kind
    made.parent = head_object
    for collection in head_object.users_collection:
        collection.objects.link(made)
    _add_shape_keys(made, head_object, surface, cards)
    return made


def strands_of(hair: Any) -> Float64Array:
    """The strands (n, k, 3) of hair curves as they are now; those with another number of points are resampled."""
    curves = hair.data
    points = np.empty(3 * len(curves.points), dtype=np.float32)
    curves.attributes["position"].data.foreach_get("vector", points)
    starts = np.array([curve.first_point_index for curve in curves.curves] + [len(curves.points)])
    sizes = np.diff(starts)
    steps = int(np.median(sizes))
    place = np.linspace(0, 1, steps) * np.maximum(sizes - 1, 0)[:, None]
    first = np.minimum(place.astype(int), np.maximum(sizes - 2, 0)[:, None])
    after = np.minimum(first + 1, sizes[:, None] - 1)
    share = (place - first)[..., None]
    every = points.reshape(-1, 3).astype(np.float64)
    return every[starts[:-1, None] + first] * (1 - share) + every[starts[:-1, None] + after] * share


def _add_shape_keys(made: Any, head_object: Any, surface: Surface, cards: Cards) -> None:
    keys = head_object.data.shape_keys
    if keys is None:
        return
    made.shape_key_add(name="Basis", from_mix=False)
    rest = cards.points.reshape(-1, 3)
    there = np.empty(3 * len(surface.points), dtype=np.float32)
    for block in keys.key_blocks:
        if block == keys.reference_key:
            continue
        block.points.foreach_get("co", there)
        moved = cards.moved(surface, there.reshape(-1, 3)).reshape(-1, 3)
        if np.abs(moved - rest).max() < STILL:
            continue
        own = made.shape_key_add(name=block.name, from_mix=False)
        own.points.foreach_set("co", np.ascontiguousarray(moved, dtype=np.float32).ravel())
        own.slider_min, own.slider_max = block.slider_min, block.slider_max
        own.value = block.value
    _move_with(made.data.shape_keys, keys)


def _move_with(own: Any, keys: Any) -> None:
    """Let the shape keys `own` have the values that those of the head, `keys`, have in every frame."""
    for block in own.key_blocks[1:]:
        driver = block.driver_add("value").driver
        driver.type = "SUM"
        variable = driver.variables.new()
        target = variable.targets[0]
        target.id_type, target.id = "KEY", keys
        target.data_path = f'key_blocks["{bpy.utils.escape_identifier(block.name)}"].value'


def _material(name: str, hair: Any) -> Any:
    """A material with a picture of hairs in the colour of those of `hair`."""
    colour = tuple(colour_node(hair.data.materials[0]).outputs[0].default_value[:3])
    image = bpy.data.images.new(name, SIZE, SIZE, alpha=True)
    picture = card_picture(colour, SIZE)
    picture[..., :3] = _srgb(picture[..., :3])
    image.pixels.foreach_set(picture.ravel())
    image.pack()
    material = bpy.data.materials.new(name)
    tree = compat.use_nodes(material)
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Roughness"].default_value = 0.5
    surface.inputs["Specular IOR Level"].default_value = 0.3
    photo = tree.nodes.new("ShaderNodeTexImage")
    photo.image = image
    photo.location = (-320, 300)
    tree.links.new(photo.outputs["Color"], surface.inputs["Base Color"])
    tree.links.new(photo.outputs["Alpha"], surface.inputs["Alpha"])
    material.use_backface_culling = False
    return material


def _srgb(linear: Any) -> Any:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.clip(linear, 0, None) ** (1 / 2.4) - 0.055)


def _remove(made: Any) -> None:
    mesh, materials = made.data, list(made.data.materials)
    bpy.data.objects.remove(made)
    bpy.data.meshes.remove(mesh)
    for material in materials:
        images = [node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE"]
        bpy.data.materials.remove(material)
        for image in images:
            bpy.data.images.remove(image)
