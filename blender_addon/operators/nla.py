"""Stack performances in the NLA."""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..translations import tr
from .base import UNDO, Explained, head_reason


class STYLE_AVATAR_OT_push_to_nla(Explained, bpy.types.Operator):
    """Put the performance onto a track of its own."""

    bl_idname = "style_avatar.push_to_nla"
    bl_label = "Push to NLA"
    bl_description = "Put what the head plays onto NLA tracks of its own, for the face and for the head's movement"
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_reason(context):
            return reason
        head = context.object
        owners = (head, head.data.shape_keys)
        if not any(one.animation_data is not None and one.animation_data.action is not None for one in owners):
            return tr("{name} plays no Action; press Animate, or assign one.").format(name=head.name)
        return ""

    def execute(self, context: Any) -> set[str]:
        """Push both Actions."""
        head = context.object
        name = str(head.get("style_avatar_performance") or head.name)
        for owner in (head.data.shape_keys, head):
            compat.push_to_nla(owner, name)
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_push_to_nla,)
