"""Dynamic textures."""

from __future__ import annotations

from typing import Any

import bpy

from ..building.baked import packed
from ..building.living import NODE, materials_of, worn
from ..operators.base import head_reason
from ..operators.subject import STYLE_AVATAR_OT_subject_textures
from ..operators.textures import (
    STYLE_AVATAR_OT_bake_textures,
    STYLE_AVATAR_OT_live_textures,
    STYLE_AVATAR_OT_pack_textures,
    STYLE_AVATAR_OT_remove_textures,
    STYLE_AVATAR_OT_restore_textures,
)
from ..session import SESSION
from ..translations import tr
from .base import CLOSED, SidebarPanel, draw_button
from .main import draw_done, draw_running


class STYLE_AVATAR_PT_textures(SidebarPanel, bpy.types.Panel):
    """Live, baked, or neither."""

    bl_idname = "STYLE_AVATAR_PT_textures"
    bl_label = "Dynamic Textures"
    bl_order = 25
    bl_options = CLOSED

    def draw(self, context: Any) -> None:
        """Draw the panel."""
        layout, settings = self.layout, context.scene.style_avatar_textures
        draw_running(layout, context)
        draw_done(layout, context)
        column = layout.column(align=True)
        column.enabled = not SESSION.busy
        column.prop(settings, "own", text="", placeholder="Learned Texture")
        draw_button(column, context, STYLE_AVATAR_OT_subject_textures, icon="FILE_FOLDER")
        draw_button(layout, context, STYLE_AVATAR_OT_live_textures, icon="DRIVER")
        state = "" if head_reason(context) else worn(context.object)
        if state == "live":
            _draw_strengths(layout, context.object)
        column = layout.column(align=True)
        column.enabled = not SESSION.busy
        column.prop(settings, "renderer")
        column.prop(settings, "size", text="Size")
        draw_button(layout, context, STYLE_AVATAR_OT_bake_textures, icon="RENDER_RESULT")
        if state == "baked":
            draw_button(layout, context, STYLE_AVATAR_OT_pack_textures, icon="PACKAGE")
            if packed(context.object) is not None:
                draw_button(layout, context, STYLE_AVATAR_OT_restore_textures, icon="FILE_FOLDER")
        draw_button(layout, context, STYLE_AVATAR_OT_remove_textures, icon="X")


def _draw_strengths(layout: Any, head_object: Any) -> None:
    """How strong lines, shade and blood are, for each material."""
    for material in materials_of(head_object):
        node = material.node_tree.nodes.get(NODE)
        sockets = [socket for socket in node.inputs if socket.type == "VALUE"] if node is not None else []
        if sockets:
            column = layout.column(align=True)
            column.label(text=material.name, translate=False)
            for socket in sockets:
                column.prop(socket, "default_value", text=tr(socket.name), translate=False)


CLASSES = (STYLE_AVATAR_PT_textures,)
