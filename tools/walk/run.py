"""Walk through the add-on in Blender's own window, from the installation to the video, with a picture of each step.

blender --enable-event-simulate --python tools/walk/run.py -- --zip FILE --photo FACE.png --shots out/walk

Installs the extension for the user who runs this: use a HOME of its own. Every step presses what an artist presses
and checks what is there afterwards; the exit status is 1 when something was not as it should be.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import bpy

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.walk import delivering, dressing, driving, editing, making, starting  # noqa: E402
from tools.walk.window import ADDON, Steps, Window  # noqa: E402

Step = Callable[[Window, argparse.Namespace], Steps]
FIRST: Final[tuple[Step, ...]] = (starting.install, starting.backend)  # nothing works without them
ROOMS: Final = (starting, making, dressing, editing, driving, delivering)
STEPS: Final[dict[str, Step]] = {step.__name__: step for room in ROOMS for step in room.STEPS}


def arguments() -> argparse.Namespace:
    """What follows `--` on Blender's command line."""
    parser = argparse.ArgumentParser(prog="walk", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--zip", type=Path, required=True, help="the packed add-on")
    parser.add_argument("--environment", type=Path, default=ROOT, help="folder of the backend's Python environment")
    parser.add_argument("--voice", type=Path, default=ROOT / "backend" / "assets" / "demo_voice.flac")
    parser.add_argument("--photo", type=Path, required=True, help="photo of one face")
    parser.add_argument("--video", type=Path, help="video of one person who speaks, to measure a style on")
    parser.add_argument("--shots", type=Path, required=True, help="folder for the pictures and the exported files")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds to wait for drawing before each picture")
    parser.add_argument("--software", action="store_true", help="draw materials for their pictures only")
    parser.add_argument("--only", nargs="+", choices=STEPS, help="walk these steps; default: all of them")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])


def walk(asked: argparse.Namespace) -> Steps:
    """The steps, in their order; leaves Blender at the end."""
    window = Window(asked.shots, asked.settle, asked.software)
    for name, step in STEPS.items():
        if asked.only and name not in asked.only and step not in FIRST:
            continue
        print(f"{name}: {step.__doc__}", flush=True)
        try:
            yield from step(window, asked)
        except Exception:
            window.check(f"{name} came to its end", False)
            traceback.print_exc()
            yield from window.picture(f"{name}-stopped-here", "animate")
            if step in FIRST:
                break
        window.check_pace(name)
    bpy.ops.preferences.addon_disable(module=ADDON)  # ends the backend
    print(f"{window.good} as they should be, {len(window.wrong)} wrong", *window.wrong, sep="\n      ", flush=True)
    os._exit(1 if window.wrong else 0)  # what an exception in a timer does to the exit status is up to Blender


def go(steps: Iterator[float], seconds: float) -> None:
    """Take the next step in `seconds`. A new timer each time: it has its turn after the add-on's, before drawing."""

    def step() -> None:
        wait = next(steps, None)
        if wait is not None:
            go(steps, wait)

    bpy.app.timers.register(step, first_interval=seconds, persistent=True)


def main() -> None:
    """Begin once the window is up."""
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.system.use_region_overlap = False  # the sidebar beside the head, not over it
    preferences.use_preferences_save = False  # nothing of this walk stays
    go(walk(arguments()), 3.0)


main()
