"""The backend: whether it runs, on what, and how to start it."""

from __future__ import annotations

from typing import Any

import bpy

from ..hosting.status import Status
from ..operators.backend import (
    STYLE_AVATAR_OT_preferences,
    STYLE_AVATAR_OT_start_backend,
    STYLE_AVATAR_OT_stop_backend,
)
from ..operators.report import STYLE_AVATAR_OT_copy_report
from ..preferences import preferences_of
from ..session import SESSION
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, draw_text

ICONS = {"ready": "CHECKMARK", "starting": "SORTTIME", "failed": "ERROR"}
WORKERS = {"starting": "Loading", "idle": "Ready", "busy": "Working", "down": "Restarting"}


class STYLE_AVATAR_PT_backend(SidebarPanel, bpy.types.Panel):
    """State of the backend."""

    bl_idname = "STYLE_AVATAR_PT_backend"
    bl_label = "Backend"
    bl_order = 90
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        draw_backend(self.layout, context)
        row = self.layout.row(align=True)
        row.operator(STYLE_AVATAR_OT_preferences.bl_idname, icon="PREFERENCES")
        row.operator(STYLE_AVATAR_OT_copy_report.bl_idname, icon="COPYDOWN")


def draw_backend(layout: Any, context: Any) -> None:
    """State, and the button that fits it."""
    status = SESSION.status()
    draw_status(layout, context, status)
    if status.state in {"starting", "ready"}:
        draw_button(layout, context, STYLE_AVATAR_OT_stop_backend, icon="CANCEL")
    else:
        preferences = preferences_of(context)
        connects = preferences is not None and preferences.connect
        if preferences is not None and (status.state == "failed" or not (preferences.environment or connects)):
            field, hint = ("runtime_file", "Runtime File") if connects else ("environment", "Environment")
            layout.prop(preferences, field, text="", placeholder=hint)
        text = tr("Connect to Running Backend") if connects else ""
        draw_button(layout, context, STYLE_AVATAR_OT_start_backend, text=text, icon="PLAY")


def draw_status(layout: Any, context: Any, status: Status) -> None:
    """Version, device and state; when something is wrong, what and what to do."""
    if status.state == "ready" and status.version:
        column = layout.column(align=True)
        column.scale_y = 0.8
        device = status.device or status.device_kind.upper()
        kind = {"cuda": "GPU", "cpu": "CPU"}.get(status.device_kind, "")
        column.label(text=f"Style Avatar {status.version}", icon="CHECKMARK", translate=False)
        draw_text(column, context, f"{kind}: {device}" if kind and kind not in device else device, icon="BLANK1")
        state = tr(WORKERS.get(status.worker, "Ready"))
        waiting = tr("{count} waiting").format(count=status.queued) if status.queued else ""
        column.label(text=", ".join(filter(None, (state, waiting))), icon="BLANK1", translate=False)
        return
    text = " ".join(filter(None, (tr(status.sentence), tr(status.advice) if status.advice else "")))
    draw_text(layout, context, text, icon=ICONS.get(status.state, "INFO"), alert=status.state == "failed")


CLASSES = (STYLE_AVATAR_PT_backend,)
