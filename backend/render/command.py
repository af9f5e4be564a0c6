"""`style-avatar render`: the person of a photo talks, as a video."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddOptions = Callable[[argparse.ArgumentParser], None]


def add_render_command(commands: Any, add_reporting_options: AddOptions, progress_of: Callable[..., Any]) -> None:
    """Add `render` to the subparsers `commands`."""
    render = commands.add_parser("render", help="let the person of a photo speak a take, as a video")
    render.add_argument("take", type=Path, help="a take.npz of `style-avatar animate`")
    who = render.add_mutually_exclusive_group(required=True)
    who.add_argument("--image", type=Path, help="a photo of the person, hair and shoulders in it")
    who.add_argument("--subject", type=Path, help="the folder of `style-avatar subject learn`: skin that moves")
    render.add_argument("--out", required=True, type=Path, help="a .mp4, a .mov (ProRes 4444) or a folder (PNG files)")
    render.add_argument(
        "--renderer", choices=("raster", "neural", "original"), default="raster", help="what draws the face"
    )
    render.add_argument(
        "--background",
        default="keep",
        help="keep, blur, transparent (.mov or folder) or a picture, which is scaled to cover the frame",
    )
    render.add_argument(
        "--light",
        default="photo",
        help="photo, studio, or an equirectangular panorama (.hdr, .exr); these two as strong as the photo's",
    )
    render.add_argument(
        "--light-turn", type=float, default=0.0, metavar="DEGREES", help="turn the panorama to the right"
    )
    render.add_argument("--size", type=int, default=512, help="pixels a side, an even number (default: %(default)s)")
    render.add_argument(
        "--framing", choices=("head", "photo"), default="head", help="head and shoulders, or the photo's largest square"
    )
    render.add_argument("--audio", type=Path, help="the recording, if it is not beside the take under its old name")
    render.add_argument(
        "--landmarks", choices=("mediapipe", "face-alignment"), default="mediapipe", help="what finds the face"
    )
    render.add_argument("--allow-download", action="store_true", help="let face-alignment fetch its weights")
    add_reporting_options(render)
    render.set_defaults(run=lambda options: run_render(options, progress_of))


def run_render(options: argparse.Namespace, progress_of: Callable[..., Any]) -> dict[str, Any]:
    """`style-avatar render`."""
    from backend.render.delivery import RenderRequest, render

    request = RenderRequest(
        take=options.take,
        image=options.image,
        subject=options.subject,
        out=options.out,
        renderer=options.renderer,
        behind=options.background,
        light=options.light,
        light_turn=options.light_turn,
        size=options.size,
        framing=options.framing,
        audio=options.audio,
        landmarks=options.landmarks,
        allow_download=options.allow_download,
    )
    with progress_of(options) as progress:
        return render(request, progress)
