"""Render a take in a set or in an artist's scene, without a window: head.npz + take.npz → .mp4 or PNG files.

    python -m blender_addon.shot --head head.npz --take take.npz --out shot.mp4            # with the bpy wheel
    blender --background --factory-startup --python shot.py -- --head head.npz …           # with a Blender

It speaks as `headless` does: progress and errors as JSON lines on standard error, the result on standard output, the
same exit codes. What it writes is whole only when it says so; the caller moves it to its place.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

if not __package__:  # run as a script by `blender --python`
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = "blender_addon"

import bpy

from . import compat, headless
from .building import scene as scene_setup
from .building.build import Options, Timer, build
from .files import head_file, take_file
from .hair import options as hair_options
from .output import render_job
from .stage import engine, scene_file
from .stage.build import SetOrder, build_set
from .stage.lights import PHOTO, PRESETS, SCENE, PanoramaError

SIZE: Final = (960, 540)
UNSEEN: Final = "the camera {camera!r} does not look at the head: put an empty called 'Head' where it shall stand"
LIGHTS: Final = {"studio": "SOFT", "photo": PHOTO, "scene": SCENE, **{name.lower(): name for name in PRESETS}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with `arguments` and return the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        result = run(options, headless.report_progress)
    except (ValueError, FileNotFoundError, PanoramaError) as error:
        return headless.fail(headless.BAD_INPUT, error)
    except (RuntimeError, OSError) as error:
        return headless.fail(headless.BLENDER_FAILED, error)
    print(json.dumps(result), flush=True)
    return headless.DONE


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="blender_addon.shot", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--head", required=True, type=Path, help="geometry of the face model (.npz)")
    parser.add_argument("--take", required=True, type=Path, help="the performance (.npz)")
    parser.add_argument("--audio", type=Path, help="sound for the film")
    parser.add_argument("--texture", type=Path, help="photo on the UV square (.png)")
    parser.add_argument("--out", required=True, type=Path, help="an .mp4, or a folder for PNG files")
    parser.add_argument("--scene", type=Path, help="the artist's .blend; without it a set is built")
    parser.add_argument("--camera", help="name of the camera in it")
    parser.add_argument("--place", help="name of the object at which the head stands")
    parser.add_argument("--light", help="studio, soft, rim, window, daylight, photo, scene, or an .hdr or .exr file")
    parser.add_argument("--light-turn", type=float, default=0.0, help="degrees by which the panorama is turned")
    parser.add_argument("--engine", choices=("auto", *engine.ENGINES), default="auto")
    parser.add_argument("--samples", type=int, help="samples a pixel")
    parser.add_argument("--size", help="WIDTHxHEIGHT, or a percentage of the scene's own size")
    parser.add_argument("--frames", help="FIRST-LAST of the take, counted from 1")
    parser.add_argument("--fps", type=float, help="frame rate of the set (default: the take's)")
    parser.add_argument("--transparent", action="store_true", help="no backdrop, and PNG files with alpha")
    parser.add_argument("--no-backdrop", action="store_true", help="the world behind the head")
    hair_options.add_options(parser)
    return parser


def run(options: argparse.Namespace, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
    """Build and render what `options` asks for; returns what was written, how long it took, and notes.

    Raises:
        HeadFileError, TakeFileError, SceneFileError, FileNotFoundError, PanoramaError: an input cannot be used.
        RuntimeError: Blender could not read a picture or sound, or could not render.
    """
    for path in (options.audio, options.texture):
        if path is not None and not path.is_file():
            raise FileNotFoundError(f"there is no file at {path}")
    timer, notes = Timer(progress), []
    with timer.stage("read"):
        head, take = head_file.load(options.head), take_file.load(options.take)
        notes.append(_open(options))
    scene = bpy.context.scene
    head_object = build(head, take, _options(scene, options), timer)
    if options.scene:
        scene_file.stand_at(head_object, scene_file.find_place(scene, options.place))
    _light(scene, head_object, options)
    if options.scene and not scene_file.is_seen(scene, head_object):
        notes.append(UNSEEN.format(camera=scene.camera.name))
    first, last = _cut(scene, options.frames)
    notes.append(_set_up(scene, options))
    with timer.stage("render"):
        _render(scene, progress)
    return {
        "files": {"video" if options.out.suffix == ".mp4" else "pictures": str(options.out)},
        "seconds": timer.seconds,
        "frames": last - first + 1,
        "fps": scene.render.fps / scene.render.fps_base,
        "size": [scene.render.resolution_x, scene.render.resolution_y],
        "engine": scene.render.engine,
        "camera": scene.camera.name,
        "blender": bpy.app.version_string,
        "notes": [note for note in notes if note],
    }


def _open(options: argparse.Namespace) -> str:
    """The artist's file with its camera chosen, or an empty scene of the shot's size."""
    if options.scene is None:
        bpy.ops.wm.read_factory_settings(use_empty=False)
        headless.clear_scene()
        render = bpy.context.scene.render
        render.resolution_x, render.resolution_y = SIZE
        scene_setup.set_view(bpy.context.scene)
        return ""
    note = scene_file.open_scene(options.scene.resolve())
    scene_file.choose_camera(bpy.context.scene, options.camera)
    scene_file.find_place(bpy.context.scene, options.place)
    return note


def _options(scene: Any, options: argparse.Namespace) -> Options:
    """How the head is built: at the scene's rate and first frame if there is a scene."""
    own = options.scene is not None
    return Options(
        texture=options.texture and options.texture.resolve(),
        audio=options.audio and options.audio.resolve(),
        fps=scene.render.fps / scene.render.fps_base if own else options.fps,
        first_frame=scene.frame_start if own else 1,
        staged=False,
        pack=False,
        hair=hair_options.groom_of(options),
    )


