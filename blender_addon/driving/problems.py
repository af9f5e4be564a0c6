"""What would keep a character from moving as it should, found before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..retarget.mapping import Row, twice, unmatched
from ..translations import tr
from .character import Character, editable
from .draft import BAKED

NO_ROOM: Final = 0.01  # of a slider; Blender itself allows no less than a thousandth


@dataclass(frozen=True)
class Problem:
    """level: "ERROR" (something will not move), "WARNING" (not as it should) or "INFO"; text: translated sentences;
    code: "twice" for the one that forbids to bake; mesh, keys: whose shape keys stand still, none named for all."""

    level: str
    text: str
    code: str = ""
    mesh: str = ""
    keys: tuple[str, ...] = ()


def problems(character: Character, rows: Sequence[Row]) -> list[Problem]:
    """Everything that stands in the way, the worst first."""
    used = [row for row in rows if row.on]
    found = [*_about_mapping(character, rows, used)]
    for mesh in character.meshes:
        found += _about_mesh(mesh, {row.target for row in used if row.kind == "SHAPE"})
    bones = [row.target for row in used if row.kind == "BONE"]
    if bones and character.armature is not None:
        found += _about_armature(character.armature, bones)
    return sorted_by_level(found)


def sorted_by_level(found: Iterable[Problem]) -> list[Problem]:
    """The worst first."""
    order = ("ERROR", "WARNING", "INFO")
    return sorted(found, key=lambda one: order.index(one.level))


def _about_mapping(character: Character, rows: Sequence[Row], used: Sequence[Row]) -> Iterator[Problem]:
    if not used:
        yield Problem("ERROR", tr("Nothing of this character is driven. Press Match Names, or add lines by hand."))
    for name in twice(used):
        yield Problem("ERROR", tr("{name} is moved by two lines; switch one of them off.").format(name=name), "twice")
    there = {"SHAPE": {name for names in character.shapes.values() for name in names}, "BONE": set(character.bones)}
    gone = [row.target for row in used if row.kind in there and row.target not in there[row.kind]]
    if gone:
        yield Problem("ERROR", tr("Not on this character: {names}.").format(names=listed(gone)))
    if left := unmatched(character.shapes, rows):
        yield Problem("INFO", tr("Not matched: {names}.").format(names=listed(left)))


def _about_mesh(mesh: Any, driven: set[str]) -> Iterator[Problem]:
    keys = mesh.data.shape_keys
    blocks = [key for key in keys.key_blocks if key.name in driven]
    if not blocks:
        return
    if not editable(mesh.data):
        if editable(mesh):
            text = tr("{name} is an override, but its mesh is linked still. Override the mesh too, in the Outliner.")
            yield Problem("ERROR", text.format(name=mesh.name))
            return
        yield Problem(
            "ERROR",
            tr(
                "{name} is linked from another file and cannot get keys. "
                "Select it and choose Object > Library Override > Make; its settings stay."
            ).format(name=mesh.name),
        )
        return
    if not keys.use_relative:
        text = tr("{name}: switch Relative on under Shape Keys.")
        yield Problem("ERROR", text.format(name=mesh.name), mesh=mesh.name)
    if mesh.show_only_shape_key:
        text = tr("{name}: only one shape key is shown; unpin it.")
        yield Problem("ERROR", text.format(name=mesh.name), mesh=mesh.name)
    if mesh.hide_viewport:
        yield Problem("WARNING", tr("{name} is disabled in viewports.").format(name=mesh.name))
    yield from _about_keys(mesh, keys, blocks)
    yield from _about_animation(mesh.name, keys)


def _about_keys(mesh: Any, keys: Any, blocks: Sequence[Any]) -> Iterator[Problem]:
    drivers = {driver.data_path for driver in keys.animation_data.drivers} if keys.animation_data else set()
    facts = (
        ("ERROR", tr("{name}: muted: {names}. Switch them on."), [key for key in blocks if key.mute]),
        (
            "ERROR",
            tr("{name}: driven by drivers, which win over keys: {names}. Remove the drivers, or drive what they read."),
            [key for key in blocks if key.path_from_id("value") in drivers],
        ),
        (
            "ERROR",
            tr("{name}: the slider has no room: {names}. Set its maximum to 1."),
            [key for key in blocks if key.slider_max - max(key.slider_min, 0.0) < NO_ROOM],
        ),
        (
            "WARNING",
            tr("{name}: locked: {names}. They get keys all the same."),
            [key for key in blocks if getattr(key, "lock_shape", False)],
        ),
    )
    for level, text, guilty in facts:
        if guilty:
            names = tuple(key.name for key in guilty)
            yield Problem(level, text.format(name=mesh.name, names=listed(names)), mesh=mesh.name, keys=names)


def _about_animation(name: str, owner: Any) -> Iterator[Problem]:
    data = owner.animation_data
    if data is None:
        return
    if data.use_tweak_mode:
        yield Problem("ERROR", tr("{name}: leave the NLA's tweak mode (Tab) first.").format(name=name))
    if any(track.is_solo for track in data.nla_tracks):
        yield Problem("ERROR", tr("{name}: an NLA track plays solo and hides the Action.").format(name=name))
    if data.action_influence < 1.0:
        yield Problem("WARNING", tr("{name}: the influence of its Action is below 1.").format(name=name))
    if data.action is not None and not data.action.get(BAKED):
        yield Problem(
            "INFO",
            tr("{name}: its Action {action} plays on below, on an NLA track of its own.").format(
                name=name, action=data.action.name
            ),
        )


def _about_armature(armature: Any, bones: Sequence[str]) -> Iterator[Problem]:
    if not editable(armature):
        yield Problem(
            "ERROR",
            tr(
                "{name} is linked from another file and cannot get keys. "
                "Select it and choose Object > Library Override > Make; its settings stay."
            ).format(name=armature.name),
        )
        return
    if armature.data.pose_position == "REST":
        yield Problem("ERROR", tr("{name} is in Rest Position; switch it to Pose Position.").format(name=armature.name))
    pose = [armature.pose.bones[name] for name in bones if name in armature.pose.bones]
    driven = _driven_bones(armature)
    facts = (
        (
            "WARNING",
            tr("{name}: bones with constraints, which may win: {names}."),
            [bone for bone in pose if any(one.influence > 0 and one.enabled for one in bone.constraints)],
        ),
        (
            "ERROR",
            tr("{name}: bones with drivers, which win over keys: {names}. Remove the drivers."),
            [bone for bone in pose if bone.name in driven],
        ),
    )
    for level, text, guilty in facts:
        if guilty:
            yield Problem(level, text.format(name=armature.name, names=listed([bone.name for bone in guilty])))
    yield from _about_animation(armature.name, armature)


def _driven_bones(armature: Any) -> set[str]:
    """Bones of which a driver moves the location or the rotation."""
    if armature.animation_data is None:
        return set()
    paths = {driver.data_path for driver in armature.animation_data.drivers}
    return {
        bone.name
        for bone in armature.pose.bones
        if any(bone.path_from_id(path) in paths for path in ("location", "rotation_euler", "rotation_quaternion"))
    }


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in one line, the first few of many."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else tr("{names} and {count} more").format(names=shown, count=len(names) - most)
