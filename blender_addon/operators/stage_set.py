"""A set around the selected head: backdrop and light, to render it in."""

from __future__ import annotations

from math import degrees
from pathlib import Path
from typing import Any, Final

import bpy

from ..session import SESSION
from ..stage import lights
from ..stage.build import GAMMA, MARK, SetOrder, build_set, remove_set
from ..translations import tr
from .base import UNDO, Explained, busy_reason
from .performance import head_here_reason

LIGHTS: Final = (
    ("SOFT", "Studio, Soft", "A large key light, a fill and a rim light"),
    ("RIM", "Studio, Rim", "Two rim lights, cold and warm, before a dark backdrop"),
    ("WINDOW", "Window", "A large window at the side of a dim room"),
    ("DAYLIGHT", "Daylight", "A low sun under a bright sky"),
    (lights.PHOTO, "Photo", "The light that fell on the face in the photo the head was made from"),
    (lights.PANORAMA, "Panorama", "An equirectangular panorama (.hdr or .exr)"),
    (lights.SCENE, "Scene", "The lamps and the world that the scene has"),
)


class StyleAvatarSet(bpy.types.PropertyGroup):
    """What the artist chose for the set; saved with the file."""

    light: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Light", description="What lights the head", items=LIGHTS, default="SOFT"
    )
    panorama: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Panorama", description="An equirectangular panorama (.hdr or .exr)", subtype="FILE_PATH"
    )
    turn: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Turn", description="How far the panorama is turned about the head", subtype="ANGLE", default=0.0
    )
    backdrop: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Backdrop", description="Paper that hangs behind the head and curves into the floor", default=True
    )


class STYLE_AVATAR_OT_build_set(Explained, bpy.types.Operator):
    """Build the set."""

    bl_idname = "style_avatar.build_set"
    bl_label = "Build Set"
    bl_description = (
        "Put a backdrop and this light around the selected head, and a camera where there is none; "
        "an earlier set and the lamps that came with the head go"
    )
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_here_reason(context):
            return reason
        settings = context.scene.style_avatar_set
        if settings.light == lights.PHOTO and not any(context.object.get(GAMMA, ())):
            return tr("This head was made without a photo; choose another light.")
        if settings.light == lights.PANORAMA and not settings.panorama:
            return tr("Choose a panorama, an .hdr or .exr file.")
        return ""

    def execute(self, context: Any) -> set[str]:
        """Build it at once: it is a few lamps."""
        settings = context.scene.style_avatar_set
        panorama = Path(bpy.path.abspath(settings.panorama)) if settings.light == lights.PANORAMA else None
        order = SetOrder(settings.light, panorama, degrees(settings.turn), settings.backdrop)
        try:
            build_set(context.scene, context.object, order)
        except lights.PanoramaError as error:
            return self.refuse(tr(error.text).format(**error.facts))
        return {"FINISHED"}


class STYLE_AVATAR_OT_remove_set(Explained, bpy.types.Operator):
    """Take the set away."""

    bl_idname = "style_avatar.remove_set"
    bl_label = "Remove Set"
    bl_description = "Take the backdrop and the lamps of the set away; camera and world stay"
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if SESSION.busy:
            return busy_reason(tr(SESSION.busy))
        there = any(one.get(MARK) for one in context.scene.collection.children)
        return "" if there else tr("The scene has no set.")

    def execute(self, context: Any) -> set[str]:
        """Remove it."""
        remove_set(context.scene)
        return {"FINISHED"}


CLASSES = (StyleAvatarSet, STYLE_AVATAR_OT_build_set, STYLE_AVATAR_OT_remove_set)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar_set = bpy.props.PointerProperty(type=StyleAvatarSet)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar_set
