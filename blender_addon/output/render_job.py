"""Render a scene as a film, in a Blender of its own that ends with the one that asked for it.

    blender --background file.blend --python render_job.py -- settings.json
    python render_job.py -- settings.json file.blend                              # with the bpy module

settings.json: {"output", "engine", "height" (0: the scene's size), "samples", "scene"}. Prints "RENDERED done total"
after every frame; ends when standard input is closed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

if not __package__:  # run as a script
    _room = Path(__file__).resolve().parent
    sys.path.insert(0, str(_room.parents[1]))
    __package__ = f"{_room.parent.name}.{_room.name}"

import bpy

MARK = "RENDERED"


def main(words: list[str]) -> None:
    """Read the settings and render."""
    settings = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    if len(words) > 1:
        bpy.ops.wm.open_mainfile(filepath=words[1])
    left = [Path(settings["output"]), Path(words[0]), Path(bpy.data.filepath)]
    threading.Thread(target=_end_with_parent, args=[left], daemon=True).start()
    scene = bpy.data.scenes[settings["scene"]]
    set_film(scene, settings)
    total = scene.frame_end - scene.frame_start + 1
    bpy.app.handlers.render_post.append(lambda here, *_: _report(here.frame_current - scene.frame_start + 1, total))
    bpy.ops.render.render(animation=True, scene=scene.name)


def set_film(scene: Any, settings: dict[str, Any]) -> None:
    """Let `scene` render to H.264 with AAC sound in one .mp4 with the engine, size and samples of `settings`."""
    set_size(scene, settings["height"])
    set_engine(scene, settings["engine"], settings["samples"])
    set_movie(scene, settings["output"])


def set_size(scene: Any, height: int) -> None:
    """Pictures `height` pixels high (0: as large as the scene says), in even numbers: H.264 halves the colours."""
    render = scene.render
    if height:
        render.resolution_x = round(height * render.resolution_x / render.resolution_y)
        render.resolution_y = height
    else:
        render.resolution_x = render.resolution_x * render.resolution_percentage // 100
        render.resolution_y = render.resolution_y * render.resolution_percentage // 100
    render.resolution_percentage = 100
    render.resolution_x += render.resolution_x % 2
    render.resolution_y += render.resolution_y % 2


def set_engine(scene: Any, engine: str, samples: int) -> None:
    """Render with `engine` ("EEVEE", "CYCLES", "BLENDER_WORKBENCH") and so many samples a pixel."""
    from .. import compat

    scene.render.engine = compat.EEVEE if engine == "EEVEE" else engine
    if engine == "CYCLES":
        scene.cycles.samples = samples
        scene.cycles.use_denoising = samples >= 32 and compat.has_denoiser()
    elif engine == "EEVEE":
        scene.eevee.taa_render_samples = samples


def set_movie(scene: Any, output: str) -> None:
    """Write H.264 with AAC sound into the .mp4 `output`."""
    from .. import compat

    render = scene.render
    render.filepath, render.use_file_extension, render.use_overwrite = output, True, True
    compat.set_movie_output(scene)
    film = render.ffmpeg
    film.format, film.codec, film.constant_rate_factor, film.ffmpeg_preset = "MPEG4", "H264", "HIGH", "GOOD"
    film.gopsize = 12
    film.audio_codec, film.audio_bitrate, film.audio_channels, film.audio_mixrate = "AAC", 192, "STEREO", 48000


def _report(done: int, total: int) -> None:
    print(MARK, done, total, flush=True)


def _end_with_parent(left: list[Path]) -> None:
    """Wait for the other Blender to end; then remove what it cannot remove any more, and end, too."""
    sys.stdin.read()
    for one in left:
        one.unlink(missing_ok=True)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1 :])
