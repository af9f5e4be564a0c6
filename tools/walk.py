"""Walk through the add-on in Blender's own window, from the installation to the exports, with a picture of each step.

blender --python tools/walk.py -- --zip out/style_avatar-0.1.0.zip --environment . --photo FACE.png --shots out/walk

Installs the extension for the user who runs this: use a HOME of its own. Every step presses what an artist presses
and checks what is there afterwards; the exit status is 1 when something was not as it should be.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy

ROOT: Final = Path(__file__).resolve().parents[1]
ADDON: Final = "bl_ext.user_default.style_avatar"
PATIENCE: Final = 240.0  # seconds until something is said not to happen; graphics may be drawn in software
Steps = Iterator[float]  # a walk: yields the seconds after which it wants to go on


def arguments() -> argparse.Namespace:
    """What follows `--` on Blender's command line."""
    parser = argparse.ArgumentParser(prog="walk", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--zip", type=Path, required=True, help="the packed add-on")
    parser.add_argument("--environment", type=Path, default=ROOT, help="folder of the backend's Python environment")
    parser.add_argument("--voice", type=Path, default=ROOT / "backend" / "assets" / "demo_voice.flac")
    parser.add_argument("--photo", type=Path, required=True, help="photo of one face")
    parser.add_argument("--shots", type=Path, required=True, help="folder for the pictures and the exported files")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds to wait for drawing before each picture")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])


class Window:
    """Blender's first window: its 3D view with the sidebar, checks and pictures."""

    def __init__(self, shots: Path, settle: float) -> None:
        self.shots, self.settle, self.wrong = shots, settle, 0
        self.shown = {"STYLE_AVATAR_PT_animate"}
        shots.mkdir(parents=True, exist_ok=True)

    def press(self, operator: str, **values: Any) -> None:
        """Press a button, as the 3D view's sidebar would."""
        window = bpy.context.window_manager.windows[0]
        area = self.view()
        region = next(one for one in area.regions if one.type == "WINDOW")
        package, name = operator.split(".")
        with bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region):
            getattr(getattr(bpy.ops, package), name)(**values)

    def view(self) -> Any:
        """The area of the 3D view."""
        areas = bpy.context.window_manager.windows[0].screen.areas
        return next(one for one in areas if one.type == "VIEW_3D")

    def open_tab(self) -> Steps:
        """Open the sidebar and turn to the add-on's tab."""
        self.view().spaces.active.show_region_ui = True
        yield 2.0
        sidebar = next(one for one in self.view().regions if one.type == "UI")
        sidebar.active_panel_category = "Style Avatar"
        yield 1.0

    def picture(self, name: str, *panels: str) -> Steps:
        """Save what the window shows once it is drawn, with only `panels` (their idnames) in the sidebar."""
        self.shown = {f"STYLE_AVATAR_PT_{one}" for one in panels}
        for area in bpy.context.window_manager.windows[0].screen.areas:
            area.tag_redraw()
        yield self.settle
        path = str(self.shots / f"{bpy.app.version_string[:3]}-{name}.png")
        if magick := shutil.which("import"):  # Blender's own pictures are black where graphics are drawn in software
            subprocess.run([magick, "-window", "root", path], check=True)
        else:
            self.press("screen.screenshot", filepath=path)

    def check(self, what: str, good: bool) -> None:
        """Say whether something is as it should be."""
        self.wrong += not good
        print(f"{'ok   ' if good else 'WRONG'} {what}", flush=True)

    def until(self, what: str, happened: Callable[[], bool]) -> Steps:
        """Wait for something, and say how long it took."""
        begin = time.monotonic()
        while not happened() and time.monotonic() < begin + PATIENCE:
            yield 0.1
        self.check(f"{what} ({time.monotonic() - begin:.1f} s)", happened())


