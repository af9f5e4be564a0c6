"""Between Blender's data and the arrays of this room: the head's mesh in, hair curves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy
import numpy as np

from .follow import follow
from .material import TONE
from .strands import Strands
from .surface import Float32Array, HairError, Surface

LANDMARKS: Final = "style_avatar_landmarks68"  # on a head: where its Basis has iBUG's points, 68 × 3 metres
SKIN: Final = "part_skin"  # face attributes of a head's mesh
LIPS: Final = "part_lips"
BROWS: Final = "part_brows"
KIND: Final = "style_avatar_hair"  # on hair: "hair", "brows" or "beard"
UV_MAP: Final = "UVMap"
DEFAULT_COLOUR: Final = (0.06, 0.035, 0.02)  # linear RGB of a head about whose hair nothing is known: brown


def knows_its_face(head_object: Any) -> bool:
    """Whether a head says where its landmarks and its skin are; those of earlier versions do not."""
    return LANDMARKS in head_object and SKIN in head_object.data.attributes


def surface_of(head_object: Any) -> Surface:
    """The surface of the head at rest.

    Raises:
        HairError: the object is not a head of which this add-on knows where its face is.
    """
    mesh = head_object.data
    if not knows_its_face(head_object):
        raise HairError("the head was made by an earlier version and does not say where its skin is; make it again")
    points = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    keys = mesh.shape_keys
    if keys is None:
        mesh.vertices.foreach_get("co", points)
    else:
        keys.reference_key.points.foreach_get("co", points)
    mesh.calc_loop_triangles()
    count = len(mesh.loop_triangles)
    triangles, loops = np.empty(3 * count, dtype=np.int32), np.empty(3 * count, dtype=np.int32)
    faces = np.empty(count, dtype=np.int32)
    mesh.loop_triangles.foreach_get("vertices", triangles)
    mesh.loop_triangles.foreach_get("loops", loops)
    mesh.loop_triangles.foreach_get("polygon_index", faces)
    uv = np.empty(2 * len(mesh.loops), dtype=np.float32)
    mesh.uv_layers[UV_MAP].uv.foreach_get("vector", uv)
    return Surface(
        points=points.reshape(-1, 3),
        triangles=triangles.reshape(-1, 3),
        uv=uv.reshape(-1, 2)[loops].reshape(-1, 3, 2),
        skin=(face_marks(mesh, SKIN) | face_marks(mesh, LIPS))[faces],
        lips=face_marks(mesh, LIPS)[faces],
        landmarks=np.array(head_object[LANDMARKS], dtype=np.float32).reshape(68, 3),
    )


def face_marks(mesh: Any, name: str) -> Any:
    """(F,) bool: the faces of `mesh` that its attribute `name` marks; none when there is no such attribute."""
    marks = np.zeros(len(mesh.polygons), dtype=bool)
    if name in mesh.attributes:
        mesh.attributes[name].data.foreach_get("value", marks)
    return marks


def curves_object(head_object: Any, strands: Strands, kind: str, material: Any) -> Any:
    """A new object of hair curves on the head, in its collections, that follows it; `kind` is written on it."""
    name = f"{head_object.name} {kind}"
    curves = bpy.data.hair_curves.new(name)
    count, steps, _ = strands.points.shape
    curves.add_curves([steps] * count)
    _fill(curves, "position", "FLOAT_VECTOR", "POINT", "vector", strands.points)
    _fill(curves, "radius", "FLOAT", "POINT", "value", strands.radius)
    _fill(curves, TONE, "FLOAT", "CURVE", "value", strands.tone)
    _fill(curves, "surface_uv_coordinate", "FLOAT2", "CURVE", "vector", strands.roots.uv)
    curves.materials.append(material)
    curves.surface, curves.surface_uv_map = head_object, UV_MAP
    hair = bpy.data.objects.new(name, curves)
    hair[KIND] = kind
    hair.parent = head_object
    head_object.add_rest_position_attribute = True
    for collection in head_object.users_collection:
        collection.objects.link(hair)
    follow(hair, count)
    return hair


def hair_of(head_object: Any) -> list[Any]:
    """The objects of hair curves on the head that this add-on made."""
    return [one for one in head_object.children if one.type == "CURVES" and one.get(KIND)]


def remove_objects(hairs: Iterable[Any]) -> None:
    """Remove objects of hair curves, with the data that nothing else uses."""
    for hair in hairs:
        curves, materials = hair.data, list(hair.data.materials)
        bpy.data.objects.remove(hair)
        if curves.users == 0:
            bpy.data.hair_curves.remove(curves)
        for material in materials:
            if material is not None and material.users == 0:
                bpy.data.materials.remove(material)


def _fill(curves: Any, name: str, kind: str, domain: str, field: str, values: Any) -> None:
    attribute = curves.attributes.get(name) or curves.attributes.new(name, kind, domain)
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype=np.float32).ravel())


def hair_colour(head_object: Any, key: str) -> tuple[float, float, float]:
    """Linear RGB that the head's property `key` keeps of its hair or brows; the albedo of its brows without one."""
    if key in head_object:
        red, green, blue = (float(value) for value in head_object[key])
        return red, green, blue
    mesh = head_object.data
    colours = np.empty(4 * len(mesh.vertices), dtype=np.float32)
    mesh.color_attributes["albedo"].data.foreach_get("color", colours)
    marks = face_marks(mesh, BROWS)
    vertices = [vertex for face in np.flatnonzero(marks) for vertex in mesh.polygons[int(face)].vertices]
    if not vertices:
        return DEFAULT_COLOUR
    mean: Float32Array = colours.reshape(-1, 4)[vertices, :3].mean(axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])
