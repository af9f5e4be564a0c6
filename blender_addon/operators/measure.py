"""A style from a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy

from ..folders import new_result_folder
from ..jobs.measure import Measure
from ..session import SESSION, wake
from ..translations import tr
from .base import Explained, SavesFile, busy_reason, settings_of


class STYLE_AVATAR_OT_measure_style(Explained, bpy.types.Operator):
    """Measure how the person in the video moves."""

    bl_idname = "style_avatar.measure_style"
    bl_label = "Measure Style"
    bl_description = "Measure how the person in the video speaks; the result is kept in this scene"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        settings = settings_of(context)
        if SESSION.busy:
            return busy_reason(tr(SESSION.busy))
        if SESSION.backend() is None:
            return tr("Start the backend first.")
        if not settings.video:
            return tr("Choose a video of a person who speaks.")
        return ""

    def execute(self, context: Any) -> set[str]:
        """Begin; a timer does the rest."""
        backend = SESSION.backend()
        assert backend is not None
        video = Path(bpy.path.abspath(settings_of(context).video))
        SESSION.trouble, SESSION.note = None, ""
        SESSION.measure = Measure(backend, video, video.stem, new_result_folder(context), context.scene.name)
        wake()
        return {"FINISHED"}


class STYLE_AVATAR_OT_save_style(SavesFile, bpy.types.Operator):
    """Save the measured style as a file."""

    bl_idname = "style_avatar.save_style"
    bl_label = "Save Style"
    bl_description = "Save the measured style as a file, for other scenes"
    filename_ext = ".json"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if settings_of(context).measured_style else tr("Choose a video and press Measure Style.")

    def proposed(self, context: Any) -> str:
        """The style's name."""
        return f"{settings_of(context).measured_name}{self.filename_ext}"

    def save(self, context: Any, path: Path) -> str:
        """Write the style document."""
        document = json.loads(settings_of(context).measured_style)
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        return ""


CLASSES = (STYLE_AVATAR_OT_measure_style, STYLE_AVATAR_OT_save_style)
