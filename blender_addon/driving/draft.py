"""A new Action that nobody plays until it is whole: begun, filled, assigned at once, and taken back without a trace."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import bpy

from .. import compat

BAKED: Final = "style_avatar_baked"  # on Actions that were made here
UNFINISHED: Final = "style_avatar_baking"  # on those that are not whole yet


@dataclass(eq=False)
class Part:
    """What of the Action is for one data-block; slot: its identifier, "" before there were slots."""

    owner: Any
    action: Any
    slot: str = ""

    @property
    def channels(self) -> Any:
        """What holds the curves."""
        if not compat.SLOTTED_ACTIONS:
            return self.action
        return self.action.layers[0].strips[0].channelbag(self.action.slots[self.slot])


@dataclass(eq=False)
class _Before:
    """What a data-block played."""

    owner: Any
    had_data: bool
    assigned: list[str]
    track: str = ""
    values: dict[str, Any] = field(default_factory=dict)


class Draft:
    """parts: one per owner, in their order."""

    def __init__(self, name: str, owners: Sequence[tuple[Any, str]]) -> None:
        """owners: (data-block, ID type), such as "OBJECT" or "KEY"; before 4.4 every one gets an Action of its own."""
        self.parts: list[Part] = []
        self._before: list[_Before] = []
        shared = bpy.data.actions.new(name) if compat.SLOTTED_ACTIONS else None
        if shared is not None:
            strip = shared.layers.new("Layer").strips.new(type="KEYFRAME")
        for owner, id_type in owners:
            if shared is not None:
                slot = shared.slots.new(id_type=id_type, name=owner.name)
                strip.channelbag(slot, ensure=True)
                self.parts.append(Part(owner, shared, slot.identifier))
            else:
                action = bpy.data.actions.new(f"{name} {id_type.lower()}" if self.parts else name)
                action.id_root = id_type
                self.parts.append(Part(owner, action))
        for part in self.parts:
            part.action[UNFINISHED] = True

    @property
    def name(self) -> str:
        """Of the first Action; Blender may have numbered it."""
        return str(self.parts[0].action.name)

    def part_of(self, owner: Any) -> Part:
        """The part for one of the owners."""
        return next(part for part in self.parts if part.owner == owner)

    def assign(self) -> list[str]:
        """Let everybody play it; the names of Actions that play on below, on NLA tracks of their own."""
        kept = []
        for part in self.parts:
            data = part.owner.animation_data
            before = _Before(part.owner, data is not None, compat.assigned_action(part.owner))
            before.values = {path: _value(part.owner, path) for path in self._paths(part)}
            self._before.append(before)
            kept.append(_put_aside(before))
            data = part.owner.animation_data_create()
            data.action = part.action
            if part.slot:
                data.action_slot = part.action.slots[part.slot]
        return list(dict.fromkeys(filter(None, kept)))

    @staticmethod
    def _paths(part: Part) -> list[str]:
        return list(dict.fromkeys(curve.data_path for curve in part.channels.fcurves))

    def settle(self) -> None:
        """It is whole and stays."""
        for part in self.parts:
            part.action[BAKED] = True
            part.action.use_fake_user = True
            if UNFINISHED in part.action:
                del part.action[UNFINISHED]

    def take_back(self) -> None:
        """As if it had never been; harmless when the artist has undone it meanwhile."""
        for before in reversed(self._before):
            with suppress(ReferenceError):
                _restore(before)
        self._before.clear()
        with suppress(ReferenceError):
            for action in {part.action for part in self.parts}:
                bpy.data.actions.remove(action)
        self.parts.clear()


def clear() -> None:
    """Remove what a broken-off bake has left, after undo or in a file that was saved meanwhile."""
    for action in [action for action in bpy.data.actions if UNFINISHED in action]:
        bpy.data.actions.remove(action)


def _put_aside(before: _Before) -> str:
    """Let the Action that is assigned play on below, or go if it was made here; returns the name of one that stays."""
    data = before.owner.animation_data
    if data is None or data.action is None:
        return ""
    action = data.action
    action.use_fake_user = True
    if action.get(BAKED):
        return ""
    compat.push_to_nla(before.owner, action.name)
    before.track = str(before.owner.animation_data.nla_tracks[-1].name)
    return str(action.name)


def _restore(before: _Before) -> None:
    data = before.owner.animation_data
    if before.track:
        data.nla_tracks.remove(data.nla_tracks[before.track])
    compat.assign_action(before.owner, before.assigned)
    if not before.had_data:
        before.owner.animation_data_clear()
    for path, value in before.values.items():
        holder, name = _holder(before.owner, path)
        setattr(holder, name, value)


def _value(owner: Any, path: str) -> Any:
    holder, name = _holder(owner, path)
    value = getattr(holder, name)
    return tuple(value) if hasattr(value, "__len__") else value


def _holder(owner: Any, path: str) -> tuple[Any, str]:
    head, dot, name = path.rpartition(".")
    return (owner.path_resolve(head) if dot else owner), name
