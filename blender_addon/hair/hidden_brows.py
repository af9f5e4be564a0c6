"""The brows that a head is made with, out of sight while fine hairs stand in their place.

A mask takes them out of what is drawn. Files that are written without modifiers keep the faces, so they also wear a
material that lets all light through; that alone would not do, as Cycles looks through eight layers only.
"""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from .objects import BROWS, face_marks

NAME: Final = "{} brows, hidden"
MARK: Final = "style_avatar_hidden_brows"  # on the material: the slot that the brows had
MASK: Final = "Brows in their place"  # the modifier, and its vertex group


def hide_brows(head_object: Any) -> None:
    """Give the head's own brows a material that is not seen; nothing to do when they have it."""
    mesh = head_object.data
    marks = face_marks(mesh, BROWS)
    if not marks.any() or _hidden_slot(mesh) is not None:
        return
    slots = _slots(mesh)
    material = _unseen(NAME.format(head_object.name))
    material[MARK] = int(slots[marks][0])
    mesh.materials.append(material)
    slots[marks] = len(mesh.materials) - 1
    _set_slots(mesh, slots)
    _mask(head_object, marks)


def show_brows(head_object: Any) -> None:
    """Take that material away again."""
    mesh = head_object.data
    hidden = _hidden_slot(mesh)
    if hidden is None:
        return
    slots, material = _slots(mesh), mesh.materials[hidden]
    slots[slots == hidden] = int(material[MARK])
    slots[slots > hidden] -= 1
    mesh.materials.pop(index=hidden)
    _set_slots(mesh, slots)
    if material.users == 0:
        bpy.data.materials.remove(material)
    if MASK in head_object.modifiers:
        head_object.modifiers.remove(head_object.modifiers[MASK])
    if MASK in head_object.vertex_groups:
        head_object.vertex_groups.remove(head_object.vertex_groups[MASK])


def _mask(head_object: Any, marks: Any) -> None:
    """Leave the marked faces out of what is drawn."""
    mesh = head_object.data
    vertices = {int(one) for face in np.flatnonzero(marks) for one in mesh.polygons[int(face)].vertices}
    group = head_object.vertex_groups.new(name=MASK)
    group.add(sorted(vertices), 1.0, "REPLACE")
    modifier = head_object.modifiers.new(MASK, "MASK")
    modifier.vertex_group, modifier.invert_vertex_group = group.name, True
    modifier.show_expanded = False


def _hidden_slot(mesh: Any) -> int | None:
    found = (index for index, one in enumerate(mesh.materials) if one is not None and MARK in one)
    return next(found, None)


def _slots(mesh: Any) -> Any:
    slots = np.empty(len(mesh.polygons), dtype=np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    return slots


def _set_slots(mesh: Any, slots: Any) -> None:
    mesh.polygons.foreach_set("material_index", slots)
    mesh.update()


def _unseen(name: str) -> Any:
    """A material that lets all light through, also where files carry it as an alpha of 0."""
    material = bpy.data.materials.new(name)
    tree = compat.use_nodes(material)
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Alpha"].default_value = 0.0
    surface.inputs["Specular IOR Level"].default_value = 0.0
    material.diffuse_color = (1.0, 1.0, 1.0, 0.0)
    material.surface_render_method = "BLENDED"
    return material
