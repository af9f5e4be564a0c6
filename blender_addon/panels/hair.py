"""Hair, brows and beard of the selected head."""

from __future__ import annotations

from typing import Any

import bpy

from ..hair.add import worn_by
from ..operators.base import head_reason
from ..operators.hair import STYLE_AVATAR_OT_add_hair, STYLE_AVATAR_OT_remove_hair
from ..session import SESSION
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, form
from .main import draw_done, draw_running


class STYLE_AVATAR_PT_hair(SidebarPanel, bpy.types.Panel):
    """What the head wears."""

    bl_idname = "STYLE_AVATAR_PT_hair"
    bl_label = "Hair"
    bl_order = 15
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_hair
        column = form(layout.column())
        for name in ("cut", "beard", "brows"):
            column.prop(settings, name)
        column.separator(factor=0.5)
        column.prop(settings, "colour_source")
        if settings.colour_source == "NATURAL":
            column.prop(settings, "melanin", slider=True)
            column.prop(settings, "redness", slider=True)
        elif settings.colour_source == "OWN":
            column.prop(settings, "colour")
        column.separator(factor=0.5)
        column.prop(settings, "density")
        column.prop(settings, "seed")
        draw_running(layout, context)
        draw_done(layout, context)
        if not SESSION.busy:
            worn = None if head_reason(context) else worn_by(context.object)
            text = tr("Replace Hair") if worn is not None else ""
            draw_button(layout, context, STYLE_AVATAR_OT_add_hair, text=text, icon="CURVES_DATA", scale=1.2)
            if worn is not None:
                draw_button(layout, context, STYLE_AVATAR_OT_remove_hair, icon="X")


CLASSES = (STYLE_AVATAR_PT_hair,)
