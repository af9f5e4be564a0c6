"""ARKit weights as CSV: out of a performance, and onto a head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ImportHelper  # type: ignore[import-not-found]

from ..driving.bake import Options, bake
from ..driving.character import character_of, mapped
from ..driving.performance import missing, performance
from ..driving.source import SourceError, of_file
from ..driving.verify import verified
from ..retarget import arkit_csv
from ..translations import tr
from .base import UNDO, Explained, SavesFile


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
        if context.object is None or context.object.type not in {"MESH", "ARMATURE"}:
            return tr("Select a head, or a character with shape keys or bones.")
        return ""

    def execute(self, context: Any) -> set[str]:
        """Read and bake it."""
        settings, scene = context.scene.style_avatar_drive, context.scene
        try:
            tracks = of_file(Path(self.filepath), settings.csv_rate)
        except SourceError as error:
            return self.refuse(str(error))
        character = character_of(context.object, scene)
        options = Options(settings.first_frame, scene.render.fps / scene.render.fps_base)
        baked = bake(character, replace(tracks, name=Path(self.filepath).stem), mapped(character), options)
        if not baked.shapes and not baked.bones:
            return self.refuse(tr("Nothing of this character is driven. Press Match Names, or add lines by hand."))
        found = verified(character, baked)
        settings.show_report(found)
        if wrong := [one for one in found if one.level == "ERROR"]:
            self.report({"WARNING"}, wrong[0].text)
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_export_arkit, STYLE_AVATAR_OT_import_arkit)
