"""Textures that live: driven by the shape keys, or baked for every frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..building.baked import missing, pack_steps, packed, restore_steps
from ..building.living import materials_of, take_off, texture_image, worn
from ..building.steps import Outcome, Steps
from ..editing.played import unplayable
from ..folders import cache_folder, new_result_folder
from ..jobs.textures import BakeOrder, LiveOrder, PicturesJob, TextureJob
from ..session import SESSION
from ..translations import CONTEXT, tr
from .animate import backend_reason
from .base import UNDO, Explained
from .performance import head_here_reason


class StyleAvatarTextures(bpy.types.PropertyGroup):
    """What the artist chose for dynamic textures; saved with the file."""

    own: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Learned Texture",
        description="Dynamic texture of this person, learned from a video (.safetensors); empty: folds of any skin",
        subtype="FILE_PATH",
    )
    renderer: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Shading",
        description="Whose shading is baked in",
        translation_context=CONTEXT,
        items=(
            ("raster", "None", "Only what the texture itself does: quick"),
            ("neural", "Neural Renderer", "Shade in folds and light in the skin, as the neural renderer draws them"),
        ),
    )
    size: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Texture Size",
        description="Size of each picture; a second of 1024 takes some 20 to 40 MB",
        items=(("512", "512", "512 pixels"), ("1024", "1024", "1024 pixels"), ("2048", "2048", "2048 pixels")),
        default="1024",
    )


def textures_reason(context: Any) -> str:
    """Why the active object cannot wear dynamic textures now, or ""."""
    if reason := head_here_reason(context):
        return reason
    if not any(True for _ in materials_of(context.object)):
        return tr("{name} has lost its materials of skin and lips.").format(name=context.object.name)
    return ""


class _Asks(Explained):
    bl_options = {"UNDO"}  # noqa: RUF012 - a step before everything that is built, so that one undo leads here

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return textures_reason(context) or backend_reason()

    def begin(self, context: Any, order: LiveOrder | BakeOrder) -> set[str]:
        """Ask the backend; a timer does the rest."""
        backend = SESSION.backend()
        assert backend is not None
        folder, heads = new_result_folder(context), cache_folder(context) / "heads"
        name: str = self.bl_label  # type: ignore[attr-defined]
        SESSION.begin(TextureJob(backend, name, order, folder, heads))
        return {"FINISHED"}


class STYLE_AVATAR_OT_live_textures(_Asks, bpy.types.Operator):
    """Textures driven by the shape keys."""

    bl_idname = "style_avatar.live_textures"
    bl_label = "Live Textures"
    bl_description = (
        "Let skin and lips fold, shade and pale with the expression: images in the materials, driven by the shape keys "
        "and packed in the file"
    )

    def execute(self, context: Any) -> set[str]:
        """See `_Asks`."""
        return self.begin(context, LiveOrder(context.object.name, _own(context)))


class STYLE_AVATAR_OT_bake_textures(_Asks, bpy.types.Operator):
    """A picture for every frame."""

    bl_idname = "style_avatar.bake_textures"
    bl_label = "Bake Textures"
    bl_description = "Write a texture for every frame of what the head plays, and let skin and lips show them"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context) or unplayable(context.object):
            return reason
        if texture_image(context.object) is None and not context.scene.style_avatar_textures.own:
            return tr("The head shows no texture. Make a head from a photo.")
        return ""

    def execute(self, context: Any) -> set[str]:
        """See `_Asks`."""
        head, settings, render = context.object, context.scene.style_avatar_textures, context.scene.render
        order = BakeOrder(
            head=head.name,
            dynamic=_own(context),
            renderer=settings.renderer,
            size=int(settings.size),
            folder=_new_folder(context, head.name),
            work=new_result_folder(context),
            fps=render.fps / render.fps_base,
        )
        return self.begin(context, order)


class STYLE_AVATAR_OT_remove_textures(Explained, bpy.types.Operator):
    """The texture as it is."""

    bl_idname = "style_avatar.remove_textures"
    bl_label = "Remove"
    bl_description = "Let the head show its texture as it is again; pictures that were baked stay on the disk"
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := textures_reason(context):
            return reason
        return "" if worn(context.object) else tr("The head wears no dynamic textures.")

    def execute(self, context: Any) -> set[str]:
        """Take them off."""
        take_off(context.object)
        SESSION.tell(context.object.name, tr("{name} shows its texture as it is.").format(name=context.object.name))
        return {"FINISHED"}


class _MovesPictures(Explained):
    bl_options = {"UNDO"}  # noqa: RUF012 - see `_Asks`

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := textures_reason(context):
            return reason
        return "" if worn(context.object) == "baked" else tr("The head wears no baked textures.")

    def begin(self, steps: Callable[[], Steps[Outcome]]) -> set[str]:
        """Begin; a timer does the rest."""
        SESSION.begin(PicturesJob(self.bl_label, steps))  # type: ignore[attr-defined]
        return {"FINISHED"}


class STYLE_AVATAR_OT_pack_textures(_MovesPictures, bpy.types.Operator):
    """Baked pictures into the Blender file."""

    bl_idname = "style_avatar.pack_textures"
    bl_label = "Pack Pictures"
    bl_description = "Keep a copy of the baked pictures inside the Blender file, for other computers"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        return tr("The pictures are not where they were; press Restore Pictures.") if missing(context.object) else ""

    def execute(self, context: Any) -> set[str]:
        """See `_MovesPictures`."""
        head = context.object.name
        return self.begin(lambda: pack_steps(head))


class STYLE_AVATAR_OT_restore_textures(_MovesPictures, bpy.types.Operator):
    """Baked pictures out of the Blender file."""

    bl_idname = "style_avatar.restore_textures"
    bl_label = "Restore Pictures"
    bl_description = "Write the packed pictures into a new folder beside the Blender file, and show them from there"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        return "" if packed(context.object) is not None else tr("No pictures of this head are packed.")

    def execute(self, context: Any) -> set[str]:
        """See `_MovesPictures`."""
        head, folder = context.object.name, _new_folder(context, context.object.name)
        return self.begin(lambda: restore_steps(head, folder))


def _own(context: Any) -> Path | None:
    path = context.scene.style_avatar_textures.own
    return Path(bpy.path.abspath(path)) if path else None


def _new_folder(context: Any, head: str) -> Path:
    """A folder for pictures that is not there yet: beside the Blender file once it is saved, else in the cache."""
    beside = Path(bpy.data.filepath).parent if bpy.data.filepath else cache_folder(context)
    name, number = bpy.path.clean_name(head), 1
    while (folder := beside / "textures" / (f"{name}_{number}")).exists():
        number += 1
    return folder


CLASSES = (
    StyleAvatarTextures,
    STYLE_AVATAR_OT_live_textures,
    STYLE_AVATAR_OT_bake_textures,
    STYLE_AVATAR_OT_remove_textures,
    STYLE_AVATAR_OT_pack_textures,
    STYLE_AVATAR_OT_restore_textures,
)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar_textures = bpy.props.PointerProperty(type=StyleAvatarTextures)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar_textures
