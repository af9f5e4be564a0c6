"""Render the talking video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..output import rendering
from ..output.rendering import Rendering
from ..translations import tr
from .base import Explained, SavesFile


class STYLE_AVATAR_OT_render_film(SavesFile, bpy.types.Operator):
    """Render the scene with its sound as a film."""

    bl_idname = "style_avatar.render_film"
    bl_label = "Render Video"
    bl_description = "Render the scene with its sound as an .mp4, in a second Blender, so that this one stays usable"
    filename_ext = ".mp4"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if Rendering.film is not None and not Rendering.film.finished:
            return tr("A video is being rendered. Wait for it or press Cancel.")
        if context.scene.camera is None:
            return tr("The scene has no camera; add one, or switch on Camera, Lights and Background.")
        if not bpy.app.build_options.codec_ffmpeg:
            return tr("This Blender was built without {name}; use the official build.").format(name="FFmpeg")
        return ""

    def proposed(self, context: Any) -> str:
        """The scene's name."""
        return self.beside_the_file(context.scene.name)

    def save(self, context: Any, path: Path) -> str:
        """Begin; a timer watches it."""
        settings = context.scene.style_avatar_edit
        size, samples = int(settings.height), int(settings.samples)
        rendering.begin(context.scene, path, engine=settings.engine, height=size, samples=samples)
        return ""


class STYLE_AVATAR_OT_cancel_film(Explained, bpy.types.Operator):
    """Stop rendering."""

    bl_idname = "style_avatar.cancel_film"
    bl_label = "Cancel"
    bl_description = "Stop rendering the video; no file is left"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        running = Rendering.film is not None and not Rendering.film.finished
        return "" if running else tr("No video is being rendered.")

    def execute(self, context: Any) -> set[str]:
        """Stop."""
        assert Rendering.film is not None
        Rendering.film.cancel()
        return {"FINISHED"}


class STYLE_AVATAR_OT_open_folder(Explained, bpy.types.Operator):
    """Show the folder with the video."""

    bl_idname = "style_avatar.open_folder"
    bl_label = "Open Folder"
    bl_description = "Show the folder with the video"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        film = Rendering.film
        there = film is not None and film.finished and film.output.is_file()
        return "" if there else tr("No video was rendered yet.")

    def execute(self, context: Any) -> set[str]:
        """Open it."""
        assert Rendering.film is not None
        bpy.ops.wm.path_open(filepath=str(Rendering.film.output.parent))
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_render_film, STYLE_AVATAR_OT_cancel_film, STYLE_AVATAR_OT_open_folder)


def unregister() -> None:
    """No film outlives the add-on."""
    rendering.unregister()