def show_only_chosen_panels(window: Window) -> None:
    """Register the panels once more, unfolded, and drawn only while `window` wants to see them: they fold by mouse."""
    modules = sys.modules[f"{ADDON}.panels"].MODULES
    classes = [one for module in modules for one in module.CLASSES if issubclass(one, bpy.types.Panel)]
    for one in reversed(classes):
        bpy.utils.unregister_class(one)
    for one in classes:
        one.bl_options = set()
        one.poll = classmethod(lambda panel, _: panel.bl_idname in window.shown)
        bpy.utils.register_class(one)


def install(window: Window, asked: argparse.Namespace) -> Steps:
    """Step 1: from disk."""
    window.press(
        "extensions.package_install_files",
        filepath=str(asked.zip.resolve()),
        repo="user_default",
        enable_on_install=True,
    )
    window.check("installed and switched on", ADDON in bpy.context.preferences.addons)
    show_only_chosen_panels(window)
    yield from window.open_tab()
    yield from window.picture("1-installed", "animate")


def backend(window: Window, asked: argparse.Namespace) -> Steps:
    """Step 2: started from the panel."""
    session = sys.modules[f"{ADDON}.session"].SESSION
    bpy.context.preferences.addons[ADDON].preferences.environment = str(asked.environment.resolve())
    window.press("style_avatar.start_backend")
    yield from window.until("backend ready", lambda: session.status().state == "ready")
    yield from window.picture("2-backend", "animate", "backend")


