"""The report for those who can help, and putting an error aside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import bpy

from ..hosting.environment import addon_version
from ..report import report_text
from ..session import SESSION
from ..translations import tr
from .base import Explained


class STYLE_AVATAR_OT_copy_report(Explained, bpy.types.Operator):
    """Copy the report."""

    bl_idname = "style_avatar.copy_report"
    bl_label = "Copy Report"
    bl_description = "Copy versions, the last error and the log to the clipboard, without names, words or keys"

    def execute(self, context: Any) -> set[str]:
        """Put it on the clipboard."""
        facts = {"add-on": addon_version(), "blender": bpy.app.version_string, "built for": bpy.app.build_platform}
        facts |= {f"backend {name}": value for name, value in asdict(SESSION.status()).items() if value}
        context.window_manager.clipboard = report_text(facts)
        self.report({"INFO"}, tr("The report is on the clipboard."))
        return {"FINISHED"}


class STYLE_AVATAR_OT_dismiss(Explained, bpy.types.Operator):
    """Put the message away."""

    bl_idname = "style_avatar.dismiss"
    bl_label = "Dismiss"
    bl_description = "Put this message away"

    def execute(self, context: Any) -> set[str]:
        """Forget it."""
        SESSION.trouble, SESSION.note = None, ""
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_copy_report, STYLE_AVATAR_OT_dismiss)
