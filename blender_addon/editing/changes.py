"""Change what a head plays: amounts of each region, fewer keys. What the artist had stays, as another Action."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from ..motion.contacts import LIDS
from .amounts import NAMES, region_of, scaled, without_crossing
from .layers import Layer, copy_actions, curves_of_head, is_linear, read_layer, write_layer, write_range
from .reduce import Reduction
from .splice import shares, spliced

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


def take_range(head_object: Any, source: str, first: int, last: int, blend: int, in_place: bool) -> Any:
    """Replace frames `first` … `last` of what the head plays by those of its Action `source`; return the face's.

    Raises:
        ValueError: the source has none of these frames, or the keys of the head are not linear.
    """
    owners = (head_object.data.shape_keys, head_object)
    assigned = [compat.assigned_action(owner) for owner in owners]
    if not is_linear(head_object):
        raise ValueError("not linear")
    old = read_layer(head_object)
    for owner, name, (_, slot) in zip(owners, (source, f"{source} object"), assigned, strict=True):
        compat.assign_action(owner, [name if name in bpy.data.actions else source, slot])
    try:
        new = read_layer(head_object) if compat.curves_of(owners[0]) else None
    finally:
        for owner, names in zip(owners, assigned, strict=True):
            compat.assign_action(owner, names)
    if new is None:
        raise ValueError("no keys")
    first, last = max(first, old.first, new.first), min(last, *(one.first + len(one.tracks) - 1 for one in (old, new)))
    if first > last:
        raise ValueError("no frames")
    before, after = (slice(first - one.first, last + 1 - one.first) for one in (old, new))
    tracks = spliced_faces(old, new, before, after, blend)
    if not in_place:
        copy_actions(head_object, "redone")
    write_range(head_object, old, tracks, first)
    return _action(owners[0])


def spliced_faces(old: Layer, new: Layer, before: slice, after: slice, blend: int) -> Any:
    """The range with the mouth, the lids and the rest going over as each of them has to."""
    was, now = old.tracks[before], new.tracks[after]
    never = np.zeros(len(was), dtype=bool)
    lips, lids = (old.lips_closed[before], new.lips_closed[after]), (old.lids_closed[before], new.lids_closed[after])
    result = spliced(was, now, shares(len(was), blend, never, never))
    mouth = [
        at for at, name in enumerate(old.names) if old.gap[at] != 0 or region_of(name) in {"lips", "jaw", "tongue"}
    ]
    blinks = [at for at, name in enumerate(old.names) if name in LIDS]
    for columns, (closed, closes) in ((mouth, lips), (blinks, lids)):
        share = shares(len(was), blend, closed & ~closes, closes & ~closed)
        result[:, columns] = spliced(was[:, columns], now[:, columns], share)
    return result
