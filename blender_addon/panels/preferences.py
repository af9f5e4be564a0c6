"""What the artist sets once for this machine: where the backend is and how it starts."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.report import STYLE_AVATAR_OT_copy_report
from ..preferences import ADDON
from .backend import draw_backend


class StyleAvatarPreferences(bpy.types.AddonPreferences):
    """Preferences of the add-on."""

    bl_idname = ADDON

    environment: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Environment",
        description="Folder of the Python environment with Style Avatar, or of a project that has one in .venv",
        subtype="DIR_PATH",
    )
    autostart: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Start with Blender",
        description="Start the backend whenever Blender starts; otherwise it starts when you press the button",
        default=False,
    )
    cache_folder: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Cache Folder",
        description="Folder for the backend's jobs and results; leave it empty for the usual place",
        subtype="DIR_PATH",
    )
    connect: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Connect to Running Backend",
        description="Use a backend that was started outside of Blender on this computer, as farms do",
        default=False,
    )
    runtime_file: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Runtime File",
        description="File that the running backend wrote when it started (style-avatar serve --runtime FILE)",
        subtype="FILE_PATH",
    )

    def draw(self, context: Any) -> None:
        """Draw the preferences."""
        column = self.layout.column()
        column.use_property_split = True
        if self.connect:
            column.prop(self, "runtime_file")
        else:
            column.prop(self, "environment")
            column.prop(self, "autostart")
        column.prop(self, "cache_folder")
        column.prop(self, "connect")
        box = self.layout.box()
        draw_backend(box, context)
        row = box.row()
        row.alignment = "LEFT"
        row.operator(STYLE_AVATAR_OT_copy_report.bl_idname, icon="COPYDOWN")


CLASSES = (StyleAvatarPreferences,)
