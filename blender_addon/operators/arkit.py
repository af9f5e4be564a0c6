"""ARKit weights as CSV: out of a performance, and onto a head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ImportHelper  # type: ignore[import-not-found]

from ..driving.bake import Options
from ..driving.character import character_of, mapped
from ..driving.performance import missing, performance
from ..driving.running import DESK
from ..driving.source import SourceError
from ..driving.work import Order, name_of
from ..retarget import arkit_csv
from ..translations import tr
from .base import UNDO, Explained, SavesFile, busy_reason
from .drive import drive_now


class STYLE_AVATAR_OT_export_arkit(SavesFile, bpy.types.Operator):
    """Write the performance as CSV."""

    bl_idname = "style_avatar.export_arkit"
    bl_label = "Export ARKit CSV"
    bl_description = "Write the chosen performance in the format of Live Link Face, for other programs"
    filename_ext = ".csv"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return missing(context.scene.style_avatar_drive)

    def execute(self, context: Any) -> set[str]:
        """Write it."""
        try:
            return super().execute(context)
        except SourceError as error:
            return self.refuse(str(error))

    def save(self, context: Any, path: Path) -> str:
        """Write the performance that the panel names."""
        arkit_csv.write(performance(context.scene.style_avatar_drive, context.scene), path)
        return ""


class STYLE_AVATAR_OT_import_arkit(Explained, ImportHelper, bpy.types.Operator):
    """Put a recording onto a head."""

    bl_idname = "style_avatar.import_arkit"
    bl_label = "Import ARKit CSV"
    bl_description = "Let the selected head or character play a recording of Live Link Face, as a new Action"
    bl_options = UNDO
    filename_ext = ".csv"
    filter_glob: bpy.props.StringProperty(default="*.csv", options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if DESK.drive is not None:
            return busy_reason(tr("Drive Character"))
        if context.object is None or context.object.type not in {"MESH", "ARMATURE"}:
            return tr("Select a head, or a character with shape keys or bones.")
        return ""

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask for the file."""
        self.asked = True
        return set(ImportHelper.invoke(self, context, event))

    def execute(self, context: Any) -> set[str]:
        """Read and bake it: in pieces for an artist, at once for scripts."""
        settings, scene = context.scene.style_avatar_drive, context.scene
        order = Order(
            scene=scene.name,
            character=name_of(context.object),
            rows=tuple(mapped(character_of(context.object, scene))),
            options=Options(settings.first_frame, scene.render.fps / scene.render.fps_base),
            file=Path(bpy.path.abspath(self.filepath)),
            csv_rate=settings.csv_rate,
            label=Path(self.filepath).stem,
        )
        if not getattr(self, "asked", False):
            return drive_now(self, order)
        DESK.begin(order)
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_export_arkit, STYLE_AVATAR_OT_import_arkit)
