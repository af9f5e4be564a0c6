"""A set around the head: light and backdrop."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.stage_set import STYLE_AVATAR_OT_build_set, STYLE_AVATAR_OT_remove_set
from ..stage.build import MARK
from ..stage.lights import PANORAMA
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button, form


class STYLE_AVATAR_PT_set(SidebarPanel, bpy.types.Panel):
    """What the head is rendered in."""

    bl_idname = "STYLE_AVATAR_PT_set"
    bl_label = "Set and Light"
    bl_order = 38
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_set
        column = form(layout.column())
        column.prop(settings, "light")
        if settings.light == PANORAMA:
            column.prop(settings, "panorama")
            column.prop(settings, "turn")
        column.prop(settings, "backdrop")
        there = any(one.get(MARK) for one in context.scene.collection.children)
        text = tr("Replace Set") if there else ""
        draw_button(layout, context, STYLE_AVATAR_OT_build_set, text=text, icon="LIGHT_AREA", scale=1.2)
        if there:
            draw_button(layout, context, STYLE_AVATAR_OT_remove_set, icon="X")


CLASSES = (STYLE_AVATAR_PT_set,)
