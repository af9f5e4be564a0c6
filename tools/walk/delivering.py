"""Step 7 of the walk: files for other programs, and the video; then all of it in German."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

import bpy

from tools.walk.driving import a_character
from tools.walk.making import a_head, settings
from tools.walk.window import Steps, Window, heads, module, select

FILMED: Final = range(60, 66)  # frames in which the demo's voice speaks
SIZE: Final = 192  # pixels
PANELS: Final = (
    ("animate", "amounts", "transcript", "scene"),
    ("hair", "textures", "set"),
    ("edit", "range", "keys"),
    ("export",),
    ("drive", "drive_presets", "arkit"),
    ("backend",),
)


def export(window: Window, asked: Namespace) -> Steps:
    """Files for other programs; what this Blender was built without is greyed and says so."""
    yield from a_head(window, asked)
    select(heads()[0])
    for name, suffix in (("fbx", "fbx"), ("gltf", "glb"), ("usd", "usdc"), ("alembic", "abc")):
        operator = getattr(bpy.types, f"STYLE_AVATAR_OT_export_{name}")
        with window.context():
            reason = operator.disabled_reason(bpy.context)
        if reason:
            print(f"      {name}: {reason}", flush=True)
            continue
        path = window.shots / f"head.{suffix}"
        path.unlink(missing_ok=True)
        window.press(f"style_avatar.export_{name}", filepath=str(path))
        window.check(f"{path.name} {path.stat().st_size if path.exists() else 0:,} bytes", path.exists())
        yield 0.5
    yield from window.picture("7-export", "export")


def film(window: Window, asked: Namespace) -> Steps:
    """A short talking video, begun, cancelled, and begun again; Cycles needs no graphics card."""
    yield from a_head(window, asked)
    scene, path = bpy.context.scene, window.shots / f"{bpy.app.version_string[:3]}-film.mp4"
    path.unlink(missing_ok=True)
    was = scene.frame_start, scene.frame_end
    scene.frame_start, scene.frame_end = FILMED[0], FILMED[-1]
    for one in scene.objects:
        one.hide_render = one.name.lower().endswith("character")  # those of the walk stand beside the head
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    chosen = scene.style_avatar_edit
    chosen.engine, chosen.height, chosen.samples = "CYCLES", "0", "16"
    rendering = module("output.rendering").Rendering
    window.press("style_avatar.render_film", filepath=str(path))
    yield 3.0
    window.press("style_avatar.cancel_film")
    yield from window.until("cancelled", lambda: rendering.film.finished)
    window.check("no file is left", not path.exists() and rendering.film.trouble is None)
    window.press("style_avatar.render_film", filepath=str(path))
    yield from window.until("some frames", lambda: rendering.film.finished or rendering.film.fraction > 0.3)
    yield from window.picture("7-rendering", "export")
    yield from window.until("rendered", lambda: rendering.film.finished, 900.0)
    trouble = rendering.film.trouble
    window.check(f"no error {trouble and (trouble.sentence, trouble.details[-300:])}", trouble is None)
    frames, rate = pictures_and_rate(path)
    window.check(f"{path.name}: {frames} frames, sound of {rate} Hz", frames == len(FILMED) and rate == 48_000)
    yield from window.picture("7-rendered", "export")
    scene.frame_start, scene.frame_end = was


def pictures_and_rate(path: Path) -> tuple[int, int]:
    """How many frames a film has, and the rate of its sound, as Blender reads it; 0 for none."""
    if not path.exists():
        return 0, 0
    clip, sound = bpy.data.movieclips.load(str(path)), bpy.data.sounds.load(str(path))
    found = int(clip.frame_duration), int(sound.samplerate)
    bpy.data.movieclips.remove(clip)
    bpy.data.sounds.remove(sound)
    return found


def german(window: Window, asked: Namespace) -> Steps:
    """All panels in the second language."""
    yield from a_character(window, asked)
    view = bpy.context.preferences.view
    view.language = "de_DE"
    view.use_translate_interface = view.use_translate_tooltips = True
    select(heads()[0])
    window.press("style_avatar.match_names")
    label = module("translations").tr("Animate")
    window.check(f"Animate is called {label}", label != "Animate")
    for number, panels in enumerate(PANELS, 1):
        yield from window.picture(f"8-german-{number}", *panels)
    settings().voice_file = str(window.shots / "gone.wav")
    window.press("style_avatar.animate")
    session = module("session").SESSION
    yield from window.until("it ends", lambda: session.work is None)
    window.check("the error is shown", session.trouble is not None)
    yield from window.picture("8-german-error", "animate")
    view.language = "en_US"


STEPS: Final = (export, film, german)
