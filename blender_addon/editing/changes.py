"""Change what a head plays: amounts of each region, fewer keys. What the artist had stays, as another Action.

Every edit is a generator of small pieces on a draft (`draft.py`); the head plays it when it is done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import bpy
import numpy as np

from ..building.steps import Outcome, Steps, run_all, waited, waited_checking
from ..translations import tr
from ..trouble import ClientError
from .amounts import NAMES
from .curves import read_keys
from .draft import Draft, draft_of
from .keys import BEZIER, straight, stretched
from .layers import Layer, layer_steps, unit_of
from .played import Played, played
from .reduce import Check, Reduction, reduce
from .rescale import Rescaled, rescale

ORIGINAL: Final = "style_avatar_original"  # on a scaled Action: the one it was computed from
AMOUNTS: Final = "style_avatar_amounts"
WRITTEN: Final = "style_avatar_written"  # what we wrote, to see whether the artist has changed it since
REDUCED: Final = "style_avatar_reduced"  # keys before and after, millimetres
TOLERANCE: Final = "style_avatar_tolerance"
ALL_ONE: Final[Mapping[str, float]] = dict.fromkeys(NAMES, 1.0)


def found_on(head: str) -> Played:
    """What the head called `head` plays.

    Raises:
        KeyError: it is gone.
        ClientError: it plays nothing any more.
    """
    found = played(bpy.data.objects[head])
    if found is None:
        raise ClientError("no_action", "The head plays no Action any more.", "Assign one and try again.")
    return found


def stored_amounts(found: Played) -> dict[str, float]:
    """The amounts that were set last on the Action that is played, whether or not it was edited since."""
    return {**ALL_ONE, **json.loads(found.action.get(AMOUNTS, "{}"))}


def amounts_of(head_object: Any) -> dict[str, float]:
    """The amounts at which the head's Action stands; 1 unless they were set and nobody edited the keys since."""
    found = played(head_object)
    if found is None or not run_all(_unchanged_steps(found)):
        return dict(ALL_ONE)
    return stored_amounts(found)


def set_amounts(head_object: Any, amounts: Mapping[str, float]) -> Any:
    """`amounts_steps` at once; returns the face's Action."""
    run_all(amounts_steps(head_object.name, amounts))
    return found_on(head_object.name).action


def amounts_steps(head: str, amounts: Mapping[str, float]) -> Steps[Outcome]:
    """Let every region move by its amount of the original.

    The first time this makes new Actions; later ones compute those again from the original. Keys that the artist has
    changed since are the new original.
    """
    found = found_on(head)
    again = yield from _unchanged_steps(found)
    draft = draft_of(found, "amounts", _originals(found) if again else None)
    yield "copying", 1, 1
    layer = yield from layer_steps(draft)
    rescaled = yield from waited(rescale, layer, amounts)
    yield from _rescaled_steps(draft, layer, rescaled)
    for old, new in draft.pairs().items():
        action = bpy.data.actions[new]
        action[ORIGINAL] = bpy.data.actions[_originals(found)[old] if again else old]
    draft.action[AMOUNTS] = json.dumps({name: amounts.get(name, 1.0) for name in NAMES})
    draft.action[WRITTEN] = yield from fingerprint_steps(draft)
    action = draft.publish(in_place=again)
    changed = {name: value for name, value in amounts.items() if value != 1.0}
    if not changed:
        return Outcome(head, tr("All amounts are 1 again in Action “{name}”.").format(name=action.name))
    count = int(rescaled.changed.sum())
    if count == 1:
        return Outcome(head, tr("Amounts set in one curve of Action “{name}”.").format(name=action.name))
    several = tr("Amounts set in {count} curves of Action “{name}”.")
    return Outcome(head, several.format(count=count, name=action.name))


