"""`style-avatar`: the command line.

Exit codes: 0 done, 1 the input cannot be used (one sentence says why), 2 the command line is wrong, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend import style_commands
from backend.model_report import print_models
from backend.progress import JsonProgress, TerminalProgress, silent
from backend.render.command import add_render_command
from backend.scene.command import add_scene_command
from backend.server.command import add_serve_command
from backend.subject.command import add_subject_command
from backend.texture.command import add_textures_command

if TYPE_CHECKING:
    from backend.blender import Hair


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        result = options.run(options)
    except KeyboardInterrupt:
        print("style-avatar: interrupted; files already written are whole", file=sys.stderr)
        return 130
    except (ValueError, OSError) as error:
        if options.debug:
            raise
        print(f"style-avatar: {error}", file=sys.stderr)
        return 1
    try:
        report(result, options)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough; without this Python complains once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="style-avatar", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True, metavar="command")

    animate = commands.add_parser("animate", help="turn a voice and a photo into a talking head")
    animate.add_argument("--audio", required=True, type=Path, help="a recording, or a video whose sound is used")
    animate.add_argument("--image", type=Path, help="a photo of one face; without it the head stays the average one")
    animate.add_argument("--transcript", help="what is said (English), as text or a .txt file; makes the timing exact")
    animate.add_argument(
        "--landmarks",
        choices=("mediapipe", "face-alignment"),
        default="mediapipe",
        help="which detector finds the face",
    )
    animate.add_argument(
        "--allow-download", action="store_true", help="let face-alignment fetch its weights if they are not here yet"
    )
    animate.add_argument(
        "--family",
        choices=("open", "original"),
        default="open",
        help="which models: ours, or the paper's, which you add yourself; those need --image and a style from a file, "
        "such as --style sty.npy#3; their video is the neural renderer's where you have added it (and shaded.mp4 the "
        "face model's), else the shaded face model",
    )
    animate.add_argument(
        "--compat",
        action="store_true",
        help="with --family original: make what the original made, its quirks included; takes 16-bit WAV files only",
    )
    add_performance_options(animate)
    animate.add_argument("--out", required=True, type=Path, help="folder for the results")
    animate.set_defaults(run=run_animate)

    demo = commands.add_parser("demo", help="animate the bundled voice and the photo that scikit-image ships")
    add_performance_options(demo)
    demo.add_argument("--out", default=Path("out/demo"), type=Path, help="folder for the results")
    demo.set_defaults(run=run_demo, family="open", landmarks="mediapipe", allow_download=False, compat=False)
    demo.set_defaults(hair="bob")

    styles = commands.add_parser("styles", help="the same as `style list`")
    add_reporting_options(styles)
    styles.set_defaults(run=style_commands.run_list)
    style_commands.add_style_command(commands, add_reporting_options, progress_of)
    add_render_command(commands, add_reporting_options, progress_of)
    add_scene_command(commands, add_reporting_options, progress_of)
    add_textures_command(commands, add_reporting_options, progress_of)
    add_subject_command(commands, add_reporting_options, progress_of)
    add_models_command(commands)
    add_serve_command(commands)
    return parser


def add_models_command(commands: Any) -> None:
    """`models` and `models add`."""
    models = commands.add_parser("models", help="list the models: those that ship, and the original system's")
    add_reporting_options(models)
    models.set_defaults(run=run_models, show=print_models)
    add = models.add_subparsers(metavar="add").add_parser("add", help="check a model's original files and keep them")
    add.add_argument("kind", help="which model; `style-avatar models` lists them")
    add.add_argument("files", nargs="+", type=Path, metavar="file", help="its files as their owners publish them")
    add_reporting_options(add)
    add.set_defaults(run=run_models_add, show=print_entries)


def add_performance_options(parser: argparse.ArgumentParser) -> None:
    """What every command that makes a take accepts."""
    parser.add_argument(
        "--style",
        default="neutral",
        help="a preset (`style-avatar style list`), a file (me.npz), or a mix of these such as calm:0.7+me.npz:0.3",
    )
    parser.add_argument(
        "--slider",
        action="append",
        default=[],
        metavar="NAME=FACTOR",
        help="make lips, jaw, brows, blinks, gaze or head smaller or larger, 0 to 2, as in head=0.5; may be repeated",
    )
    parser.add_argument(
        "--motion",
        choices=("articulator", "learned"),
        help="who turns speech into motion: the network (learned, the default), or rules; only with --family open",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other blinks, gaze and head sway")
    parser.add_argument("--fps", default="25", help="frame rate of the Blender scene: 24, 25, 29.97, 30 …")
    parser.add_argument(
        "--formats",
        default="mp4,png,blend,fbx,abc",
        help="what to write besides take.npz, separated by commas (default: all: %(default)s)",
    )
    parser.add_argument(
        "--hair",
        default="none",
        metavar="CUT",
        help="what the head wears in the Blender files: none, bald (fine brows only), buzz, side_part, swept_back, bob "
        "or long_wavy (default: %(default)s); FBX and Alembic get it as cards",
    )
    parser.add_argument("--beard", default="none", help="none, stubble, short or full")
    parser.add_argument("--hair-colour", metavar="RRGGBB", help="sRGB, as 4a2f1c; without it the photo's own")
    parser.add_argument(
        "--blender",
        type=Path,
        help="a Blender (4.2 or newer) that builds the scene, if it cannot open ours",
    )
    add_reporting_options(parser)


def add_reporting_options(parser: argparse.ArgumentParser) -> None:
    """How a command speaks."""
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.add_argument("--json", action="store_true", help="progress as JSON lines on stderr, the result on stdout")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def hair_of(options: argparse.Namespace) -> Hair | None:
    """What `--hair`, `--beard` and `--hair-colour` ask for, None for a head as it is.

    Raises:
        BlenderError: there is no such cut, beard or colour.
    """
    from backend.blender import Hair

    hair = Hair(options.hair, options.beard, options.hair_colour)
    return None if (hair.cut, hair.beard) == ("none", "none") else hair


def run_animate(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar animate`."""
    from backend import delivery
    from backend.motions import DEFAULT_MOTION

    sliders = style_commands.parse_sliders(options.slider)
    if sliders and options.family == "original":
        raise ValueError("--slider moves channels that only --family open has; leave it out with --family original")
    if options.compat and options.family != "original":
        raise ValueError("--compat repeats what the original does; add --family original, or leave it out")
    if options.motion == "learned" and options.family == "original":
        raise ValueError("--motion learned moves only our own head; leave it out with --family original")
    hair = hair_of(options)
    if hair and options.family == "original":
        raise ValueError("hair grows on our own head only; leave --hair and --beard out with --family original")
    request = delivery.Request(
        audio=options.audio,
        image=options.image,
        transcript=read_transcript(options.transcript),
        style=options.style,
        sliders=sliders,
        seed=options.seed,
        scene_fps=parse_fps(options.fps),
        formats=parse_formats(options.formats),
        hair=hair,
        out=options.out,
        blender=options.blender,
        landmarks=options.landmarks,
        allow_download=options.allow_download,
        compat=options.compat,
        motion=options.motion or DEFAULT_MOTION,
    )
    with progress_of(options) as progress:
        if options.family == "original":
            from backend import original_delivery

            return original_delivery.produce(request, progress)
        return delivery.produce(request, progress)


