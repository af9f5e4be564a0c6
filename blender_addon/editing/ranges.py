"""Replace some frames of what a head plays by those of another performance of the same voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from ..building.build import BODY
from ..building.steps import Outcome, Steps, run_all, waited, waited_checking
from ..motion.contacts import LIDS
from ..translations import tr
from ..trouble import ClientError
from .amounts import region_of
from .changes import TOLERANCE, forget_amounts, found_on
from .curves import read_keys, sampler
from .draft import Draft, draft_of
from .keys import replaced, straight
from .layers import Layer, layer_steps, unit_of
from .played import Place, Played
from .reduce import BoolArray, Check, reduce
from .rescale import SAME
from .splice import Float64Array, shares, spliced

MOUTH: Final = frozenset({"lips", "jaw", "tongue"})


@dataclass(frozen=True)
class Range:
    """Frames `first` … `last` of the scene; over `blend` frames at both ends one performance goes over into the other.

    in_place: change the Action itself; otherwise a copy.
    """

    first: int
    last: int
    blend: int = 5
    in_place: bool = False


def take_range(head_object: Any, source: str, chosen: Range) -> Any:
    """`take_range_steps` at once; returns the face's Action."""
    run_all(take_range_steps(head_object.name, source, chosen))
    return found_on(head_object.name).action


def take_range_steps(head: str, source: str, chosen: Range) -> Steps[Outcome]:
    """Replace a range of what the head plays by the same frames of its Action `source`.

    Raises:
        ClientError: the Action has no keys for this head, or none of these frames is in both.
    """
    found = found_on(head)
    other = Draft(found, _places_in(found, source))
    if not any(path.startswith("key_blocks") for path, _ in other.curves()):
        raise ClientError("no_keys", "This Action does not move the face of this head.", "Choose another Action.")
    draft = draft_of(found, "redone")
    yield "copying", 1, 1
    old = yield from layer_steps(draft)
    new = yield from layer_steps(other)
    return (yield from splice_steps(draft, old, new, chosen))


def splice_steps(draft: Draft, old: Layer, new: Layer, chosen: Range) -> Steps[Outcome]:
    """Write the range into `draft`, which plays `old` until then, and publish it.

    Only keys of curves that differ there are touched. In an Action whose keys were reduced they are again, to the same
    tolerance.

    Raises:
        ClientError: none of these frames is in both performances.
    """
    offset = round(draft.played.face.offset)
    first = max(chosen.first - offset, old.first, new.first)
    last = min(chosen.last - offset, old.last, new.last)
    if first > last:
        raise ClientError("no_frames", "None of these frames is in both performances.", "Choose other frames.")
    before, after = (slice(first - one.first, last + 1 - one.first) for one in (old, new))
    tracks = yield from waited(spliced_faces, old, new, before, after, chosen.blend)
    keep = np.ones(tracks.shape, dtype=bool)
    if (tolerance := draft.action.get(TOLERANCE)) is not None:
        part = replace(old, first=first, tracks=tracks)
        keep = yield from waited_checking(_reduced_range, part, float(tolerance))
    frames = np.arange(first, last + 1)
    moved = np.flatnonzero(np.abs(tracks - old.tracks[before]).max(axis=0) > SAME)
    ends = (first > old.first, last < old.last)
    for done, index in enumerate(moved):
        channel, kept = old.channels[index], keep[:, index]
        if (curve := draft.curve(channel)) is not None:
            new_keys = straight(frames[kept], tracks[kept, index] / unit_of(channel))
            draft.write(channel, replaced(read_keys(curve), first, last, new_keys, sampler(curve), ends))
        yield "keys", done + 1, len(moved)
    forget_amounts(draft)
    action = draft.publish(chosen.in_place)
    return Outcome(draft.played.head, told(first + offset, last + offset, action.name, chosen.in_place))


def told(first: int, last: int, name: str, in_place: bool) -> str:
    """What was done, as one translated line."""
    scene = bpy.context.scene
    fps = scene.render.fps / scene.render.fps_base
    values = {
        "begin": f"{(first - scene.frame_start) / fps:.1f}",
        "end": f"{(last + 1 - scene.frame_start) / fps:.1f}",
        "count": last + 1 - first,
        "name": name,
    }
    if in_place:
        return tr("Redone {begin} s – {end} s: {count} frames of Action “{name}”.").format(**values)
    return tr("Redone {begin} s – {end} s: {count} frames, new Action “{name}”.").format(**values)


def spliced_faces(old: Layer, new: Layer, before: slice, after: slice, blend: int) -> Float64Array:
    """The range with the mouth, the lids and the rest going over as each of them has to."""
    was, now = old.tracks[before], new.tracks[after]
    never = np.zeros(len(was), dtype=bool)
    lips, lids = (old.lips_closed[before], new.lips_closed[after]), (old.lids_closed[before], new.lids_closed[after])
    result = spliced(was, now, shares(len(was), blend, never, never))
    mouth = [at for at, name in enumerate(old.names) if old.gap[at] != 0 or region_of(name) in MOUTH]
    blinks = [at for at, name in enumerate(old.names) if name in LIDS]
    for columns, (closed, closes) in ((mouth, lips), (blinks, lids)):
        share = shares(len(was), blend, closed & ~closes, closes & ~closed)
        result[:, columns] = spliced(was[:, columns], now[:, columns], share)
    return result


def _reduced_range(part: Layer, tolerance: float, check: Check) -> BoolArray:
    return reduce(part.tracks, part.mesh, tolerance, part.exact, ends=True, check=check).keep


def _places_in(found: Played, source: str) -> tuple[Place | None, Place | None]:
    """Where the curves of the Action `source` are for what `found` moves."""
    face = bpy.data.actions[source]
    body = face.get(BODY) or face
    faces = Place(face.name, compat.slot_like(face, found.face.slot))
    if found.body is None:
        return faces, None
    return faces, Place(body.name, compat.slot_like(body, found.body.slot))