def animate(window: Window, asked: argparse.Namespace) -> Steps:
    """Steps 3 and 4: a voice and a photo become a head; undo takes it back, redo brings it again."""
    session, settings = sys.modules[f"{ADDON}.session"].SESSION, bpy.context.scene.style_avatar
    settings.voice_file, settings.photo = str(asked.voice.resolve()), str(asked.photo.resolve())
    before = set(bpy.data.objects.keys())
    window.press("style_avatar.animate")
    yield from window.until("half-way", lambda: session.work is None or session.work.fraction > 0.5)
    yield from window.picture("3-progress", "animate")
    yield from window.until("head made", lambda: session.work is None)
    window.check(f"no error {session.trouble or ''}", session.trouble is None)
    name = session.note
    window.check(f"the head {name} is there", name in bpy.data.objects)
    bpy.context.scene.frame_set(bpy.context.scene.frame_end // 3)
    yield 10 * window.settle  # materials are compiled the first time
    yield from window.picture("4-head", "animate", "amounts", "transcript", "scene")
    window.press("ed.undo")
    yield 2.0
    window.check("one undo takes it back", set(bpy.data.objects.keys()) == before)
    window.press("ed.redo")
    yield 2.0
    window.check("redo brings it again", name in bpy.data.objects)


def drive(window: Window, asked: argparse.Namespace) -> Steps:
    """Step 5: somebody else's character with ARKit's shapes."""
    scene = bpy.context.scene
    head = next(one for one in scene.objects if "style_avatar_identity" in one)
    settings = scene.style_avatar_drive
    settings.head, settings.character = head, arkit_character(head)
    window.press("style_avatar.match_names")
    window.check(f"{len(settings.rows)} lines matched", len(settings.rows) >= 52)
    window.press("style_avatar.drive")
    keys = settings.character.data.shape_keys
    window.check("the character has keys", bool(keys.animation_data and keys.animation_data.action))
    window.check("nothing is in the way", not [one.text for one in settings.report if one.level == "ERROR"])
    show_both(window, settings.character)
    scene.frame_set(scene.frame_end // 3)
    yield 5 * window.settle
    yield from window.picture("5-drive", "drive")
    settings.character.hide_set(True)


def arkit_character(head: Any) -> Any:
    """A mesh beside the head that knows nothing of this add-on but its shape keys' names, as "JawOpen"."""
    character = head.copy()
    character.data = head.data.copy()
    character.name = "Character"
    for owner in (character, character.data):
        names = tuple(owner.keys())
        for name in filter(lambda one: one.startswith("style_avatar"), names):
            del owner[name]
    character.animation_data_clear()
    character.data.shape_keys.animation_data_clear()
    for key in character.data.shape_keys.key_blocks[1:]:
        key.value = 0.0
        key.name = key.name[:1].upper() + key.name[1:]
    character.delta_location.x += 1.2 * head.dimensions.x
    for collection in head.users_collection:
        collection.objects.link(character)
    return character


def show_both(window: Window, character: Any) -> None:
    """Look at the character and the head from the front, without the camera."""
    space = window.view().spaces.active
    space.region_3d.view_perspective = "PERSP"
    space.shading.type = "MATERIAL"
    space.overlay.show_overlays = False
    for one in bpy.context.view_layer.objects:
        one.select_set(one == character or "style_avatar_identity" in one)
    window.press("view3d.view_axis", type="FRONT")
    window.press("view3d.view_selected")


def edit(window: Window, asked: argparse.Namespace) -> Steps:
    """Step 6: another style on the same voice, then fewer keys."""
    session, settings = sys.modules[f"{ADDON}.session"].SESSION, bpy.context.scene.style_avatar
    head = next(one for one in bpy.context.scene.objects if "style_avatar_identity" in one)
    first = head.data.shape_keys.animation_data.action.name
    settings.face_source, settings.head, settings.style_name = "HEAD", head, "energetic"
    window.press("style_avatar.animate")
    yield from window.until("another style", lambda: session.work is None)
    window.check(f"no error {session.trouble or ''}", session.trouble is None)
    second = head.data.shape_keys.animation_data.action.name
    window.check(f"{first} stays, {second} plays", first in bpy.data.actions and first != second)
    select(head)
    window.press("style_avatar.reduce_keys")
    before, after, error = head.data.shape_keys.animation_data.action["style_avatar_reduced"]
    window.check(f"{before:.0f} keys became {after:.0f}, {error:.3f} mm", after < before / 2 and error <= 0.25)
    yield from window.picture("6-edit", "animate", "edit")


def select(head: Any) -> None:
    """Make the head the active object, alone."""
    for one in bpy.context.view_layer.objects:
        one.select_set(one == head)
    bpy.context.view_layer.objects.active = head


def export(window: Window, asked: argparse.Namespace) -> Steps:
    """Step 7: files for other programs; what this Blender was built without is greyed and says so."""
    for name, suffix in (("fbx", "fbx"), ("gltf", "glb"), ("usd", "usdc"), ("alembic", "abc"), ("arkit", "csv")):
        operator = getattr(bpy.types, f"STYLE_AVATAR_OT_export_{name}")
        reason = operator.disabled_reason(bpy.context)
        if reason:
            print(f"      {name}: {reason}", flush=True)
            continue
        path = asked.shots.resolve() / f"head.{suffix}"
        path.unlink(missing_ok=True)
        window.press(f"style_avatar.export_{name}", filepath=str(path))
        window.check(f"{path.name} {path.stat().st_size if path.exists() else 0:,} bytes", path.exists())
        yield 0.5
    yield from window.picture("7-export", "export")


def walk(asked: argparse.Namespace) -> Steps:
    """All steps; leaves Blender at the end."""
    window = Window(asked.shots, asked.settle)
    try:
        for step in (install, backend, animate, drive, edit, export):
            print(f"{step.__doc__}", flush=True)
            yield from step(window, asked)
    except Exception:
        window.wrong += 1
        traceback.print_exc()
        yield from window.picture("stopped-here", "animate")
    bpy.ops.preferences.addon_disable(module=ADDON)  # ends the backend
    sys.stdout.flush()
    sys.exit(1 if window.wrong else 0)


def main() -> None:
    """Begin once the window is up."""
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.system.use_region_overlap = False  # the sidebar beside the head, not over it
    steps = walk(arguments())
    bpy.app.timers.register(lambda: next(steps), first_interval=3.0, persistent=True)


main()
