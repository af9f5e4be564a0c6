"""Start and stop the backend."""

from __future__ import annotations

from typing import Any

import bpy

from ..hosting.host import make_host
from ..preferences import preferences_of
from ..session import SESSION
from ..translations import tr
from .base import Explained


class STYLE_AVATAR_OT_start_backend(Explained, bpy.types.Operator):
    """Start the backend that computes the movement; it runs on this computer and ends with Blender"""

    bl_idname = "style_avatar.start_backend"
    bl_label = "Start Backend"
    bl_description = "Start the backend that computes the movement; it runs on this computer and ends with Blender"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        preferences = preferences_of(context)
        if preferences is None:
            return tr("Switch the add-on on in the preferences first.")
        if SESSION.status().state in {"starting", "ready"}:
            return tr("The backend is running already.")
        if preferences.connect and not preferences.runtime_file:
            return tr("Choose the runtime file of the running backend in the preferences.")
        return ""

    def execute(self, context: Any) -> set[str]:
        """Start it; the panel shows how far it is."""
        SESSION.start(make_host(preferences_of(context), bpy.path.abspath))
        return {"FINISHED"}


class STYLE_AVATAR_OT_stop_backend(Explained, bpy.types.Operator):
    """End the backend, and cancel what it works on"""

    bl_idname = "style_avatar.stop_backend"
    bl_label = "Stop"
    bl_description = "End the backend, and cancel what it works on"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if SESSION.status().state in {"starting", "ready"} else tr("The backend is not running.")

    def execute(self, context: Any) -> set[str]:
        """Stop it."""
        SESSION.stop()
        return {"FINISHED"}


class STYLE_AVATAR_OT_preferences(Explained, bpy.types.Operator):
    """Open the preferences of Style Avatar"""

    bl_idname = "style_avatar.preferences"
    bl_label = "Preferences"
    bl_description = "Open the preferences of Style Avatar"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if preferences_of(context) else tr("Switch the add-on on in the preferences first.")

    def execute(self, context: Any) -> set[str]:
        """Open them."""
        from .. import __package__ as addon

        bpy.ops.preferences.addon_show(module=addon)
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_start_backend, STYLE_AVATAR_OT_stop_backend, STYLE_AVATAR_OT_preferences)


def _start_with_blender() -> None:
    preferences = preferences_of(bpy.context)
    if preferences is not None and preferences.autostart and not bpy.app.background and SESSION.host is None:
        SESSION.start(make_host(preferences, bpy.path.abspath))


def register() -> None:
    """Start the backend if the artist wants that, once Blender is up."""
    bpy.app.timers.register(_start_with_blender, first_interval=1.0)


def unregister() -> None:
    """Do not start it any more."""
    if bpy.app.timers.is_registered(_start_with_blender):
        bpy.app.timers.unregister(_start_with_blender)
