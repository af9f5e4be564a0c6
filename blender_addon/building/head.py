"""Build the head: one mesh with UVs, albedo colours and named shape keys."""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..files.head_file import HeadFile
from ..motion.frames import directions
from .steps import Steps, run_all

Float32Array = NDArray[np.float32]

ALBEDO_ATTRIBUTE: Final = "albedo"
MARKED_PARTS: Final = ("skin", "lips", "brows")  # each in a face attribute of the mesh
IDENTITY_KEY: Final = "identity{:02d}"
SLIDER_LIMIT: Final = 10.0  # the widest range Blender allows a shape key


def build_head(
    head: HeadFile,
    identity: Float32Array,
    albedo: Float32Array,
    *,
    name: str = "Head",
    identity_keys: bool = False,
) -> Any:
    """All of `head_steps` at once."""
    return run_all(head_steps(head, identity, albedo, name=name, identity_keys=identity_keys))


def head_steps(
    head: HeadFile,
    identity: Float32Array,
    albedo: Float32Array,
    *,
    name: str = "Head",
    identity_keys: bool = False,
) -> Steps[Any]:
    """A new mesh object of `head` for identity (80,) and albedo (80,), not yet in a scene.

    The object's origin is the neck pivot. The Basis holds the person's own face and 64 shape keys carry the expression
    names. With `identity_keys` the Basis is the mean face and 80 more keys hold the identity with constant values.
    """
    own_shape = head.shape(identity)
    pivot = head.neck_pivot(own_shape)
    basis = directions((head.mean_shape if identity_keys else own_shape) - pivot)
    yield "mesh", 0, len(head.expression_names)

    mesh = bpy.data.meshes.new(name)
    head_object = bpy.data.objects.new(name, mesh)
    _fill_geometry(mesh, head, basis)
    _fill_uv(mesh, head)
    yield "mesh", 0, len(head.expression_names)
    _fill_albedo(mesh, head.albedo(albedo))
    _mark_regions(mesh, head)
    _mark_parts(mesh, head)
    mesh.update(calc_edges=True)

    head_object["style_avatar_face_model"] = head.name
    head_object["style_avatar_face_model_sha256"] = head.sha256
    head_object["style_avatar_identity"] = [float(value) for value in identity]
    head_object["style_avatar_albedo"] = [float(value) for value in albedo]
    head_object["style_avatar_neck_pivot"] = [float(value) for value in pivot]
    marks = head.landmarks(head.mean_shape if identity_keys else own_shape)
    head_object["style_avatar_landmarks68"] = [float(value) for value in directions(marks - pivot).ravel()]
    yield from _add_shape_keys(head_object, head, basis)
    if identity_keys:
        yield from _add_identity_keys(head_object, head, basis, identity)
    return head_object


def allow_range(head_object: Any, name: str, lowest: float, highest: float) -> None:
    """Widen the slider of shape key `name`, because Blender clamps animated values to the slider."""
    key = head_object.data.shape_keys.key_blocks[name]
    key.slider_min = max(-SLIDER_LIMIT, min(key.slider_min, np.floor(lowest)))
    key.slider_max = min(SLIDER_LIMIT, max(key.slider_max, np.ceil(highest)))


def _fill_geometry(mesh: Any, head: HeadFile, positions: Float32Array) -> None:
    faces = len(head.triangles)
    mesh.vertices.add(len(positions))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(positions).ravel())
    mesh.loops.add(3 * faces)
    mesh.loops.foreach_set("vertex_index", head.triangles.ravel())
    mesh.polygons.add(faces)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * faces, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.shade_smooth()


def _fill_uv(mesh: Any, head: HeadFile) -> None:
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    layer.uv.foreach_set("vector", np.ascontiguousarray(head.uv[head.uv_triangles.ravel()]).ravel())


def _fill_albedo(mesh: Any, srgb: Float32Array) -> None:
    colours = np.ones((len(srgb), 4), dtype=np.float32)
    colours[:, :3] = linear_from_srgb(srgb)
    attribute = mesh.color_attributes.new(ALBEDO_ATTRIBUTE, "FLOAT_COLOR", "POINT")
    attribute.data.foreach_set("color", colours.ravel())


def _mark_regions(mesh: Any, head: HeadFile) -> None:
    """Vertex lists of the face model as attributes, so that artists can select and mask by them."""
    for name, vertices in head.regions.items():
        marks = np.zeros(len(head.mean_shape), dtype=bool)
        marks[vertices] = True
        if marks.all():  # a reordering of the vertices, not a place on the face
            continue
        mesh.attributes.new(name, "BOOLEAN", "POINT").data.foreach_set("value", marks)


def _mark_parts(mesh: Any, head: HeadFile) -> None:
    """The faces that hair grows on and those that it replaces."""
    for index, part in enumerate(head.part_names):
        if part in MARKED_PARTS:
            marks = mesh.attributes.new(f"part_{part}", "BOOLEAN", "FACE")
            marks.data.foreach_set("value", head.triangle_part == index)


def _add_shape_keys(head_object: Any, head: HeadFile, basis: Float32Array) -> Steps[None]:
    head_object.shape_key_add(name="Basis", from_mix=False)
    head_object.data.shape_keys.name = head_object.name
    for index, (name, displacement) in enumerate(zip(head.expression_names, head.expression_basis, strict=True)):
        _add_shape_key(head_object, name, basis + directions(displacement))
        yield "mesh", index + 1, len(head.expression_names)


def _add_identity_keys(head_object: Any, head: HeadFile, basis: Float32Array, identity: Float32Array) -> Steps[None]:
    for index, (value, displacement) in enumerate(zip(identity, head.identity_basis, strict=True)):
        name = IDENTITY_KEY.format(index)
        _add_shape_key(head_object, name, basis + directions(displacement))
        allow_range(head_object, name, min(value, -5.0), max(value, 5.0))
        head_object.data.shape_keys.key_blocks[name].value = float(value)
        yield "mesh", index + 1, len(identity)


def _add_shape_key(head_object: Any, name: str, positions: Float32Array) -> None:
    key = head_object.shape_key_add(name=name, from_mix=False)
    key.points.foreach_set("co", np.ascontiguousarray(positions).ravel())
    key.value = 0.0  # from 5.0 on Blender adds keys at full strength


def linear_from_srgb(srgb: Float32Array) -> Float32Array:
    """Linear-light colours for sRGB ones on 0..1 (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)
