"""The film that is being rendered, if any, and how it is begun."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import bpy

from .. import session
from ..report import LOG
from .film import SCRIPT, Film

LOOK = 0.25  # seconds between two looks at the film


class Rendering:
    """The one film of this Blender."""

    film: Film | None = None


def command() -> list[str]:
    """How a second Blender is started: the same program, or this Python with the bpy module."""
    if bpy.app.binary_path:
        start = [bpy.app.binary_path, "--background", "{blend}", "--python-exit-code", "1", "--python", str(SCRIPT)]
        return [*start, "--", "{settings}"]
    return [sys.executable, str(SCRIPT), "--", "{settings}", "{blend}"]


def begin(scene: Any, output: Path, *, engine: str, height: int, samples: int) -> Film:
    """Save a copy of the file as it is now, and let another Blender render `scene` from it into `output`.

    Raises:
        OSError: the copy cannot be written, or no second Blender can be started.
        RuntimeError: Blender cannot save the copy.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="style-avatar-film-"))
    blend = folder / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True, check_existing=False)
    settings = {"engine": engine, "height": height, "samples": samples, "scene": scene.name}
    Rendering.film = film = Film(command(), blend, output, settings)
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=LOOK, persistent=True)
    return film


def _look() -> float | None:
    film = Rendering.film
    session.redraw()
    if film is None or not film.finished:
        return LOOK if film is not None else None
    if film.trouble is not None:
        LOG.trouble("render", film.trouble)
    return None


def unregister() -> None:
    """End the film."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    if Rendering.film is not None:
        Rendering.film.cancel()
