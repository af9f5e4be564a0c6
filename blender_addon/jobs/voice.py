"""The sound of a strip as a file that can be sent: packed or trimmed sounds are written first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from .. import compat
from ..building.scene import has_sound
from ..trouble import ClientError

MIX_FPS: Final = 240  # a frame is 4 ms; an hour fits into Blender's frame numbers


@dataclass(frozen=True)
class Cut:
    """Seconds of a sound file: from `begin` to `end`; None for all of it."""

    begin: float
    end: float


def cut_of(scene: Any, strip: Any) -> Cut | None:
    """What `strip` plays of its sound; None for all of it."""
    before, after = compat.trimmed_frames(strip)
    if before < 1 and after < 1:
        return None
    fps = scene.render.fps / scene.render.fps_base
    return Cut(before / fps, (before + strip.frame_final_duration) / fps)


def voice_of_strip(scene: Any, strip: Any, folder: Path) -> Callable[[], Path]:
    """A function that returns the file with what `strip` plays; it may take a while, so call it in a thread.

    folder: for files that have to be written.

    Raises:
        ClientError: the strip's sound is not there.
    """
    return voice_of_file(file_of_sound(strip.sound, folder), cut_of(scene, strip), Path(strip.name).stem, folder)


def voice_of_file(source: Path, cut: Cut | None, stem: str, folder: Path) -> Callable[[], Path]:
    """A function that returns the file with `cut` of `source`, called after `stem`; call it in a thread.

    Raises:
        ClientError: this Blender cannot read the sound.
    """
    if cut is None:
        return lambda: source
    name = f"{stem}-{hashlib.sha256(f'{source}{cut}'.encode()).hexdigest()[:8]}.wav"
    path = folder / name
    if has_sound() and not _has_aud():  # Debian's 4.3, for one: Blender's own mixing needs Blender's thread
        _made(path, lambda partial: _mixed(source, cut, partial), source)
    return lambda: path if path.is_file() else _made(path, lambda partial: _written(source, cut, partial), source)


def file_of_sound(sound: Any, folder: Path) -> Path:
    """The sound's file; a packed one is written into `folder`.

    Raises:
        ClientError: it is not there.
    """
    if sound.packed_file is not None:
        data = sound.packed_file.data
        name = Path(bpy.path.basename(sound.filepath) or sound.name).name
        path = folder / hashlib.sha256(data).hexdigest()[:8] / name
        if not path.is_file() or path.stat().st_size != len(data):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return path
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    if not path.is_file():
        raise ClientError("cannot_read", f"The sound {path.name} is not there.", "Find it again: File › External Data.")
    return path


def _has_aud() -> bool:
    try:
        import aud  # type: ignore[import-not-found] # noqa: F401
    except ImportError:
        return False
    return True


def _made(path: Path, make: Callable[[Path], None], source: Path) -> Path:
    """`path`, made by `make` when it is not there.

    Raises:
        ClientError: this Blender has no sound library, or the sound cannot be read.
    """
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"part-{path.name}")
    try:
        make(partial)
        partial.replace(path)
    except ImportError as error:
        raise ClientError(
            "no_aud",
            "This Blender came without its module aud, which cuts a trimmed strip.",
            "Render the strip to a sound file, and choose that file as the voice.",
            repr(error),
        ) from error
    except Exception as error:  # aud has an error class of its own
        raise ClientError(
            "bad_audio", f"{source.name} cannot be cut.", "Use an untrimmed strip, or the file itself.", repr(error)
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def _written(source: Path, cut: Cut, path: Path) -> None:
    """`cut` of `source` as WAV at `path`, in any thread."""
    import aud

    sound = aud.Sound.file(str(source)).limit(cut.begin, cut.end)
    sound.write(str(path), 0, 1, aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM)


def _mixed(source: Path, cut: Cut, path: Path) -> None:
    """The same by mixing down a scene that holds nothing else, to a frame of `MIX_FPS`."""
    here = bpy.data.scenes.new("Style Avatar voice")
    known = set(bpy.data.sounds)
    try:
        here.render.fps, here.render.fps_base = MIX_FPS, 1.0
        compat.sequencer_strips(here).new_sound(name="voice", filepath=str(source), channel=1, frame_start=1)
        here.frame_start, here.frame_end = 1 + round(cut.begin * MIX_FPS), round(cut.end * MIX_FPS)
        with bpy.context.temp_override(scene=here):
            bpy.ops.sound.mixdown(
                filepath=str(path), check_existing=False, container="WAV", codec="PCM", format="S16", accuracy=256
            )
    finally:
        bpy.data.scenes.remove(here)
        for sound in set(bpy.data.sounds) - known:
            bpy.data.sounds.remove(sound)
