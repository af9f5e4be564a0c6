"""Changing one's mind."""

from __future__ import annotations

from typing import Any

import bpy

from ..editing.layers import plays
from ..operators.edit import (
    STYLE_AVATAR_OT_make_layer,
    STYLE_AVATAR_OT_reduce_keys,
    STYLE_AVATAR_OT_reset_amounts,
    STYLE_AVATAR_OT_set_amounts,
    STYLE_AVATAR_OT_take_range,
    edit_reason,
)
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_text


class STYLE_AVATAR_PT_edit(SidebarPanel, bpy.types.Panel):
    """Amounts, keys, layers."""

    bl_idname = "STYLE_AVATAR_PT_edit"
    bl_label = "Edit"
    bl_order = 20
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_edit
        if reason := edit_reason(context):
            draw_text(layout, context, reason, icon="INFO")
        row = layout.row(align=True)
        row.operator(STYLE_AVATAR_OT_set_amounts.bl_idname, icon="MODIFIER")
        row.operator(STYLE_AVATAR_OT_reset_amounts.bl_idname, text="", icon="LOOP_BACK")
        layout.operator(STYLE_AVATAR_OT_take_range.bl_idname, icon="FILE_REFRESH")
        column = layout.column(align=True)
        column.prop(settings, "tolerance")
        column.prop(settings, "in_place")
        column.operator(STYLE_AVATAR_OT_reduce_keys.bl_idname, icon="KEYFRAME")
        if not reason:
            self._draw_reduced(context)
        layout.operator(STYLE_AVATAR_OT_make_layer.bl_idname, icon="NLA_PUSHDOWN")

    def _draw_reduced(self, context: Any) -> None:
        head = context.object
        action = head.data.shape_keys.animation_data.action if plays(head) else None
        if action is not None and "style_avatar_reduced" in action:
            before, after, error = action["style_avatar_reduced"]
            text = tr("{before} keys became {after}; the largest error is {error} mm.")
            note = text.format(before=int(before), after=int(after), error=f"{error:.3f}")
            draw_text(self.layout, context, note, icon="CHECKMARK")


CLASSES = (STYLE_AVATAR_PT_edit,)
