"""One click per file format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper  # type: ignore[import-not-found]

from .. import compat
from ..output import export
from ..translations import tr
from .base import Explained


class _Export(Explained, ExportHelper):
    """What the formats have in common."""

    needs = ""
    format_name = ""
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender's own way

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_reason(context):
            return reason
        if not compat.has_operator(cls.needs):
            return tr("This Blender was built without {name}; use the official build.").format(name=cls.format_name)
        return ""

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask where, with the head's name as the file's."""
        folder = Path(bpy.data.filepath).parent if bpy.data.filepath else Path.home()
        self.filepath = str(folder / f"{bpy.path.clean_name(context.object.name)}{self.filename_ext}")
        return ExportHelper.invoke(self, context, event)

    def execute(self, context: Any) -> set[str]:
        """Write it."""
        try:
            self.write(context.object, Path(self.filepath))
        except (RuntimeError, OSError) as error:
            self.report({"ERROR"}, tr("The file cannot be written: {reason}").format(reason=error))
            return {"CANCELLED"}
        self.report({"INFO"}, tr("{name} is written.").format(name=Path(self.filepath).name))
        return {"FINISHED"}

    def write(self, head_object: Any, path: Path) -> None:
        """Write the format."""
        raise NotImplementedError


def head_reason(context: Any) -> str:
    """Why the active object is no head, or ""."""
    head = context.object
    if head is None or "style_avatar_identity" not in head or head.type != "MESH" or head.data.shape_keys is None:
        return tr("Select a head that Style Avatar made.")
    if context.mode != "OBJECT":
        return tr("Go back to Object Mode first.")
    return ""


class STYLE_AVATAR_OT_export_fbx(_Export, bpy.types.Operator):
    """FBX."""

    bl_idname = "style_avatar.export_fbx"
    bl_label = "Export FBX"
    bl_description = "Write the head with its shape keys and their animation as FBX, for game engines and Maya"
    filename_ext, needs, format_name = ".fbx", "export_scene.fbx", "FBX"
    filter_glob: bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"})  # type: ignore[valid-type]

    def write(self, head_object: Any, path: Path) -> None:
        """See `_Export`."""
        export.export_fbx(head_object, path)


class STYLE_AVATAR_OT_export_gltf(_Export, bpy.types.Operator):
    """glTF."""

    bl_idname = "style_avatar.export_gltf"
    bl_label = "Export glTF"
    bl_description = "Write the head with its shape keys and their animation as one .glb, for the web and game engines"
    filename_ext, needs, format_name = ".glb", "export_scene.gltf", "glTF"
    filter_glob: bpy.props.StringProperty(default="*.glb", options={"HIDDEN"})  # type: ignore[valid-type]

    def write(self, head_object: Any, path: Path) -> None:
        """See `_Export`."""
        export.export_gltf(head_object, path)


class STYLE_AVATAR_OT_export_usd(_Export, bpy.types.Operator):
    """USD."""

    bl_idname = "style_avatar.export_usd"
    bl_label = "Export USD"
    bl_description = "Write the head with its shape keys as blend shapes and their animation as USD, for film packages"
    filename_ext, needs, format_name = ".usdc", "wm.usd_export", "USD"
    filter_glob: bpy.props.StringProperty(default="*.usdc;*.usd;*.usda", options={"HIDDEN"})  # type: ignore[valid-type]

    def write(self, head_object: Any, path: Path) -> None:
        """See `_Export`."""
        export.export_usd(head_object, path)


class STYLE_AVATAR_OT_export_alembic(_Export, bpy.types.Operator):
    """Alembic."""

    bl_idname = "style_avatar.export_alembic"
    bl_label = "Export Alembic"
    bl_description = "Write the moving mesh, baked on every frame of the scene's range, as Alembic"
    filename_ext, needs, format_name = ".abc", "wm.alembic_export", "Alembic"
    filter_glob: bpy.props.StringProperty(default="*.abc", options={"HIDDEN"})  # type: ignore[valid-type]

    def write(self, head_object: Any, path: Path) -> None:
        """See `_Export`."""
        export.export_alembic(head_object, path)


FORMATS = (
    STYLE_AVATAR_OT_export_fbx,
    STYLE_AVATAR_OT_export_gltf,
    STYLE_AVATAR_OT_export_usd,
    STYLE_AVATAR_OT_export_alembic,
)
CLASSES = FORMATS
