"""A copy of the Actions that a head plays, edited where nobody sees it, and shown when it is done.

So an edit may take its time: until `publish` the head plays what it played, and an edit that is cancelled leaves
nothing behind. The copies are marked by whoever runs the steps (`building.unfinished`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import bpy

from .. import compat
from ..building import unfinished
from ..building.build import BODY
from ..building.head import allow_range
from .curves import write_keys
from .keys import Keys
from .played import Place, Played, owners_of, put

Channel = tuple[str, int]


@dataclass(frozen=True)
class Draft:
    """places: where the curves are that are read and written, for the shape keys and for the object."""

    played: Played
    places: tuple[Place | None, Place | None]

    @property
    def head(self) -> Any:
        """The head's object.

        Raises:
            KeyError: it is gone.
        """
        return bpy.data.objects[self.played.head]

    @property
    def action(self) -> Any:
        """The face's Action of the draft."""
        assert self.places[0] is not None
        return bpy.data.actions[self.places[0].action]

    def curves(self) -> dict[Channel, Any]:
        """The curves, by data path and index."""
        return {
            (curve.data_path, curve.array_index): curve
            for place in self.places
            if place is not None
            for curve in compat.curves_in(bpy.data.actions[place.action], place.slot)
        }

    def curve(self, channel: Channel) -> Any | None:
        """One of them, None when there is none."""
        return self.curves().get(channel)

    def write(self, channel: Channel, keys: Keys) -> None:
        """Let the curve of `channel` hold `keys`, and the slider of its shape key reach them."""
        write_keys(self.curves()[channel], keys)
        path = channel[0]
        if path.startswith("key_blocks") and len(keys):
            name = self.head.data.shape_keys.path_resolve(path.removesuffix(".value")).name
            allow_range(self.head, name, float(keys.values.min()), float(keys.values.max()))

    def publish(self, in_place: bool) -> Any:
        """Let the head play the draft, and return the face's Action.

        in_place: the draft becomes the Action that was there; otherwise that one is kept.
        """
        for owner, place, new in zip(owners_of(self.head), self.played.places, self.places, strict=True):
            if place is not None and new is not None:
                put(owner, place, bpy.data.actions[new.action])
        action = self.action
        for played_name, copy_name in self.pairs().items():
            original, copy = bpy.data.actions[played_name], bpy.data.actions[copy_name]
            if in_place:
                _become(original, copy)
            else:
                original.use_fake_user = True
        unfinished.settle()
        return action

    def pairs(self) -> dict[str, str]:
        """The names of the copies, by those of the Actions that are played."""
        pairs = zip(self.played.places, self.places, strict=True)
        return {old.action: new.action for old, new in pairs if old is not None and new is not None}


def draft_of(found: Played, suffix: str, base: dict[str, str] | None = None) -> Draft:
    """Copies of what is `played`, called as it with `suffix`.

    base: names of the Actions to copy instead, by those that are played.
    """
    copies: dict[str, Any] = {}
    places: list[Place | None] = []
    for place in found.places:
        if place is None:
            places.append(None)
            continue
        if place.action not in copies:
            source = bpy.data.actions[(base or {}).get(place.action, place.action)]
            copies[place.action] = source.copy()
            copies[place.action].name = named(place.action, suffix)
        places.append(Place(copies[place.action].name, place.slot))
    if found.body is not None and BODY in copies[found.face.action]:
        copies[found.face.action][BODY] = copies[found.body.action]
    return Draft(found, (places[0], places[1]))


def named(action: str, suffix: str) -> str:
    """What to call a copy of `action`; a copy of a copy is called as that, and Blender numbers them."""
    stem = re.sub(rf" {re.escape(suffix)}(\.\d+)?$", "", action)
    return f"{stem} {suffix}"


def _become(original: Any, copy: Any) -> None:
    name, kept = original.name, original.use_fake_user
    original.user_remap(copy)
    bpy.data.actions.remove(original)
    copy.name = name
    copy.use_fake_user = kept
