"""What all operators share: they say why they cannot be used, and why they gave up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy
from bpy_extras.io_utils import ExportHelper  # type: ignore[import-not-found]

from ..translations import tr

UNDO: Final = {"REGISTER", "UNDO"}  # `bl_options` of an operator that changes the file


class Explained:
    """Mixin of operators, before `bpy.types.Operator`: Blender greys the button while `disabled_reason` says anything.

    `panels.base.draw_button` writes the reason under the button; Blender shows it in the tooltip.
    """

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """Why the operator cannot run now, as one translated sentence with the next step; "" when it can."""
        return ""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Blender's question whether the operator can run."""
        reason = cls.disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

    def refuse(self, reason: str) -> set[str]:
        """What `execute` returns when it gives up; the artist reads the translated `reason`."""
        self.report({"ERROR"}, reason)  # type: ignore[attr-defined]
        return {"CANCELLED"}


class SavesFile(Explained, ExportHelper):
    """Mixin of operators that write a file: they ask where, and say so when it cannot be written."""

    filename_ext = ""
    pattern = ""  # of the files that are shown; "": those with `filename_ext`
    filter_glob: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask where."""
        self.filter_glob = self.pattern or f"*{self.filename_ext}"
        if name := self.proposed(context):
            self.filepath = name
        return ExportHelper.invoke(self, context, event)

    def execute(self, context: Any) -> set[str]:
        """Write it."""
        try:
            note = self.save(context, Path(bpy.path.abspath(self.filepath)))
        except (RuntimeError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            return self.refuse(tr("The file cannot be written: {reason}").format(reason=reason))
        if note:
            self.report({"INFO"}, note)
        return {"FINISHED"}

    def proposed(self, context: Any) -> str:
        """The path that is proposed; "" for the name of the Blender file."""
        return ""

    def save(self, context: Any, path: Path) -> str:
        """Write the file; returns what to tell the artist. RuntimeError and OSError are told, too."""
        raise NotImplementedError

    def beside_the_file(self, name: str) -> str:
        """A path for `name` with the operator's ending, where the Blender file is, else in the artist's own folder."""
        folder = Path(bpy.data.filepath).parent if bpy.data.filepath else Path.home()
        return str(folder / f"{bpy.path.clean_name(name)}{self.filename_ext}")


def settings_of(context: Any) -> Any:
    """The add-on's settings of the current scene (see `properties`)."""
    return context.scene.style_avatar


def head_reason(context: Any) -> str:
    """Why the active object is no head, or ""."""
    head = context.object
    if head is None or "style_avatar_identity" not in head or head.type != "MESH" or head.data.shape_keys is None:
        return tr("Select a head that Style Avatar made.")
    return ""


def head_in_object_mode_reason(context: Any) -> str:
    """Why the active object is no head that can be exported or edited now, or ""."""
    if reason := head_reason(context):
        return reason
    return "" if context.mode == "OBJECT" else tr("Go back to Object Mode first.")


def busy_reason(busy: str) -> str:
    """The sentence for a button that has to wait for `busy`, a translated name of what is running."""
    return tr("{name} is running. Wait for it or press Cancel.").format(name=busy)
