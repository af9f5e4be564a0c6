"""Performances on NLA tracks: to be cut and blended, or to be keyed on top of."""

from __future__ import annotations

from typing import Any

import bpy

from ..editing import stack
from ..editing.played import owners_of, played
from ..session import SESSION
from ..translations import tr
from .base import UNDO, Explained
from .performance import head_here_reason


def _tweaked(head: Any) -> bool:
    return any(one.animation_data is not None and one.animation_data.use_tweak_mode for one in owners_of(head))


class _OnStack(Explained):
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_here_reason(context):
            return reason
        if _tweaked(context.object):
            text = tr("A strip of {name} is being tweaked; leave it with Tab in the NLA editor.")
            return text.format(name=context.object.name)
        return ""


class STYLE_AVATAR_OT_push_to_nla(_OnStack, bpy.types.Operator):
    """Put the performance onto a track of its own."""

    bl_idname = "style_avatar.push_to_nla"
    bl_label = "Push to NLA"
    bl_description = (
        "Put what the head plays onto NLA tracks, to move, cut and blend it; "
        "what you animate or key next plays instead of it"
    )

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        if stack.assigned(context.object):
            return ""
        if stack.stacked(context.object):
            return tr("What {name} plays is on NLA tracks already.").format(name=context.object.name)
        return tr("{name} plays no Action; press Animate, or assign one.").format(name=context.object.name)

    def execute(self, context: Any) -> set[str]:
        """Push both Actions."""
        return _push(context, add=False)


class STYLE_AVATAR_OT_make_layer(_OnStack, bpy.types.Operator):
    """Key on top of the performance."""

    bl_idname = "style_avatar.make_layer"
    bl_label = "Key on Top"
    bl_description = "Put what the head plays onto NLA tracks, to correct it by hand; what you key next is added to it"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        head = context.object
        if not stack.assigned(head):
            if not stack.stacked(head):
                return tr("{name} plays no Action; press Animate, or assign one.").format(name=head.name)
            if stack.adds(head):
                return tr("What you key on {name} is added already; set keys.").format(name=head.name)
        return ""

    def execute(self, context: Any) -> set[str]:
        """Push both Actions, or let keys on top of those that are pushed be added."""
        return _push(context, add=True)


def _push(context: Any, add: bool) -> set[str]:
    head = context.object
    found = played(head)
    stack.push(head, found.face.action if found is not None else head.name, add)
    said = tr("Keys on {name} are added to its performance now.") if add else tr("{name} plays from NLA tracks now.")
    SESSION.tell(head.name, said.format(name=head.name))
    return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_push_to_nla, STYLE_AVATAR_OT_make_layer)
