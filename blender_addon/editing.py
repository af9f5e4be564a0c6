"""Change what a head plays: amounts of each region, fewer keys. What the artist had stays, as another Action."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from . import compat
from .amounts import NAMES, scaled, without_crossing
from .layers import Layer, copy_actions, curves_of_head, read_layer, write_layer
from .reduce import Reduction

ORIGINAL: Final = "style_avatar_original"  # on a scaled Action: the one it was computed from
AMOUNTS: Final = "style_avatar_amounts"
WRITTEN: Final = "style_avatar_written"  # what we wrote, to see whether the artist has changed it since


def amounts_of(head_object: Any) -> dict[str, float]:
    """The amounts at which the head's Action stands; 1 unless they were set and nobody edited the keys since."""
    action = head_object.data.shape_keys.animation_data.action
    if not _ours(head_object):
        return dict.fromkeys(NAMES, 1.0)
    return {**dict.fromkeys(NAMES, 1.0), **json.loads(action[AMOUNTS])}


def set_amounts(head_object: Any, amounts: Mapping[str, float]) -> Any:
    """Let every region move by its amount of the original, and return the face's Action.

    The first time this makes new Actions; later ones compute those again from the original. Keys that the artist has
    changed since are the new original.
    """
    owners = (head_object.data.shape_keys, head_object)
    assigned = [compat.assigned_action(owner) for owner in owners]
    again = _ours(head_object)
    if again:
        for owner, (_, slot) in zip(owners, assigned, strict=True):
            original = _action(owner).get(ORIGINAL) if _action(owner) is not None else None
            if original is not None:
                compat.assign_action(owner, [original.name, slot])
    layer = read_layer(head_object)
    if again:
        for owner, names in zip(owners, assigned, strict=True):
            compat.assign_action(owner, names)
    else:
        originals = [_action(owner) for owner in owners]
        copy_actions(head_object, "amounts")
        for owner, original in zip(owners, originals, strict=True):
            if original is not None:
                _action(owner)[ORIGINAL] = original
    tracks = scaled(layer.tracks, layer.names, amounts, layer.lips_closed, layer.lids_closed)
    tracks = without_crossing(layer.tracks, tracks, layer.gap, layer.gap_at_rest)
    write_layer(head_object, layer, tracks, np.ones(tracks.shape, dtype=bool))
    action = _action(owners[0])
    action[AMOUNTS] = json.dumps(dict(amounts))
    action[WRITTEN] = fingerprint(head_object)
    return action


def write_reduced(head_object: Any, layer: Layer, reduction: Reduction, in_place: bool) -> Any:
    """Write `layer` with the keys that `reduction` keeps; into copies of the Actions unless `in_place`."""
    if not in_place:
        copy_actions(head_object, "reduced")
    write_layer(head_object, layer, layer.tracks, reduction.keep)
    return _action(head_object.data.shape_keys)


def make_layer(head_object: Any, name: str) -> None:
    """Put what the head plays onto NLA tracks, and let what is keyed next add to it."""
    for owner in (head_object.data.shape_keys, head_object):
        if compat.push_to_nla(owner, name) is not None:
            owner.animation_data.action_blend_type = "ADD"


def fingerprint(head_object: Any) -> str:
    """A hash of all keys of what the head plays."""
    digest = hashlib.sha256()
    for channel, curve in sorted(curves_of_head(head_object).items()):
        points = np.empty(2 * len(curve.keyframe_points), dtype=np.float32)
        curve.keyframe_points.foreach_get("co", points)
        digest.update(repr(channel).encode() + points.tobytes())
    return digest.hexdigest()


def _ours(head_object: Any) -> bool:
    action = _action(head_object.data.shape_keys)
    if action is None or action.get(ORIGINAL) is None or AMOUNTS not in action:
        return False
    return bool(action.get(WRITTEN) == fingerprint(head_object))


def _action(owner: Any) -> Any:
    return owner.animation_data.action if owner.animation_data is not None else None
