"""The brows that a head is made with, out of sight while fine hairs stand in their place."""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from .objects import BROWS, face_marks

NAME: Final = "{} brows, hidden"
MARK: Final = "style_avatar_hidden_brows"  # on the material: the slot that the brows had


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
