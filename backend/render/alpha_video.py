"""Pictures with alpha for compositors: ProRes 4444 in a .mov, or a folder of PNG files."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from backend.media import SoundTrack, VideoError, frame_rate
from models.whole_file import whole_file

UInt8Array = NDArray[np.uint8]

PRORES_4444: Final = {"profile": "4444", "vendor": "apl0"}


def write_prores(path: Path, frames: Iterable[UInt8Array], fps: float, audio_path: str | Path | None = None) -> None:
    """Write frames (H, W, 3) or, with straight alpha, (H, W, 4) and the sound of `audio_path` as ProRes 4444.

    Colours are BT.709, 10 bits, not subsampled. The file appears whole or not at all.

    Raises:
        VideoError: no frames, or a target that cannot be written.
        AudioError: the sound cannot be read.
    """
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        raise VideoError("there are no frames to write")
    height, width, channels = first.shape
    rate = frame_rate(fps)
    try:
        with whole_file(path) as partial, av.open(str(partial), "w", format="mov") as container:
            video = container.add_stream("prores_ks", rate=rate, options=PRORES_4444)
            video.width, video.height = width, height
            video.pix_fmt = "yuva444p10le" if channels == 4 else "yuv444p10le"
            context = video.codec_context
            context.colorspace, context.color_primaries, context.color_trc, context.color_range = 1, 1, 1, 1
            audio = SoundTrack(container, audio_path) if audio_path is not None else None
            for index, image in enumerate(itertools.chain([first], stream)):
                container.mux(video.encode(_picture(image, index, video.pix_fmt, rate)))
                if audio:
                    audio.write_until((index + 1) / rate)
            container.mux(video.encode(None))
            if audio:
                audio.close()
    except av.error.FFmpegError as error:
        raise VideoError(f"cannot write {path}: {error.strerror}") from error


def _picture(image: UInt8Array, index: int, pix_fmt: str, rate: Fraction) -> VideoFrame:
    picture = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgba" if image.shape[2] == 4 else "rgb24")
    picture = picture.reformat(format=pix_fmt, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    picture.pts, picture.time_base = index, 1 / rate
    return picture


def write_pictures(folder: Path, frames: Iterable[UInt8Array]) -> int:
    """Write frames (H, W, 3 or 4) as folder/000001.png and so on; returns their number.

    The folder appears whole or not at all.

    Raises:
        VideoError: no frames, or a folder that is there already and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise VideoError(f"{folder} exists and is not an empty folder; give another one for the pictures")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    count = 0
    try:
        partial.mkdir()
        for count, image in enumerate(frames, start=1):
            order = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
            if not cv2.imwrite(str(partial / f"{count:06d}.png"), cv2.cvtColor(image, order)):
                raise VideoError(f"cannot write pictures into {folder}")
        if not count:
            raise VideoError("there are no frames to write")
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return count
