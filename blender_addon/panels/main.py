"""The first panel of the tab: from a voice to a talking head."""

from __future__ import annotations

from typing import Any

import bpy

from .base import SidebarPanel


class STYLE_AVATAR_PT_animate(SidebarPanel, bpy.types.Panel):
    """Voice, photo and style in, a talking head out."""

    bl_idname = "STYLE_AVATAR_PT_animate"
    bl_label = "Animate"
    bl_order = 0

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        settings = context.scene.style_avatar
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.layout.prop(settings, "seed")


CLASSES = (STYLE_AVATAR_PT_animate,)
