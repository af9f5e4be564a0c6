"""What belongs to a character: meshes with shape keys, and the armature that moves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..retarget.channels import HEAD_PLACE
from ..retarget.mapping import Row, map_bones, map_shapes


@dataclass(frozen=True, eq=False)
class Character:
    """meshes: objects with shape keys, the chosen one first, each mesh once; armature or None; root: what carries the
    head of a character without bones."""

    meshes: tuple[Any, ...]
    armature: Any | None
    root: Any

    @property
    def shapes(self) -> dict[str, list[str]]:
        """{name of the mesh: names of its shapes without the basis}."""
        return {mesh.name: shape_names(mesh) for mesh in self.meshes}

    @property
    def bones(self) -> list[str]:
        """The names of the bones."""
        return [bone.name for bone in self.armature.pose.bones] if self.armature is not None else []


def character_of(chosen: Any, scene: Any) -> Character:
    """The character that `chosen`, one of its meshes or its armature, belongs to."""
    armature = chosen if chosen.type == "ARMATURE" else armature_of(chosen)
    if armature is not None:
        related = [chosen, *(one for one in scene.objects if armature_of(one) == armature)]
    else:
        related = [chosen, *_family(chosen)]
    meshes: dict[Any, Any] = {}
    for one in related:
        if one.type == "MESH" and shape_names(one):
            meshes.setdefault(one.data, one)
    return Character(tuple(meshes.values()), armature, _topmost(chosen))


def armature_of(one: Any) -> Any | None:
    """The armature that deforms or carries an object."""
    for modifier in getattr(one, "modifiers", ()):
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    return next((parent for parent in _ancestors(one) if parent.type == "ARMATURE"), None)


def shape_names(one: Any) -> list[str]:
    """The shape keys of an object without the one all others are measured from."""
    keys = getattr(one.data, "shape_keys", None)
    return [key.name for key in keys.key_blocks if key != keys.reference_key] if keys is not None else []


def mapped(character: Character) -> list[Row]:
    """Rows for everything of the character that a take can move, found by names."""
    shapes = map_shapes(character.shapes)
    if character.armature is not None:
        bones = map_bones(character.bones, shapes)
        return [*shapes, *bones, *_carried(character.armature, bones)]
    if "style_avatar_identity" in character.root:
        return [*shapes, *(Row(channel, character.root.name, "OBJECT") for channel in ("head", HEAD_PLACE))]
    turned = Row("head", character.root.name, "OBJECT", on=False, reason="Only if the whole head is this object.")
    return [*shapes, turned, replace(turned, channel=HEAD_PLACE)]


def _carried(armature: Any, bones: Sequence[Row]) -> list[Row]:
    """A row for the head's way, where a bone of head or neck can be moved; on if it leaves nothing behind."""
    found = (armature.pose.bones[row.target] for row in bones if row.channel in {"head", "neck"})
    free = [bone for bone in found if not (bone.bone.use_connect and bone.parent) and not any(bone.lock_location)]
    whole = [bone for bone in free if bone.parent is None]
    if whole:
        return [Row(HEAD_PLACE, whole[0].name, "BONE")]
    row = Row(HEAD_PLACE, "", "BONE", on=False, reason="It would pull the head off the body.")
    return [replace(row, target=bone.name) for bone in free[:1]]


def targets(character: Character) -> Mapping[str, list[str]]:
    """The names of what rows can move, by their kind."""
    shapes = dict.fromkeys(name for names in character.shapes.values() for name in names)
    return {"SHAPE": list(shapes), "BONE": character.bones, "OBJECT": [character.root.name]}


def _family(one: Any) -> Iterator[Any]:
    """Everything under the topmost parent; the object's own children when it has none."""
    yield from _topmost(one).children_recursive


def _topmost(one: Any) -> Any:
    return [one, *_ancestors(one)][-1]


def _ancestors(one: Any) -> Iterator[Any]:
    while one.parent is not None:
        one = one.parent
        yield one


def is_character(_: Any, candidate: Any) -> bool:
    """Whether an object can be chosen as a character; for the poll of a property."""
    if candidate.type == "ARMATURE":
        return True
    return candidate.type == "MESH" and (bool(shape_names(candidate)) or armature_of(candidate) is not None)


def editable(block: Any) -> bool:
    """Whether a data-block can get keys: it is of this file, or a library override of a linked one."""
    return block.library is None
