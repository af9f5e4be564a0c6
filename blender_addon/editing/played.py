"""Which Action a head plays: the one that is assigned, or the one of an NLA strip with keys of the artist's on top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import bpy

from .. import compat
from ..building.build import BODY, TAKE
from ..translations import tr

MARKS: Final = (TAKE, "style_avatar_amounts", "style_avatar_reduced")  # any of them says that an Action is ours


@dataclass(frozen=True)
class Place:
    """Where the curves of one owner are, in names, so that it stays true after undo.

    track, strip: of the NLA, "" for an Action that is assigned; offset: frames from the Action's to the scene's.
    """

    action: str
    slot: str
    track: str = ""
    strip: str = ""
    offset: float = 0.0


@dataclass(frozen=True)
class Played:
    """What a head plays; `body` is None when nothing moves the object."""

    head: str
    face: Place
    body: Place | None

    @property
    def action(self) -> Any:
        """The face's Action."""
        return bpy.data.actions[self.face.action]

    @property
    def places(self) -> tuple[Place | None, Place | None]:
        """In the order of `owners_of`."""
        return self.face, self.body


def owners_of(head_object: Any) -> tuple[Any, Any]:
    """What moves: the shape keys, and the object."""
    return head_object.data.shape_keys, head_object


def played(head_object: Any) -> Played | None:
    """What `head_object` plays; None when no Action moves its face.

    Of several (the artist's keys on top of a strip), what Style Avatar made is meant.
    """
    face, body = (list(_places(owner)) for owner in owners_of(head_object))
    if not face:
        return None
    found = next((one for one in face if _ours(one)), face[0])
    body_action = bpy.data.actions[found.action].get(BODY)
    wanted = body_action.name if body_action is not None else found.action
    same = (one for one in body if one.action in {wanted, f"{found.action} object"})
    return Played(head_object.name, found, next(same, None) or next((one for one in body if _ours(one)), None))


def unplayable(head_object: Any) -> str:
    """Why what `head_object` plays cannot be edited, as a translated sentence; "" when it can."""
    if any(
        owner.animation_data is not None and owner.animation_data.use_tweak_mode for owner in owners_of(head_object)
    ):
        return tr("A strip of {name} is being tweaked; leave it with Tab in the NLA editor.").format(
            name=head_object.name
        )
    found = played(head_object)
    if found is None:
        return tr("{name} plays no Action; press Animate, or assign one.").format(name=head_object.name)
    for place, owner in zip(found.places, owners_of(head_object), strict=True):
        if place is not None and place.strip and not _plain(strip_at(owner, place)):
            text = tr("The NLA strip {name} is stretched, repeated or reversed; give it Scale 1 and Repeat 1.")
            return text.format(name=place.strip)
    if found.body is not None and found.body.offset != found.face.offset:
        return tr("The NLA strips of the face and of the head's movement begin on different frames; align them.")
    return _unwritable(found)


def _unwritable(found: Played) -> str:
    for place in filter(None, found.places):
        for curve in compat.curves_in(bpy.data.actions[place.action], place.slot):
            if len(curve.modifiers) or len(curve.sampled_points):
                text = tr("The curve {name} has a modifier or is baked; make it keys in the Graph Editor.")
                return text.format(name=curve.data_path)
    return ""


def strip_at(owner: Any, place: Place) -> Any:
    """The NLA strip of a place that has one.

    Raises:
        KeyError: it is gone.
    """
    return owner.animation_data.nla_tracks[place.track].strips[place.strip]


def put(owner: Any, place: Place, action: Any) -> None:
    """Let `action` play where the one of `place` plays."""
    if place.strip:
        compat.put_into_strip(strip_at(owner, place), action, place.slot)
    else:
        compat.assign_action(owner, [action.name, place.slot])


def _places(owner: Any) -> Iterator[Place]:
    """Where Actions with curves move `owner`, from the top of the stack down."""
    data = owner.animation_data
    if data is None:
        return
    action, slot = compat.assigned_action(owner)
    if action and compat.curves_of(owner):
        yield Place(action, slot)
    if not data.use_nla:
        return
    for track in reversed(data.nla_tracks):
        if not track.mute:
            yield from sorted(_of_track(track), key=lambda place: not _now(track.strips[place.strip]))


def _of_track(track: Any) -> Iterator[Place]:
    for strip in track.strips:
        action, slot = compat.action_of_strip(strip)
        if not strip.mute and action and compat.curves_in(strip.action, slot):
            yield Place(action, slot, track.name, strip.name, strip.frame_start - strip.action_frame_start)


def _now(strip: Any) -> bool:
    return bool(strip.frame_start <= bpy.context.scene.frame_current <= strip.frame_end)


def _plain(strip: Any) -> bool:
    """Whether a strip plays its Action frame by frame."""
    changed = strip.use_reverse or strip.use_animated_time
    return not changed and abs(strip.scale - 1.0) < 1e-4 and abs(strip.repeat - 1.0) < 1e-4


def _ours(place: Place) -> bool:
    return any(mark in bpy.data.actions[place.action] for mark in MARKS)
