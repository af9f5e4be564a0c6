"""The panel *Drive my character*."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ..driving.running import DESK
from ..operators.arkit import STYLE_AVATAR_OT_export_arkit, STYLE_AVATAR_OT_import_arkit
from ..operators.drive import (
    STYLE_AVATAR_OT_cancel_drive,
    STYLE_AVATAR_OT_drive,
    STYLE_AVATAR_OT_edit_mapping,
    STYLE_AVATAR_OT_match_names,
)
from ..operators.mapping import (
    STYLE_AVATAR_OT_delete_mapping,
    STYLE_AVATAR_OT_load_mapping,
    STYLE_AVATAR_OT_rename_mapping,
    STYLE_AVATAR_OT_save_mapping,
)
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, draw_progress, draw_text

ICONS: Final = {"ERROR": "ERROR", "WARNING": "INFO", "INFO": "BLANK1"}
KIND_ICONS: Final = {"SHAPE": "SHAPEKEY_DATA", "BONE": "BONE_DATA", "OBJECT": "OBJECT_DATA"}
UNSURE: Final = 0.75


class STYLE_AVATAR_UL_mapping(bpy.types.UIList):
    """What moves what, line by line."""

    bl_idname = "STYLE_AVATAR_UL_mapping"

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active_data: Any, active_property: str
    ) -> None:
        """Draw one entry: what moves it, and beneath, as both names are long, what is moved."""
        column = layout.column(align=True)
        column.scale_y = 0.85
        row = column.row(align=True)
        row.prop(item, "on", text="")
        unsure = item.on and item.confidence < UNSURE
        for line, name, symbol in (
            (row, item.channel, "QUESTION" if unsure else "NONE"),
            (column.row(align=True), item.target, KIND_ICONS.get(item.kind, "NONE")),
        ):
            line.active = item.on
            line.label(text=name or "…", icon=symbol, translate=False)


class STYLE_AVATAR_PT_drive(SidebarPanel, bpy.types.Panel):
    """A take onto somebody else's character."""

    bl_idname = "STYLE_AVATAR_PT_drive"
    bl_label = "Drive my Character"
    bl_order = 20
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_drive
        column = layout.column(align=True)
        column.row().prop(settings, "source", expand=True)
        column.prop(settings, "head" if settings.source == "HEAD" else "file", text="")
        layout.prop(settings, "character")
        draw_button(layout, context, STYLE_AVATAR_OT_match_names, icon="VIEWZOOM")
        if settings.rows:
            draw_mapping(layout, settings)
        draw_amounts(layout, settings)
        draw_go(layout, context, settings)


def draw_mapping(layout: Any, settings: Any) -> None:
    """The list, and the active line beneath it."""
    row = layout.row()
    row.template_list("STYLE_AVATAR_UL_mapping", "", settings, "rows", settings, "active_row", rows=6)
    column = row.column(align=True)
    column.operator(STYLE_AVATAR_OT_edit_mapping.bl_idname, text="", icon="ADD").action = "ADD"
    column.operator(STYLE_AVATAR_OT_edit_mapping.bl_idname, text="", icon="REMOVE").action = "REMOVE"
    if 0 <= settings.active_row < len(settings.rows):
        active = settings.rows[settings.active_row]
        box = layout.column(align=True)
        box.prop(active, "channel", text="")
        line = box.row(align=True)
        line.prop(active, "kind", text="", icon_only=True)
        line.prop(active, "target", text="")
        line = box.row(align=True)
        line.prop(active, "gain")
        line.prop(active, "offset")
        if active.reason and not active.on:
            box.label(text=tr(active.reason), icon="INFO", translate=False)


def draw_amounts(layout: Any, settings: Any) -> None:
    """When, and how much of it."""
    column = layout.column(align=True)
    if settings.source == "HEAD":
        column.prop(settings, "with_head")
    if settings.source != "HEAD" or not settings.with_head:
        column.prop(settings, "first_frame")
    column.prop(settings, "amplitude", slider=True)
    column.prop(settings, "head_amount", slider=True)
    column.prop(settings, "neck_share", slider=True)


def draw_go(layout: Any, context: Any, settings: Any) -> None:
    """The button, or how far it is; then what was done, and what was not."""
    if DESK.drive is not None:
        draw_progress(layout, tr(DESK.drive.stage), DESK.drive.fraction, None)
        draw_button(layout, context, STYLE_AVATAR_OT_cancel_drive, icon="X")
        return
    draw_button(layout, context, STYLE_AVATAR_OT_drive, icon="PLAY", scale=1.4)
    if settings.done:
        draw_text(layout, context, settings.done, icon="CHECKMARK")
    draw_report(layout, context, settings)


def draw_report(layout: Any, context: Any, settings: Any) -> None:
    """What was found before and after."""
    if settings.report:
        box = layout.box()
        for line in settings.report:
            draw_text(box, context, line.text, icon=ICONS.get(line.level, "INFO"), alert=line.level == "ERROR")


class STYLE_AVATAR_PT_drive_presets(SidebarPanel, bpy.types.Panel):
    """Mappings that were saved."""

    bl_idname = "STYLE_AVATAR_PT_drive_presets"
    bl_parent_id = "STYLE_AVATAR_PT_drive"
    bl_label = "Presets"
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout = self.layout
        layout.prop(context.scene.style_avatar_drive, "preset", text="")
        for operator, icon in (
            (STYLE_AVATAR_OT_load_mapping, "IMPORT"),
            (STYLE_AVATAR_OT_save_mapping, "FILE_TICK"),
            (STYLE_AVATAR_OT_rename_mapping, "GREASEPENCIL"),
            (STYLE_AVATAR_OT_delete_mapping, "TRASH"),
        ):
            layout.operator(operator.bl_idname, icon=icon)
        if reason := STYLE_AVATAR_OT_save_mapping.disabled_reason(context):  # the others' too, once
            draw_text(layout, context, reason, icon="INFO")


class STYLE_AVATAR_PT_arkit(SidebarPanel, bpy.types.Panel):
    """ARKit weights as CSV."""

    bl_idname = "STYLE_AVATAR_PT_arkit"
    bl_parent_id = "STYLE_AVATAR_PT_drive"
    bl_label = "ARKit CSV"
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout = self.layout
        layout.prop(context.scene.style_avatar_drive, "csv_rate")
        draw_button(layout, context, STYLE_AVATAR_OT_export_arkit, icon="EXPORT")
        draw_button(layout, context, STYLE_AVATAR_OT_import_arkit, icon="IMPORT")


CLASSES = (
    STYLE_AVATAR_UL_mapping,
    STYLE_AVATAR_PT_drive,
    STYLE_AVATAR_PT_drive_presets,
    STYLE_AVATAR_PT_arkit,
)