def run_demo(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar demo`."""
    from backend.delivery import DEMO_TRANSCRIPT, DEMO_VOICE, write_demo_photo

    options.audio = DEMO_VOICE
    options.transcript = DEMO_TRANSCRIPT.read_text(encoding="utf-8")
    options.image = write_demo_photo(options.out / "photo.png")
    return run_animate(options)


def run_models(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar models`."""
    from backend import model_store, shipped_models

    folder = str(model_store.home() / "models")
    return {"folder": folder, "models": model_store.listing(), "shipped": shipped_models.listing()}


def run_models_add(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar models add`."""
    from backend import model_store

    return model_store.add(options.kind, options.files)


def read_transcript(given: str | None) -> str | None:
    """The transcript itself, or the content of the .txt file that `given` names."""
    if given is None or not given.endswith(".txt"):
        return given
    return Path(given).read_text(encoding="utf-8")


def parse_fps(text: str) -> float:
    """A frame rate; 23.976, 29.97 and 59.94 mean the exact NTSC rates.

    Raises:
        ValueError: not a number between 1 and 240.
    """
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 1 <= rate <= 240:
        raise ValueError(f"--fps takes a frame rate between 1 and 240, got {text!r}")
    ntsc = round(rate) * 1000 / 1001
    return ntsc if abs(rate - ntsc) < 0.006 and rate != round(rate) else rate


def parse_formats(text: str) -> frozenset[str]:
    """The set of output formats.

    Raises:
        ValueError: an unknown format.
    """
    from backend.delivery import FORMATS

    formats = frozenset(filter(None, text.replace(" ", "").split(",")))
    if unknown := formats - FORMATS:
        raise ValueError(f"--formats does not know {', '.join(sorted(unknown))}; it knows {', '.join(sorted(FORMATS))}")
    return formats


def progress_of(options: argparse.Namespace) -> Any:
    """The progress reporter that the options ask for, as a context manager."""
    if options.quiet:
        return nullcontext(silent)
    return JsonProgress() if options.json else TerminalProgress()


def report(result: dict[str, Any], options: argparse.Namespace) -> None:
    """Print a command's result, as JSON or for people."""
    if options.json:
        print(json.dumps(result))
        return
    getattr(options, "show", print_entries)(result)


def print_entries(entries: dict[str, Any], indent: str = "") -> None:
    """One line for each entry, those of a group below its name."""
    for key, value in entries.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            print_entries(value, indent + "  ")
        else:
            print(f"{indent}{key:<16} {value}" if indent else f"{key}: {value}")


if __name__ == "__main__":
    sys.exit(main())
