"""The frames of a video file, one after the other, upright, and small enough to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from backend.containers import open_input
from backend.media import VideoError
from backend.pace import TooSlowError, paced

UInt8Array = NDArray[np.uint8]

FASTEST: Final = 31.0  # frames a second; of faster footage every second, third … frame is taken
LARGEST: Final = 1280  # pixels along the longer side; larger footage is scaled down
MOST_MEGAPIXELS: Final = 36  # a picture: 8K cinema; beyond, nothing is decoded
MOST_A_SECOND: Final = 240  # pictures decoded for a second that is asked for
SLOWEST: Final = 10.0  # seconds of decoding a second of footage; usual are 1 and less


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame: `image` (H, W, 3) uint8 RGB, shown `seconds` after the first."""

    seconds: float
    image: UInt8Array


def stream_pictures(path: Path, longest: float) -> Iterator[Picture]:
    """The first `longest` seconds of a video, at most `FASTEST` frames a second, in memory that does not grow.

    Raises:
        VideoError: no such file, no video in it, damage where the reading has got to, pictures that are too large or
            too many, or such as take very long to decode.
    """
    if not path.is_file():
        raise VideoError(f"there is no file {path}; check its name and folder", "video_missing", file=path.name)
    try:
        with open_input(path) as container:
            yield from _pictures(container, path, longest)
    except TooSlowError as error:
        raise VideoError(
            f"{path} takes too long to decode ({error}); convert it to MP4 with H.264, 1920 pixels wide",
            "video_slow",
            file=path.name,
        ) from error
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{path} is not a readable video ({reason}); convert it to MP4"
        raise VideoError(message, "video_unreadable", file=path.name) from error


def expected_frames(path: Path, longest: float) -> int:
    """About how many pictures `stream_pictures` will give, for a progress bar; 0 where the file does not say."""
    try:
        with open_input(path) as container:
            rate = float(container.streams.video[0].average_rate or 25)
            return int(min(float(container.duration or 0) / av.time_base, longest) * rate / _step(rate))
    except (av.error.FFmpegError, UnicodeDecodeError, IndexError):
        return 0


def _pictures(container: InputContainer, path: Path, longest: float) -> Iterator[Picture]:
    if not container.streams.video:
        raise VideoError(f"{path} has no pictures; give a video that shows a face", "video_no_pictures", file=path.name)
    stream = container.streams.video[0]
    _check_size(stream.codec_context.width, stream.codec_context.height, path)
    stream.thread_type = "AUTO"
    rate = float(stream.average_rate or 25)
    start: float | None = None
    for index, frame in enumerate(paced(container.decode(stream), lambda _: 1 / rate, SLOWEST)):
        if index > MOST_A_SECOND * longest:  # times may stand still, so they alone would end nothing
            message = f"{path} has more than {MOST_A_SECOND} pictures a second; convert it to 25 to 60 a second"
            raise VideoError(message, "video_too_fast", file=path.name, limit=MOST_A_SECOND)
        _check_size(frame.width, frame.height, path)  # may change on the way
        if index % _step(rate):
            continue
        shown = index / rate if frame.time is None else float(frame.time)
        start = shown if start is None else start
        if shown - start > longest:
            return
        yield Picture(shown - start, _upright(frame))


def _check_size(width: int, height: int, path: Path) -> None:
    if width * height > MOST_MEGAPIXELS * 1_000_000:
        raise VideoError(
            f"{path} shows {width} x {height} pixels, at most {MOST_MEGAPIXELS} megapixels are taken; "
            "scale it down to 1920 x 1080",
            "video_too_large",
            file=path.name,
            width=width,
            height=height,
            limit=MOST_MEGAPIXELS,
        )


def _step(rate: float) -> int:
    return max(1, round(np.ceil(rate / FASTEST)))


def _upright(frame: VideoFrame) -> UInt8Array:
    """The frame as RGB, turned the way that its file says it is to be shown."""
    scale = min(1.0, LARGEST / max(frame.width, frame.height))
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    turns = round(frame.rotation / 90) % 4  # counter-clockwise
    return np.ascontiguousarray(np.rot90(image, turns), dtype=np.uint8)
