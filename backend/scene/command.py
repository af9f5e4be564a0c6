"""`style-avatar scene`: the head of a take in a 3D scene, as a film."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddOptions = Callable[[argparse.ArgumentParser], None]


def add_scene_command(commands: Any, add_reporting_options: AddOptions, progress_of: Callable[..., Any]) -> None:
    """Add `scene` to the subparsers `commands`."""
    scene = commands.add_parser("scene", help="render the head of a take in a 3D scene, as a film")
    scene.add_argument("take", type=Path, help="a take.npz of `style-avatar animate`")
    scene.add_argument("--out", required=True, type=Path, help="a .mp4, a .mov (ProRes 4444) or a folder (PNG files)")
    scene.add_argument("--blend", type=Path, help="your own scene; without it a set with a backdrop and lamps is built")
    scene.add_argument("--camera", help="name of a camera in --blend, if not its active one")
    scene.add_argument(
        "--place", help="name of the object in --blend at which the head stands (default: an empty called Head)"
    )
    scene.add_argument("--image", type=Path, help="a photo of the person, if not the take's own")
    scene.add_argument("--audio", type=Path, help="the recording, if it is not beside the take under its old name")
    scene.add_argument(
        "--light",
        help="studio, soft, rim, window, daylight, photo (the photo's own), scene (that of --blend), or an "
        "equirectangular panorama (.hdr, .exr); default: studio, or the scene's in --blend",
    )
    scene.add_argument(
        "--light-turn", type=float, default=0.0, metavar="DEGREES", help="turn the panorama to the right"
    )
    scene.add_argument(
        "--engine",
        choices=("auto", "eevee", "cycles", "workbench"),
        default="auto",
        help="auto: the engine of --blend, else EEVEE where there is a graphics card and Cycles where there is none",
    )
    scene.add_argument("--samples", type=int, help="samples a pixel (default: those of --blend, else 16 or 32)")
    scene.add_argument("--size", help="WIDTHxHEIGHT, or a percentage of the scene's own size (the set: 960x540)")
    scene.add_argument("--frames", metavar="FIRST-LAST", help="only these frames of the shot, counted from 1")
    scene.add_argument("--fps", type=float, help="frame rate of the set (default: the take's)")
    scene.add_argument("--transparent", action="store_true", help="nothing behind the head (.mov or folder)")
    scene.add_argument("--no-backdrop", dest="backdrop", action="store_false", help="a set without its backdrop")
    scene.add_argument(
        "--hair", default="none", metavar="CUT", help="none, bald (fine brows only), or a cut: see animate"
    )
    scene.add_argument("--beard", default="none", help="none, stubble, short or full")
    scene.add_argument("--hair-colour", metavar="RRGGBB", help="sRGB, as 4a2f1c; without it the photo's own")
    scene.add_argument("--blender", type=Path, help="a Blender (4.2 or newer) that renders instead of the bpy module")
    scene.add_argument(
        "--landmarks", choices=("mediapipe", "face-alignment"), default="mediapipe", help="what finds the face"
    )
    scene.add_argument("--allow-download", action="store_true", help="let face-alignment fetch its weights")
    add_reporting_options(scene)
    scene.set_defaults(run=lambda options: run_scene(options, progress_of))


def run_scene(options: argparse.Namespace, progress_of: Callable[..., Any]) -> dict[str, Any]:
    """`style-avatar scene`."""
    from dataclasses import fields

    from backend.blender import Hair
    from backend.scene.delivery import SceneRequest, render_scene

    worn = Hair(options.hair, options.beard, options.hair_colour)
    options.hair = None if (worn.cut, worn.beard) == ("none", "none") else worn
    request = SceneRequest(**{field.name: getattr(options, field.name) for field in fields(SceneRequest)})
    with progress_of(options) as progress:
        return render_scene(request, progress)
