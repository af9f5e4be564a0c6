"""The first panel of the tab: from a voice to a talking head."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.animate import STYLE_AVATAR_OT_animate, STYLE_AVATAR_OT_cancel
from ..operators.measure import STYLE_AVATAR_OT_measure_style, STYLE_AVATAR_OT_save_style
from ..operators.report import STYLE_AVATAR_OT_copy_report, STYLE_AVATAR_OT_dismiss
from ..session import SESSION
from ..translations import tr
from .backend import draw_backend
from .base import CLOSED, SidebarPanel, draw_button, draw_progress, draw_text, draw_trouble, form


class STYLE_AVATAR_PT_animate(SidebarPanel, bpy.types.Panel):
    """Voice, face and style in, a talking head out."""

    bl_idname = "STYLE_AVATAR_PT_animate"
    bl_label = "Talking Head"
    bl_order = 0

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar
        if SESSION.backend() is None:
            box = layout.box()
            draw_backend(box, context)
        column = layout.column()
        column.enabled = SESSION.work is None
        draw_voice(column, context, settings)
        draw_face(column, settings)
        draw_style(column, context, settings)
        section(column, "Motion").row().prop(settings, "motion", expand=True)
        layout.separator()
        draw_go(layout, context)


def draw_voice(layout: Any, context: Any, settings: Any) -> None:
    """Where the voice comes from."""
    column = section(layout, "Voice")
    column.row().prop(settings, "voice_source", expand=True)
    if settings.voice_source == "STRIP":
        column.prop(settings, "voice_strip", text="", icon="SOUND")
    else:
        column.prop(settings, "voice_file", text="", placeholder="Sound File")


def draw_face(layout: Any, settings: Any) -> None:
    """Whose face speaks."""
    column = section(layout, "Face")
    column.row().prop(settings, "face_source", expand=True)
    if settings.face_source == "PHOTO":
        column.prop(settings, "photo", text="", placeholder="Photo")
    elif settings.face_source == "HEAD":
        column.prop(settings, "head", text="")


def draw_style(layout: Any, context: Any, settings: Any) -> None:
    """The way of speaking."""
    column = section(layout, "Style")
    column.row().prop(settings, "style_source", expand=True)
    if settings.style_source in {"PRESET", "MIX"}:
        column.prop(settings, "style", text="")
    if settings.style_source == "PRESET":
        if description := SESSION.styles.get(settings.style_name):
            description = tr(description)
            draw_text(column, context, description[:1].upper() + description[1:] + ".")
    elif settings.style_source == "MIX":
        column.prop(settings, "second_style", text="")
        column.prop(settings, "share", slider=True)
    elif settings.style_source == "FILE":
        column.prop(settings, "style_file", text="", placeholder="Style File")
    else:
        column.prop(settings, "video", text="", placeholder="Video")
        if settings.measured_style:
            row = column.row(align=True)
            row.label(text=settings.measured_name, icon="CHECKMARK", translate=False)
            row.operator(STYLE_AVATAR_OT_save_style.bl_idname, text="", icon="FILE_TICK")
        draw_button(column, context, STYLE_AVATAR_OT_measure_style, icon="VIEWZOOM")


def draw_go(layout: Any, context: Any) -> None:
    """The button, or how far it is; then what came of it."""
    if not SESSION.busy:
        draw_button(layout, context, STYLE_AVATAR_OT_animate, icon="PLAY", scale=1.4)
    draw_running(layout, context)
    draw_done(layout, context)


def draw_running(layout: Any, context: Any) -> None:
    """How far what runs is."""
    work, measure = SESSION.work, SESSION.measure
    if work is not None:
        draw_progress(layout, tr(work.stage), work.fraction, work.seconds_left)
        draw_button(layout, context, STYLE_AVATAR_OT_cancel, icon="X")
    elif measure is not None:
        draw_progress(layout, tr(measure.snapshot.stage), measure.snapshot.fraction, measure.snapshot.eta)
        draw_button(layout, context, STYLE_AVATAR_OT_cancel, icon="X")


def draw_done(layout: Any, context: Any) -> None:
    """What came of the last thing that ran."""
    if SESSION.note and SESSION.work is None:
        ready = tr("{name} is ready. Press Space to play.").format(name=SESSION.note)
        draw_text(layout, context, SESSION.said or ready, icon="CHECKMARK")
    if SESSION.trouble is not None:
        box = layout.box()
        draw_trouble(box, context, SESSION.trouble)
        row = box.row(align=True)
        row.operator(STYLE_AVATAR_OT_copy_report.bl_idname, icon="COPYDOWN")
        row.operator(STYLE_AVATAR_OT_dismiss.bl_idname, text="", icon="X")


def section(layout: Any, title: str) -> Any:
    """A column under a small title."""
    layout.separator(factor=0.5)
    column = layout.column(align=True)
    column.label(text=tr(title), translate=False)
    return column


class STYLE_AVATAR_PT_transcript(SidebarPanel, bpy.types.Panel):
    """What is said."""

    bl_idname = "STYLE_AVATAR_PT_transcript"
    bl_parent_id = "STYLE_AVATAR_PT_animate"
    bl_label = "Transcript"
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        settings = context.scene.style_avatar
        column = self.layout.column(align=True)
        column.enabled = SESSION.work is None
        column.row().prop(settings, "transcript_source", expand=True)
        if settings.transcript_source == "TYPED":
            column.prop(settings, "transcript", text="")
        elif settings.transcript_source == "TEXT":
            column.template_ID(settings, "transcript_text", new="text.new", open="text.open")


class STYLE_AVATAR_PT_amounts(SidebarPanel, bpy.types.Panel):
    """How much of everything."""

    bl_idname = "STYLE_AVATAR_PT_amounts"
    bl_parent_id = "STYLE_AVATAR_PT_animate"
    bl_label = "Amount"

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        settings = context.scene.style_avatar
        layout = form(self.layout)
        column = layout.column(align=True)
        for name in ("lips", "jaw", "brows", "blinks", "gaze", "head_motion"):
            column.prop(settings, name, slider=True)
        layout.prop(settings, "seed")


class STYLE_AVATAR_PT_scene(SidebarPanel, bpy.types.Panel):
    """What is put into the scene."""

    bl_idname = "STYLE_AVATAR_PT_scene"
    bl_parent_id = "STYLE_AVATAR_PT_animate"
    bl_label = "Scene"
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        settings = context.scene.style_avatar
        layout = form(self.layout)
        if settings.voice_source == "FILE":
            layout.prop(settings, "first_frame")
        column = layout.column(align=True)
        column.use_property_split = False  # the names need the whole width
        column.prop(settings, "staged")
        column.prop(settings, "follow")
        column.prop(settings, "pack")


CLASSES = (STYLE_AVATAR_PT_animate, STYLE_AVATAR_PT_transcript, STYLE_AVATAR_PT_amounts, STYLE_AVATAR_PT_scene)
