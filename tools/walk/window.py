"""Blender's window as the walk sees it: buttons, keys, checks and pictures."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy

from tools.walk.pace import PROMISED, Pace

ADDON: Final = "bl_ext.user_default.style_avatar"
PATIENCE: Final = 600.0  # seconds until something is said not to happen; graphics may be drawn in software
Steps = Iterator[float]  # a walk: yields the seconds after which it wants to go on


def module(name: str) -> Any:
    """A module of the installed add-on, as "session" or "editing.layers"."""
    return sys.modules[f"{ADDON}.{name}"]


def session() -> Any:
    """What runs behind the panels."""
    return module("session").SESSION


def makes_head() -> bool:
    """Whether a new head is being made, which the 3D view will want to look at."""
    running = f"{ADDON}.session" in sys.modules and session().work is not None
    return running and bpy.context.scene.style_avatar.face_source != "HEAD"


def heads() -> list[Any]:
    """The heads of the scene that the add-on has made."""
    return [one for one in bpy.context.scene.objects if "style_avatar_identity" in one]


def action_of(one: Any) -> Any:
    """The Action that moves the shape keys of an object; None when there is none."""
    data = one.data.shape_keys.animation_data
    return data.action if data is not None else None


def panel_name(name: str) -> str:
    """The idname of the add-on's panel called `name`."""
    return f"STYLE_AVATAR_PT_{name}"


def select(one: Any) -> None:
    """Make an object the active one, alone."""
    for other in bpy.context.view_layer.objects:
        other.select_set(other == one)
    bpy.context.view_layer.objects.active = one


class Window:
    """Blender's first window: its 3D view with the sidebar, checks and pictures.

    software: graphics are drawn in software, so that materials are looked at for the pictures of them only; good: how
    many checks were as they should be; wrong: what the others were about; pace: how long the add-on holds Blender.
    """

    def __init__(self, shots: Path, settle: float, software: bool) -> None:
        self.shots, self.settle, self.software = shots.resolve(), settle, software
        self.materials = not software
        self.good = 0
        self.wrong: list[str] = []
        self.shown = {panel_name("animate")}
        self.pace = Pace()
        self.shots.mkdir(parents=True, exist_ok=True)

    def press(self, operator: str, mode: str = "EXEC_DEFAULT", **values: Any) -> set[str]:
        """Press a button, as the 3D view's sidebar would; INVOKE_DEFAULT opens its dialog, if it has one."""
        package, name = operator.split(".")
        with self.context():
            return set(getattr(getattr(bpy.ops, package), name)(mode, True, **values))  # True: a step of undo

    def context(self) -> Any:
        """Within it, `bpy.context` is the 3D view's; a timer has none."""
        area = self.view()
        region = next(one for one in area.regions if one.type == "WINDOW")
        return bpy.context.temp_override(window=self.blender, screen=self.blender.screen, area=area, region=region)

    @property
    def blender(self) -> Any:
        """Blender's own window; asked for anew, as undo and new files replace it."""
        return bpy.context.window_manager.windows[0]

    def view(self) -> Any:
        """The area of the 3D view."""
        return next(one for one in self.blender.screen.areas if one.type == "VIEW_3D")

    def key(self, kind: str, up: int = 0) -> None:
        """Press and let go a key, with the mouse where `point` puts it."""
        for value in ("PRESS", "RELEASE"):
            self.blender.event_simulate(type=kind, value=value, **self._middle(up))

    def point(self, up: int = 0) -> None:
        """Put the mouse into the middle of the 3D view, or some pixels above it: dialogs open where it is."""
        self.blender.event_simulate(type="MOUSEMOVE", value="NOTHING", **self._middle(up))

    def _middle(self, up: int) -> dict[str, int]:
        area = self.view()
        return {"x": area.x + area.width // 3, "y": area.y + area.height // 2 + up}

    def plain(self) -> None:
        """Draw plain grey from now on where graphics are drawn in software; materials take minutes there."""
        self.materials = not self.software
        shading = self.view().spaces.active.shading
        if self.software and shading.type != "SOLID":
            shading.type = "SOLID"

    def pretty(self) -> Steps:
        """Draw the materials from now on, and wait for them: they are compiled the first time."""
        self.materials = True
        bpy.context.scene.eevee.taa_samples = 8 if self.software else 16
        self.view().spaces.active.shading.type = "MATERIAL"
        yield (30 if self.software else 5) * self.settle

    def rest(self, seconds: float) -> Steps:
        """Let Blender go on for `seconds`; whatever wants to see materials meanwhile, before they are drawn."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield from self._moment()

    def _moment(self) -> Steps:
        if not self.materials:
            self.plain()
        # At 0 the turn comes before the next drawing, but takes time from the add-on's threads.
        yield 0.0 if makes_head() and not self.materials else 0.1

    def open_tab(self) -> Steps:
        """Open the sidebar and turn to the add-on's tab."""
        self.view().spaces.active.show_region_ui = True
        yield 2.0
        sidebar = next(one for one in self.view().regions if one.type == "UI")
        sidebar.active_panel_category = "Style Avatar"
        yield 1.0

    def picture(self, name: str, *panels: str) -> Steps:
        """Save what the window shows once it is drawn, with only `panels` (their idnames) in the sidebar."""
        self.shown = {panel_name(one) for one in panels}
        for _ in range(2):  # a panel that was not there before grows while it is drawn
            for area in self.blender.screen.areas:
                area.tag_redraw()
            yield from self.rest(self.settle / 2)
        self._save(name)

    def editor(self, name: str, kind: str) -> Steps:
        """Save a picture with another editor ("NLA_EDITOR") where the 3D view is, all of what is in it shown."""
        area = self.view()
        area.ui_type = kind
        yield self.settle
        region = next(one for one in area.regions if one.type == "WINDOW")
        with bpy.context.temp_override(window=self.blender, screen=self.blender.screen, area=area, region=region):
            (bpy.ops.nla if kind == "NLA_EDITOR" else bpy.ops.sequencer).view_all()
        yield self.settle
        self._save(name)
        area.ui_type = "VIEW_3D"
        yield self.settle

    def _save(self, name: str) -> None:
        path = str(self.shots / f"{bpy.app.version_string[:3]}-{name}.png")
        if magick := shutil.which("import"):  # Blender's own pictures are black where graphics are drawn in software
            subprocess.run([magick, "-window", "root", path], check=True)
        else:
            self.press("screen.screenshot", filepath=path)

    def check(self, what: str, good: bool) -> None:
        """Say whether something is as it should be."""
        if good:
            self.good += 1
        else:
            self.wrong.append(what)
        print(f"{'ok   ' if good else 'WRONG'} {what}", flush=True)

    def check_pace(self, step: str) -> None:
        """Say how long the add-on held Blender's thread since the last time; 100 ms are promised."""
        pace = self.pace.take()
        held = pace.processor if self.software else pace.longest
        self.check(f"{step} held Blender for {pace}", held <= PROMISED)

    def until(self, what: str, happened: Callable[[], bool], patience: float = PATIENCE) -> Steps:
        """Wait for something, and say how long it took."""
        begin = time.monotonic()
        while not happened() and time.monotonic() < begin + patience:
            yield from self._moment()
        self.check(f"{what} ({time.monotonic() - begin:.1f} s)", happened())
