"""Change one's mind: another style for all of it, or for a range, in one press."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..editing.changes import found_on
from ..folders import cache_folder, new_result_folder
from ..jobs import recipe
from ..jobs.again import Again, another_style, redo_range
from ..jobs.choices import missing_style
from ..jobs.work import Work
from ..session import SESSION
from ..translations import tr
from ..trouble import ClientError
from .animate import backend_reason
from .base import Explained, settings_of
from .performance import edit_reason


class _AsksAgain(Explained):
    bl_options = {"UNDO"}  # noqa: RUF012 - a step before everything that is built, so that one undo leads here

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := edit_reason(context) or backend_reason():
            return reason
        if recipe.ASKED not in found_on(context.object.name).action:
            return f"{tr(recipe.UNKNOWN)} {tr(recipe.MAKE_ONE)}"
        return ""

    def begin(self, context: Any, again: Callable[[Any, Any, Path], Again]) -> set[str]:
        """Ask the backend; a timer does the rest."""
        backend = SESSION.backend()
        assert backend is not None
        folder = new_result_folder(context)
        try:
            order = again(context.object, context.scene, folder)
        except ClientError as error:
            SESSION.show(error.trouble)
            return self.refuse(f"{tr(error.message)} {tr(error.advice)}")
        heads = cache_folder(context) / "heads"
        name: str = self.bl_label  # type: ignore[attr-defined]
        SESSION.begin(Work(backend, order.asked, order.order, folder, heads, name, order.remember))
        return {"FINISHED"}


class STYLE_AVATAR_OT_another_style(_AsksAgain, bpy.types.Operator):
    """The same voice in the chosen style."""

    bl_idname = "style_avatar.another_style"
    bl_label = "Another Style"
    bl_description = (
        "Let the head say the same in the style above: same voice, words, motion, amounts and variation, as a new "
        "Action; the one there is stays"
    )

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return super().disabled_reason(context) or missing_style(settings_of(context))

    def execute(self, context: Any) -> set[str]:
        """See `_AsksAgain`."""
        return self.begin(context, another_style)


class STYLE_AVATAR_OT_redo_range(_AsksAgain, bpy.types.Operator):
    """A sentence once more."""

    bl_idname = "style_avatar.redo_range"
    bl_label = "Redo Range"
    bl_description = (
        "Compute the voice once more with what is new and replace only the frames of the range, as a new Action; "
        "other keys stay as they are"
    )

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        edit = context.scene.style_avatar_edit
        if edit.last < edit.first:
            return tr("The range ends before it begins.")
        if not edit.new:
            return tr("Choose what is new in the range.")
        return missing_style(settings_of(context)) if "STYLE" in edit.new else ""

    def execute(self, context: Any) -> set[str]:
        """See `_AsksAgain`."""
        return self.begin(context, redo_range)


class STYLE_AVATAR_OT_pick_range(Explained, bpy.types.Operator):
    """The range from the timeline."""

    bl_idname = "style_avatar.pick_range"
    bl_label = "From Timeline"
    bl_description = "Take the range from the first and last selected marker, else from the preview range"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if _picked(context.scene) else tr("Select two markers, or set a preview range (P in the timeline).")

    def execute(self, context: Any) -> set[str]:
        """Write it into the panel."""
        found = _picked(context.scene)
        assert found is not None
        edit = context.scene.style_avatar_edit
        edit.first, edit.last = found
        return {"FINISHED"}


def _picked(scene: Any) -> tuple[int, int] | None:
    marked = sorted(marker.frame for marker in scene.timeline_markers if marker.select)
    if len(marked) > 1:
        return marked[0], marked[-1]
    return (scene.frame_preview_start, scene.frame_preview_end) if scene.use_preview_range else None


CLASSES = (STYLE_AVATAR_OT_another_style, STYLE_AVATAR_OT_redo_range, STYLE_AVATAR_OT_pick_range)
