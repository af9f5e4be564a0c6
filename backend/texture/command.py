"""`style-avatar textures`: a texture for every frame of a take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddOptions = Callable[[argparse.ArgumentParser], None]


def add_textures_command(commands: Any, add_reporting_options: AddOptions, progress_of: Callable[..., Any]) -> None:
    """Add `textures` to the subparsers `commands`."""
    textures = commands.add_parser("textures", help="write a texture for every frame of a take, as an image sequence")
    textures.add_argument("take", type=Path, help="a take.npz of `style-avatar animate`")
    textures.add_argument("--image", required=True, type=Path, help="a photo of the person")
    textures.add_argument("--out", required=True, type=Path, help="a new folder for PNG files")
    textures.add_argument(
        "--renderer", choices=("raster", "neural", "original"), default="raster", help="whose shading is baked in"
    )
    textures.add_argument("--size", type=int, default=1024, help="texels a side (default: %(default)s)")
    textures.add_argument("--fps", type=float, help="frames per second (default: the take's)")
    textures.add_argument("--dynamic", type=Path, help="the person's own dynamic texture, of `style-avatar subject`")
    textures.add_argument("--still", action="store_true", help="without the lines and shade that expressions make")
    textures.add_argument(
        "--landmarks", choices=("mediapipe", "face-alignment"), default="mediapipe", help="what finds the face"
    )
    textures.add_argument("--allow-download", action="store_true", help="let face-alignment fetch its weights")
    add_reporting_options(textures)
    textures.set_defaults(run=lambda options: run_textures(options, progress_of))


def run_textures(options: argparse.Namespace, progress_of: Callable[..., Any]) -> dict[str, Any]:
    """`style-avatar textures`."""
    from backend.texture.delivery import BakeRequest, bake

    request = BakeRequest(
        take=options.take,
        image=options.image,
        out=options.out,
        renderer=options.renderer,
        size=options.size,
        fps=options.fps,
        dynamic=options.dynamic,
        live=not options.still,
        landmarks=options.landmarks,
        allow_download=options.allow_download,
    )
    with progress_of(options) as progress:
        return bake(request, progress)
