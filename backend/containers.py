"""Opening sound and video that somebody sent: one file, read as what it is.

ffmpeg also knows formats that are lists of other files (HLS, DASH, concat scripts): a voice of a few bytes could
make it read any file of the user. Only formats that hold their own data are opened here, and nothing but the file
itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

FORMATS: Final = (
    *("aac", "ac3", "aiff", "amr", "ape", "au", "caf", "eac3", "flac", "mp3", "ogg", "w64", "wav", "wv"),
    *("asf", "avi", "dv", "flv", "matroska", "mov", "mpeg", "mpegts", "mxf", "webm"),
)
_OPTIONS: Final = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}


def open_input(path: Path) -> InputContainer:
    """The file `path` as a container of sound or pictures.

    Raises:
        av.error.FFmpegError: it cannot be read, or is none of `FORMATS`.
        UnicodeDecodeError: its metadata are damaged.
    """
    return av.open(str(path), metadata_errors="ignore", options=_OPTIONS)
