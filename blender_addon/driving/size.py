"""How large a character is, so that its head goes as far for its size as ours does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..retarget.channels import HEAD_PLACE
from ..retarget.mapping import Row, bone_channel, unit_channel
from ..retarget.tracks import EYES
from .character import Character

Float64Array = NDArray[np.float64]

EYES_OF_HEIGHT: Final = 0.23  # distance of the eyes in heights of the open head's mesh
OWN: Final = "style_avatar_identity"


def of_character(character: Character, rows: Sequence[Row]) -> float:
    """What one decimetre of the open head is in this character's own space: of its armature, or of its head.

    By the distance of its eyes, from bones or from the shapes that shut them; else by the height of its first mesh. 1
    where the character has neither, and 0.1 for a head of ours.
    """
    if not any(row.channel == HEAD_PLACE for row in rows):
        return 1.0
    if OWN in character.root:
        return 0.1
    distance = _between_eye_bones(character.armature) if character.armature is not None else 0.0
    mesh = character.meshes[0] if character.meshes else None
    if mesh is not None and not distance:
        scale = _scale(mesh, character.armature or character.root)
        distance = scale * (_between_lids(mesh) or EYES_OF_HEIGHT * _height(mesh))
    return distance / EYES if distance else 1.0


def _between_eye_bones(armature: Any) -> float:
    found: dict[str, Any] = {}
    for bone in armature.data.bones:
        channel = bone_channel(bone.name)
        if channel is not None and channel[0] in {"left eye", "right eye"}:
            found.setdefault(channel[0], bone.head_local)
    return float((found["left eye"] - found["right eye"]).length) if len(found) == 2 else 0.0


def _between_lids(mesh: Any) -> float:
    """The distance of the middles of what the two shapes for blinking move, in the mesh's space; 0 without them."""
    lids: dict[str, Float64Array] = {}
    for key in mesh.data.shape_keys.key_blocks:
        channel = unit_channel(key.name)
        if channel is not None and channel[0] in {"eyeBlinkLeft", "eyeBlinkRight"} and channel[0] not in lids:
            moved = np.linalg.norm(_points(key) - (rest := _points(key.relative_key)), axis=1)
            if moved.sum() > 0:
                lids[channel[0]] = (moved[:, None] * rest).sum(axis=0) / moved.sum()
    return float(np.linalg.norm(lids["eyeBlinkLeft"] - lids["eyeBlinkRight"])) if len(lids) == 2 else 0.0


def _points(key: Any) -> Float64Array:
    points = np.empty(3 * len(key.data), dtype=np.float32)
    key.data.foreach_get("co", points)
    return points.reshape(-1, 3).astype(np.float64)


def _height(mesh: Any) -> float:
    corners = np.array(mesh.bound_box)
    return float(np.ptp(corners, axis=0).max())


def _scale(mesh: Any, space: Any) -> float:
    """What a length of the mesh is in the space of `space`; an object's own place is counted outside of it."""
    outside = space.matrix_world.median_scale if space.type == "ARMATURE" else _parent_scale(space)
    return float(mesh.matrix_world.median_scale / outside) if outside else 1.0


def _parent_scale(one: Any) -> float:
    return float(one.parent.matrix_world.median_scale) if one.parent is not None else 1.0