def _light(scene: Any, head_object: Any, options: argparse.Namespace) -> None:
    """A set with its light; in the artist's file only the light, if another one is asked for."""
    asked = options.light or ("scene" if options.scene else "studio")
    backdrop = not (options.scene or options.transparent or options.no_backdrop)
    if asked in LIGHTS:
        order = SetOrder(LIGHTS[asked], backdrop=backdrop)
    else:
        panorama = Path(asked)
        if not panorama.is_file():
            raise FileNotFoundError(f"there is no light or panorama {asked!r}; choose {', '.join(LIGHTS)} or a file")
        order = SetOrder("PANORAMA", panorama.resolve(), options.light_turn, backdrop)
    if not options.scene or asked != "scene":
        build_set(scene, head_object, order)


def _cut(scene: Any, frames: str | None) -> tuple[int, int]:
    """Render only the frames FIRST-LAST of the take; returns the scene's frames."""
    if frames is not None:
        first, _, last = frames.partition("-")
        start, end = scene.frame_start, scene.frame_end
        if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
            raise scene_file.SceneFileError(f"--frames takes FIRST-LAST such as 1-50, got {frames!r}")
        if start + int(first) - 1 > end:
            raise scene_file.SceneFileError(f"the take has {end - start + 1} frames here, got --frames {frames}")
        scene.frame_start, scene.frame_end = start + int(first) - 1, min(start + int(last) - 1, end)
    return scene.frame_start, scene.frame_end


def _set_up(scene: Any, options: argparse.Namespace) -> str:
    """Size, engine, samples and output; returns a note on the engine, or ""."""
    name, note = _engine(scene, options)
    _size(scene, options.size)
    on_card = name != "CYCLES" or engine.use_card(scene)
    samples = options.samples or (_own_samples(scene, name) if options.scene else engine.samples_of(name, on_card))
    render_job.set_engine(scene, name, samples)
    if name == "CYCLES":
        engine.denoise(scene, bool(options.scene), on_card)
        scene.render.use_persistent_data = True
    scene.render.film_transparent = options.transparent or (bool(options.scene) and scene.render.film_transparent)
    if options.out.suffix == ".mp4":
        render_job.set_movie(scene, str(options.out.resolve()))
    else:
        options.out.mkdir(parents=True, exist_ok=True)
        scene.render.filepath, scene.render.use_file_extension = str(options.out.resolve() / "######"), True
        scene.render.use_overwrite = True
        compat.set_picture_output(scene)
    return note


def _engine(scene: Any, options: argparse.Namespace) -> tuple[str, str]:
    """The engine that is asked for, else the artist's, else what works here."""
    own = {"CYCLES": "cycles", "BLENDER_WORKBENCH": "workbench"}.get(scene.render.engine, "auto")
    return engine.chosen_engine(own if options.scene and options.engine == "auto" else options.engine)


def _own_samples(scene: Any, name: str) -> int:
    if name == "CYCLES":
        return int(scene.cycles.samples)
    return int(scene.eevee.taa_render_samples) if name == "EEVEE" else engine.SAMPLES[name]


def _size(scene: Any, size: str | None) -> None:
    render = scene.render
    width, _, height = (size or "").lower().partition("x")
    if size and width.isdecimal() and height.isdecimal() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192:
        render.resolution_x, render.resolution_y, render.resolution_percentage = int(width), int(height), 100
    elif size and size.rstrip("%").isdecimal() and 1 <= int(size.rstrip("%")) <= 400:
        render.resolution_percentage = int(size.rstrip("%"))
    elif size:
        raise scene_file.SceneFileError(f"--size takes WIDTHxHEIGHT such as 1280x720, or 50%, got {size!r}")
    render_job.set_size(scene, 0)


def _render(scene: Any, progress: Callable[[str, int, int], None]) -> None:
    total, parent = scene.frame_end - scene.frame_start + 1, os.getppid()

    def told(here: Any, *_: Any) -> None:
        if os.getppid() != parent:  # nobody waits for the film any more
            os._exit(headless.BLENDER_FAILED)
        progress("render", min(here.frame_current - scene.frame_start + 1, total), total)

    bpy.app.handlers.render_post.append(told)
    try:
        bpy.ops.render.render(animation=True, scene=scene.name)
    finally:
        bpy.app.handlers.render_post.remove(told)


if __name__ == "__main__":
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    code = main(own)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
