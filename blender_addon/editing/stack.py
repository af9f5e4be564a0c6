"""Performances on NLA tracks: to be cut and blended, or to be keyed on top of."""

from __future__ import annotations

from typing import Any

from .. import compat
from .played import owners_of


def push(head_object: Any, name: str, add: bool) -> None:
    """Put the Actions that are assigned to the head onto NLA tracks called `name`.

    add: what is keyed or assigned next is added to what is on the tracks; otherwise it plays instead of it.
    """
    for owner in owners_of(head_object):
        compat.push_to_nla(owner, name)
        if owner.animation_data is not None:
            owner.animation_data.action_blend_type = "ADD" if add else "REPLACE"


def assigned(head_object: Any) -> bool:
    """Whether an Action is assigned to the face or the object."""
    return any(compat.assigned_action(owner)[0] for owner in owners_of(head_object))


def stacked(head_object: Any) -> bool:
    """Whether there are strips on NLA tracks of the face."""
    data = head_object.data.shape_keys.animation_data
    return data is not None and any(len(track.strips) for track in data.nla_tracks)


def adds(head_object: Any) -> bool:
    """Whether what is keyed next is added to what is on the tracks."""
    data = head_object.data.shape_keys.animation_data
    return data is not None and data.action_blend_type == "ADD"
