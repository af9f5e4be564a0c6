"""Files for other programs, and the video."""

from __future__ import annotations

from typing import Any

import bpy

from ..hair.objects import hair_of
from ..operators.export import FORMATS
from ..operators.render import STYLE_AVATAR_OT_cancel_film, STYLE_AVATAR_OT_open_folder, STYLE_AVATAR_OT_render_film
from ..output.rendering import Rendering
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, draw_progress, draw_text, draw_trouble


class STYLE_AVATAR_PT_export(SidebarPanel, bpy.types.Panel):
    """Export and render."""

    bl_idname = "STYLE_AVATAR_PT_export"
    bl_label = "Export and Render"
    bl_order = 40
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_edit
        reasons = [one.disabled_reason(context) for one in FORMATS]
        if all(reasons):  # one reason for all is said once
            row = layout.grid_flow(columns=2, align=True)
            for one in FORMATS:
                row.operator(one.bl_idname)
            draw_text(layout, context, reasons[0], icon="INFO")
        else:
            for one in FORMATS:
                draw_button(layout, context, one, icon="EXPORT")
            if context.object is not None and hair_of(context.object):
                layout.prop(context.scene.style_avatar_hair, "cards")
        layout.separator()
        column = layout.column(align=True)
        for name in ("engine", "height", "samples"):
            column.prop(settings, name)
        film = Rendering.film
        if film is not None and not film.finished:
            draw_progress(layout, tr("Rendering"), film.fraction, None)
            draw_button(layout, context, STYLE_AVATAR_OT_cancel_film, icon="X")
            return
        draw_button(layout, context, STYLE_AVATAR_OT_render_film, icon="RENDER_ANIMATION")
        if film is not None and film.trouble is not None:
            draw_trouble(layout, context, film.trouble)
        elif film is not None and film.output.is_file():
            draw_text(layout, context, str(film.output), icon="CHECKMARK")
            draw_button(layout, context, STYLE_AVATAR_OT_open_folder, icon="FILE_FOLDER")


CLASSES = (STYLE_AVATAR_PT_export,)
