"""Opening sound and video that somebody sent: one file, read as what it is.

ffmpeg also knows formats that are lists of other files (HLS, DASH, concat scripts): a voice of a few bytes could
make it read any file of the user. Only formats that hold their own data are opened here, and nothing but the file
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

FORMATS: Final = (
    *("aac", "ac3", "aiff", "amr", "ape", "au", "caf", "eac3", "flac", "mp3", "ogg", "w64", "wav", "wv"),
    *("asf", "avi", "dv", "flv", "matroska", "mov", "mpeg", "mpegts", "mxf", "webm"),
)
RADIANCE: Final = ("hdr_pipe", "exr_pipe")  # pictures of light


def open_input(path: Path, formats: Sequence[str] = FORMATS) -> InputContainer:
    """The file `path` as a container of sound or pictures.

    Raises:
        av.error.FFmpegError: it cannot be read, or is none of `formats`.
        UnicodeDecodeError: its metadata are damaged.
    """
    options = {"format_whitelist": ",".join(formats), "protocol_whitelist": "file"}
    return av.open(str(path), metadata_errors="ignore", options=options)
