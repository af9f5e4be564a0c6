"""The sound of a strip as a file that can be sent: packed or trimmed sounds are written first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..trouble import ClientError


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
    """A function that returns the file with `cut` of `source`, called after `stem`; call it in a thread."""
    if cut is None:
        return lambda: source
    name = f"{stem}-{hashlib.sha256(f'{source}{cut}'.encode()).hexdigest()[:8]}.wav"
    return lambda: _written(source, cut, folder / name)


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


def _written(source: Path, cut: Cut, path: Path) -> Path:
    """`cut` of `source` as WAV at `path`.

    Raises:
        ClientError: this Blender has no sound library, or the sound cannot be read.
    """
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    try:
        import aud  # type: ignore[import-not-found]

        sound = aud.Sound.file(str(source)).limit(cut.begin, cut.end)
        sound.write(str(partial), 0, 1, aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM)
        partial.replace(path)
    except Exception as error:  # aud has an error class of its own, and may be missing
        raise ClientError(
            "bad_audio", f"{source.name} cannot be cut.", "Use an untrimmed strip, or the file itself.", repr(error)
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return path
