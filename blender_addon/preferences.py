"""What the artist sets once for this machine: where the backend is and how it starts."""

from __future__ import annotations

from typing import Any

import bpy


class StyleAvatarPreferences(bpy.types.AddonPreferences):
    """Preferences of the add-on."""

    bl_idname = __package__ or "blender_addon"

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
        from .panels.backend import draw_preferences

        draw_preferences(self.layout, context, self)


def preferences_of(context: Any) -> Any | None:
    """The add-on's preferences; None when it was registered by hand, without Blender's list of add-ons."""
    addon = context.preferences.addons.get(StyleAvatarPreferences.bl_idname)
    return addon.preferences if addon else None


CLASSES = (StyleAvatarPreferences,)
