"""The settings of a scene: `Scene.style_avatar`."""

from __future__ import annotations

import bpy


class StyleAvatarSettings(bpy.types.PropertyGroup):
    """What the artist chose in this scene; saved with the file."""

    seed: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Variation",
        description="Another number gives other blinks, glances and head movements for the same voice",
        min=0,
        max=2**31 - 1,
    )


CLASSES = (StyleAvatarSettings,)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar = bpy.props.PointerProperty(type=StyleAvatarSettings)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar
