"""Changing one's mind."""

from __future__ import annotations

from typing import Any

import bpy

from ..editing.changes import REDUCED, reduced_note
from ..editing.played import played
from ..operators.amounts import STYLE_AVATAR_OT_reset_amounts, STYLE_AVATAR_OT_set_amounts
from ..operators.base import head_reason
from ..operators.edit import STYLE_AVATAR_OT_reduce_keys, STYLE_AVATAR_OT_take_range
from ..operators.nla import STYLE_AVATAR_OT_make_layer, STYLE_AVATAR_OT_push_to_nla
from ..operators.performance import edit_reason
from ..operators.redo import STYLE_AVATAR_OT_another_style, STYLE_AVATAR_OT_pick_range, STYLE_AVATAR_OT_redo_range
from ..session import SESSION
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, draw_text
from .main import draw_done, draw_running, draw_style


class STYLE_AVATAR_PT_edit(SidebarPanel, bpy.types.Panel):
    """Another style for what the head plays."""

    bl_idname = "STYLE_AVATAR_PT_edit"
    bl_label = "Edit"
    bl_order = 20
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout = self.layout
        draw_running(layout, context)
        draw_done(layout, context)
        if not SESSION.busy and (reason := edit_reason(context)):
            draw_text(layout, context, reason, icon="INFO")
        elif not head_reason(context) and (found := played(context.object)) is not None:
            layout.label(text=found.face.action, icon="ACTION", translate=False)
        column = layout.column()
        column.enabled = not SESSION.busy
        draw_style(column, context, context.scene.style_avatar)
        draw_own_button(layout, context, STYLE_AVATAR_OT_another_style, icon="FILE_REFRESH")


class STYLE_AVATAR_UL_parts(bpy.types.UIList):
    """What is said when."""

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active_data: Any, active_property: str
    ) -> None:
        """One line."""
        row = layout.row()
        row.label(text=item.name or tr("(pause)"), translate=False)
        right = row.row()
        right.alignment = "RIGHT"
        right.label(text=item.seconds, translate=False)


class STYLE_AVATAR_PT_range(SidebarPanel, bpy.types.Panel):
    """A part of it once more."""

    bl_idname = "STYLE_AVATAR_PT_range"
    bl_parent_id = "STYLE_AVATAR_PT_edit"
    bl_label = "Sentence or Range"

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_edit
        layout.row().prop(settings, "parts", expand=True)
        listed = context.window_manager.style_avatar_parts
        layout.template_list("STYLE_AVATAR_UL_parts", "", listed, "rows", listed, "index", rows=4)
        column = layout.column(align=True)
        for name in ("first", "last", "blend"):
            column.prop(settings, name)
        draw_own_button(column, context, STYLE_AVATAR_OT_pick_range, icon="MARKER_HLT")
        layout.grid_flow(columns=2, row_major=True, align=True).prop(settings, "new", expand=True)
        if "MOTION" in settings.new:
            layout.row().prop(context.scene.style_avatar, "motion", expand=True)
        draw_own_button(layout, context, STYLE_AVATAR_OT_redo_range, icon="FILE_REFRESH")
        draw_own_button(layout, context, STYLE_AVATAR_OT_take_range, icon="ACTION")
        layout.prop(settings, "in_place")


class STYLE_AVATAR_PT_keys(SidebarPanel, bpy.types.Panel):
    """Amounts, keys, layers."""

    bl_idname = "STYLE_AVATAR_PT_keys"
    bl_parent_id = "STYLE_AVATAR_PT_edit"
    bl_label = "Amounts, Keys and Layers"

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_edit
        row = layout.row(align=True)
        row.operator(STYLE_AVATAR_OT_set_amounts.bl_idname, icon="MODIFIER")
        row.operator(STYLE_AVATAR_OT_reset_amounts.bl_idname, text="", icon="LOOP_BACK")
        column = layout.column(align=True)
        column.prop(settings, "tolerance")
        column.prop(settings, "in_place")
        column.operator(STYLE_AVATAR_OT_reduce_keys.bl_idname, icon="KEYFRAME")
        draw_reduced(layout, context)
        column = layout.column(align=True)
        column.operator(STYLE_AVATAR_OT_push_to_nla.bl_idname, icon="NLA_PUSHDOWN")
        column.operator(STYLE_AVATAR_OT_make_layer.bl_idname, icon="NLA")


def draw_reduced(layout: Any, context: Any) -> None:
    """How many keys are left, where keys were reduced."""
    found = None if head_reason(context) else played(context.object)
    if found is not None and REDUCED in found.action:
        draw_text(layout, context, reduced_note(*found.action[REDUCED]), icon="CHECKMARK")


def draw_own_button(layout: Any, context: Any, operator: Any, icon: str) -> None:
    """A button with its reason, unless that is what the panel begins with."""
    if SESSION.busy or edit_reason(context):
        layout.operator(operator.bl_idname, icon=icon)
    else:
        draw_button(layout, context, operator, icon=icon)


CLASSES = (STYLE_AVATAR_PT_edit, STYLE_AVATAR_UL_parts, STYLE_AVATAR_PT_range, STYLE_AVATAR_PT_keys)
