"""Animate, and Cancel."""

from __future__ import annotations

from typing import Any

import bpy

from ..folders import cache_folder, new_result_folder
from ..jobs.choices import asked_of, missing, order_of, recipe_of
from ..jobs.recipe import remembering
from ..jobs.work import Work
from ..session import SESSION, wake
from ..translations import tr
from ..translations.codes import told
from ..trouble import ClientError
from .base import Explained, busy_reason, settings_of


def backend_reason() -> str:
    """Why the backend cannot be asked, or ""."""
    if SESSION.backend() is not None:
        return ""
    return tr("The backend is starting.") if SESSION.status().state == "starting" else tr("Start the backend first.")


class STYLE_AVATAR_OT_animate(Explained, bpy.types.Operator):
    """Let the head speak."""

    bl_idname = "style_avatar.animate"
    bl_label = "Animate"
    bl_description = "Compute how the face speaks the voice, and build it. Blender can be used meanwhile; Esc cancels"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - a step before everything that is built, so that one undo leads here

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if SESSION.busy:
            return busy_reason(tr(SESSION.busy))
        return backend_reason() or missing(settings_of(context), context.scene)

    def execute(self, context: Any) -> set[str]:
        """Begin; a timer does the rest."""
        backend = SESSION.backend()
        assert backend is not None
        settings = settings_of(context)
        folder = new_result_folder(context)
        try:
            asked = asked_of(settings, context.scene, folder)
        except ClientError as error:
            SESSION.show(error.trouble)
            return self.refuse(told(error.trouble))
        order, remember = order_of(settings, context.scene), remembering(recipe_of(settings, context.scene))
        heads = cache_folder(context) / "heads"
        SESSION.begin(Work(backend, asked, order, folder, heads, self.bl_label, remember))
        return {"FINISHED"}


class STYLE_AVATAR_OT_cancel(Explained, bpy.types.Operator):
    """Stop what is being computed"""

    bl_idname = "style_avatar.cancel"
    bl_label = "Cancel"
    bl_description = "Stop what is being computed and take back what was built of it (Esc)"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if SESSION.work or SESSION.measure else tr("Nothing is being computed.")

    def execute(self, context: Any) -> set[str]:
        """Give up."""
        if SESSION.work is not None:
            SESSION.work.cancel()
        if SESSION.measure is not None:
            SESSION.measure.cancel()
        wake()
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_animate, STYLE_AVATAR_OT_cancel)

_keys: list[tuple[Any, Any]] = []


def register() -> None:
    """Let Esc cancel in every window; the key is free for everything else while nothing is being computed."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:  # None without windows
        keymap = configuration.keymaps.new(name="Window", space_type="EMPTY")
        _keys.append((keymap, keymap.keymap_items.new(STYLE_AVATAR_OT_cancel.bl_idname, "ESC", "PRESS")))


def unregister() -> None:
    """Give Esc back."""
    for keymap, item in _keys:
        keymap.keymap_items.remove(item)
    _keys.clear()
