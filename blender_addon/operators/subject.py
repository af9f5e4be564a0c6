"""Textures that were learned from a video of the person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..jobs.subject import DYNAMIC, WearSubject, is_subject
from ..session import SESSION
from ..translations import tr
from .base import Explained
from .textures import textures_reason


class STYLE_AVATAR_OT_subject_textures(Explained, bpy.types.Operator):
    """A learned person's skin."""

    bl_idname = "style_avatar.subject_textures"
    bl_label = "From Subject…"
    bl_description = (
        "Let the head wear the skin of a person that style-avatar subject learn has learned from a video: choose its "
        "folder"
    )
    bl_options = {"UNDO"}  # noqa: RUF012 - as in `textures`

    directory: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Folder", description="Folder that style-avatar subject learn wrote", subtype="DIR_PATH"
    )
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return textures_reason(context)

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask which folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Put the textures on, a little at a time; a timer does it."""
        folder = Path(bpy.path.abspath(self.directory))
        if not is_subject(folder):
            text = tr("{name} is not the folder of a learned person. Choose one that style-avatar subject learn wrote.")
            return self.refuse(text.format(name=folder.name))
        context.scene.style_avatar_textures.own = str(folder / DYNAMIC)
        SESSION.begin(WearSubject(self.bl_label, context.object.name, folder))
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_subject_textures,)
