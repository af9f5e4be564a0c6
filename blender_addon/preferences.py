"""What the artist sets once for this machine: where the backend is and how it starts."""

from __future__ import annotations

from typing import Any

import bpy


class StyleAvatarPreferences(bpy.types.AddonPreferences):
    """Preferences of the add-on."""

    bl_idname = __package__ or "blender_addon"

    environment: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Environment",
        description="Folder of the Python environment that the backend was installed in, such as .venv",
        subtype="DIR_PATH",
    )


def preferences_of(context: Any) -> Any | None:
    """The add-on's preferences; None when it was registered by hand, without Blender's list of add-ons."""
    addon = context.preferences.addons.get(StyleAvatarPreferences.bl_idname)
    return addon.preferences if addon else None


CLASSES = (StyleAvatarPreferences,)
