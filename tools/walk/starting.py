"""Steps 1 and 2 of the walk: the installation, the buttons that cannot be pressed yet, and the backend."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Final

import bpy

from tools.walk.window import ADDON, Steps, Window, module, panel_name, session


def install(window: Window, asked: Namespace) -> Steps:
    """From disk."""
    window.press(
        "extensions.package_install_files",
        filepath=str(asked.zip.resolve()),
        repo="user_default",
        enable_on_install=True,
    )
    window.check("installed and switched on", ADDON in bpy.context.preferences.addons)
    window.pace.watch(session())
    window.pace.watch(module("driving.running").DESK)
    panels = unfold_panels(window)
    yield from window.open_tab()
    yield from window.picture("1-all-panels", *panels)  # seen together once, they keep their order
    yield from window.picture("1-installed", "animate")


def unfold_panels(window: Window) -> list[str]:
    """Register the panels once more, unfolded, and drawn only while `window` wants to see them: they fold by mouse.

    Returns their names.
    """
    classes = [one for room in module("panels").MODULES for one in room.CLASSES if issubclass(one, bpy.types.Panel)]
    for one in reversed(classes):
        bpy.utils.unregister_class(one)
    for one in classes:
        one.bl_options = set()
        one.poll = classmethod(lambda panel, _: panel.bl_idname in window.shown)
        bpy.utils.register_class(one)
    return [one.bl_idname.removeprefix(panel_name("")) for one in classes]


def reasons(window: Window, asked: Namespace) -> Steps:
    """Every greyed button says why; the start-up cube is no head."""
    session().stop()
    for operator in operators():
        with window.context():
            reason, usable = operator.disabled_reason(bpy.context), operator.poll(bpy.context)
        if reason:
            window.check(f"{operator.bl_label}: {reason}", reason.endswith(".") and not usable)
    yield from window.picture("1-greyed-edit", "edit", "range", "keys", "export")
    yield from window.picture("1-greyed-drive", "drive", "drive_presets", "arkit")


def operators() -> list[Any]:
    """The add-on's operators that may be greyed."""
    classes = [one for room in module("operators").MODULES for one in room.CLASSES]
    return [one for one in classes if hasattr(one, "disabled_reason")]


def backend(window: Window, asked: Namespace) -> Steps:
    """A folder without an environment is explained; the right one starts."""
    preferences = bpy.context.preferences.addons[ADDON].preferences
    preferences.environment = str(window.shots)
    window.press("style_avatar.start_backend")
    yield from window.until("a wrong environment is found out", lambda: session().status().state == "failed")
    window.check(session().status().sentence, "Python" in session().status().sentence)
    yield from window.picture("2-no-environment", "animate")
    preferences.environment = str(asked.environment.resolve())
    window.press("style_avatar.start_backend")
    yield from window.until("backend ready", lambda: session().status().state == "ready")
    yield from window.until("it offers styles", lambda: len(session().styles) > 1)
    yield from window.picture("2-backend", "animate", "backend")


STEPS: Final = (install, reasons, backend)