def _rescaled_steps(draft: Draft, layer: Layer, rescaled: Rescaled) -> Steps[None]:
    frames = np.arange(len(layer.tracks)) + layer.first
    chosen = [int(index) for index in np.flatnonzero(rescaled.changed)]
    for done, index in enumerate(chosen):
        channel = layer.channels[index]
        if (curve := draft.curve(channel)) is None:
            continue
        unit, factor, keep = unit_of(channel), rescaled.factor[index], rescaled.keep[:, index]
        if np.isnan(factor):
            keys = straight(frames[keep], rescaled.tracks[keep, index] / unit)
        else:
            keys = stretched(read_keys(curve), factor, rescaled.offset[index] / unit)
        draft.write(channel, keys)
        yield "keys", done + 1, len(chosen)


def reduce_keys(head_object: Any, tolerance: float, in_place: bool = False) -> Any:
    """`reduce_steps` at once; returns the face's Action."""
    run_all(reduce_steps(head_object.name, tolerance, in_place))
    return found_on(head_object.name).action


def reduce_steps(head: str, tolerance: float, in_place: bool) -> Steps[Outcome]:
    """Keep the keys that the face needs so that no vertex moves by more than `tolerance` millimetres."""
    found = found_on(head)
    draft = draft_of(found, "reduced")
    yield "copying", 1, 1
    layer = yield from layer_steps(draft)
    reduction = yield from waited_checking(_reduced, layer, tolerance)
    frames = np.arange(len(layer.tracks)) + layer.first
    chosen = [int(index) for index in np.flatnonzero(~reduction.stays)]
    for done, index in enumerate(chosen):
        channel, keep = layer.channels[index], reduction.keep[:, index]
        if draft.curve(channel) is not None:
            draft.write(channel, straight(frames[keep], layer.tracks[keep, index] / unit_of(channel)))
        yield "keys", done + 1, len(chosen)
    forget_amounts(draft)
    draft.action[REDUCED] = [float(layer.keys), float(reduction.keys), reduction.largest]
    draft.action[TOLERANCE] = tolerance
    draft.publish(in_place)
    return Outcome(head, reduced_note(layer.keys, reduction.keys, reduction.largest))


def reduced_note(before: float, after: float, error: float) -> str:
    """What `REDUCED` says, as a translated sentence."""
    text = tr("{before} keys became {after}; the largest error is {error} mm.")
    return text.format(before=int(before), after=int(after), error=f"{error:.3f}")


def _reduced(layer: Layer, tolerance: float, check: Check) -> Reduction:
    return reduce(layer.tracks, layer.mesh, tolerance, layer.exact, counts=layer.counts, check=check)


def forget_amounts(draft: Draft) -> None:
    """The keys of the draft are an original from now on."""
    for name in draft.pairs().values():
        for mark in (ORIGINAL, AMOUNTS, WRITTEN):
            if mark in bpy.data.actions[name]:
                del bpy.data.actions[name][mark]


def fingerprint(head_object: Any) -> str:
    """A hash of all keys of what the head plays."""
    found = found_on(head_object.name)
    return run_all(fingerprint_steps(Draft(found, found.places)))


def fingerprint_steps(draft: Draft) -> Steps[str]:
    """`fingerprint` of a draft, a curve at a time."""
    digest = hashlib.sha256()
    channels = sorted(draft.curves())
    for done, channel in enumerate(channels):
        if (curve := draft.curve(channel)) is not None:
            keys = read_keys(curve)
            digest.update(repr(channel).encode() + keys.columns["co"].tobytes())
            if (keys.columns["interpolation"] == BEZIER).any():
                digest.update(keys.columns["handle_left"].tobytes() + keys.columns["handle_right"].tobytes())
        yield "reading", done + 1, len(channels)
    return digest.hexdigest()


def _unchanged_steps(found: Played) -> Steps[bool]:
    """Whether amounts were set on what is played, and nobody has edited it since."""
    action = found.action
    if action.get(ORIGINAL) is None or AMOUNTS not in action:
        return False
    written = action.get(WRITTEN)
    now = yield from fingerprint_steps(Draft(found, found.places))
    return bool(written == now)


def _originals(found: Played) -> dict[str, str]:
    """The names of the originals, by those of the scaled Actions that are played."""
    actions = {
        place.action: bpy.data.actions[place.action].get(ORIGINAL) for place in found.places if place is not None
    }
    return {name: original.name for name, original in actions.items() if original is not None}
