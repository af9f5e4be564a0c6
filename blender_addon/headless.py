"""Build a take without a window: head.npz + take.npz (+ sound, texture) → .blend, .fbx, .abc.

    python -m blender_addon.headless --head head.npz --take take.npz --blend head.blend      # with the bpy wheel
    blender --background --factory-startup --python headless.py -- --head head.npz …         # with a Blender

With the second form a Blender writes files for itself: versions before 4.5 cannot read what 5.0 saves.

Standard error carries one JSON object per line: {"stage", "done", "total"} while it works and, if it fails,
{"error": …}. Standard output carries {"files": …, "seconds": {stage: …}, …} at the end. Blender itself prints to both;
readers skip what is not a JSON object. Exit codes: 0 done, 2 command line, 3 input cannot be used, 4 Blender failed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a script by `blender --python`
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = "blender_addon"

import bpy

from .building.build import Options, Timer, build
from .files import head_file, take_file
from .hair import options as hair
from .hair.surface import HairError
from .output import export

DONE, COMMAND_LINE, BAD_INPUT, BLENDER_FAILED = 0, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with `arguments` and return the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        result = run(options, report_progress)
    except (head_file.HeadFileError, take_file.TakeFileError, HairError, FileNotFoundError) as error:
        return fail(BAD_INPUT, error)
    except (RuntimeError, OSError) as error:
        return fail(BLENDER_FAILED, error)
    print(json.dumps(result) if options.json else readable(result), flush=True)
    return DONE


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="blender_addon.headless", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--head", required=True, type=Path, help="geometry of the face model (.npz)")
    parser.add_argument("--take", required=True, type=Path, help="the performance (.npz)")
    parser.add_argument("--audio", type=Path, help="sound for the sequencer")
    parser.add_argument("--texture", type=Path, help="photo on the UV square (.png)")
    parser.add_argument("--blend", type=Path, help="write a .blend here")
    parser.add_argument("--fbx", type=Path, help="write an .fbx here")
    parser.add_argument("--abc", type=Path, help="write an Alembic cache here")
    parser.add_argument("--fps", type=float, help="frame rate of the scene (default: the take's); any rate works")
    parser.add_argument("--name", default="Head", help="name of the object")
    parser.add_argument("--identity-keys", action="store_true", help="keep the 80 identity bases as shape keys")
    parser.add_argument(
        "--pose", choices=("take", "upright"), default="take", help="upright: take the mean rotation away"
    )
    parser.add_argument("--link-sound", action="store_true", help="refer to the sound file instead of packing it")
    hair.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def run(options: argparse.Namespace, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
    """Build and write everything that `options` asks for; returns files and seconds per stage.

    Raises:
        HeadFileError, TakeFileError, HairError, FileNotFoundError: an input cannot be used.
        RuntimeError: Blender could not read a texture or sound, or could not write.
    """
    for path in (options.audio, options.texture):
        if path is not None and not path.is_file():
            raise FileNotFoundError(f"there is no file at {path}")
    if options.fps is not None and not 1 <= options.fps <= 1000:
        raise take_file.TakeFileError(f"--fps takes between 1 and 1000 frames per second, got {options.fps}")
    timer = Timer(progress)
    with timer.stage("read"):
        head, take = head_file.load(options.head), take_file.load(options.take)
    bpy.ops.wm.read_factory_settings(use_empty=False)
    clear_scene()
    head_object = build(head, take, build_options(options), timer)

    writers: dict[str, Callable[[Path], None]] = {
        "blend": save_blend,
        "fbx": lambda path: export.export_fbx(head_object, path),
        "abc": lambda path: export.export_alembic(head_object, path),
    }
    files = {}
    for kind, write in writers.items():
        path = getattr(options, kind)
        if path is not None:
            with timer.stage(kind):
                write_whole(path, write)
            files[kind] = str(path)
    scene = bpy.context.scene
    return {
        "files": files,
        "seconds": timer.seconds,
        "frames": scene.frame_end - scene.frame_start + 1,
        "fps": scene.render.fps / scene.render.fps_base,
        "action": head_object.data.shape_keys.animation_data.action.name,
        "blender": bpy.app.version_string,
    }


def build_options(options: argparse.Namespace) -> Options:
    """The part of the command line that concerns the scene."""
    return Options(
        name=options.name,
        texture=options.texture and options.texture.resolve(),
        audio=options.audio and options.audio.resolve(),
        fps=options.fps,
        identity_keys=options.identity_keys,
        pose=options.pose,
        pack=not options.link_sound,
        hair=hair.groom_of(options),
    )


def clear_scene() -> None:
    """Take the start-up cube, camera and light away; the start-up file's windows stay, for the .blend."""
    for one in list(bpy.data.objects):
        bpy.data.objects.remove(one)
    for blocks in (bpy.data.meshes, bpy.data.cameras, bpy.data.lights, bpy.data.materials, bpy.data.worlds):
        for block in list(blocks):
            blocks.remove(block)


def save_blend(path: Path) -> None:
    """Save the file as it is now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False, compress=True, copy=True)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a neighbour of `path` and move it there, so that the file appears whole or not at all."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def report_progress(stage: str, done: int, total: int) -> None:
    """One JSON line on standard error."""
    print(json.dumps({"stage": stage, "done": done, "total": total}), file=sys.stderr, flush=True)


def fail(code: int, error: Exception) -> int:
    """Say what went wrong and return `code`."""
    print(json.dumps({"error": str(error)}), file=sys.stderr, flush=True)
    return code


def readable(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [f"{result['frames']} frames at {result['fps']:.6g} fps in Blender {result['blender']}"]
    lines += [f"  {kind}: {path}" for kind, path in result["files"].items()]
    lines += ["  " + ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result["seconds"].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    code = main(own)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
