"""The videos of a clip as what the neural renderer and its losses take (SPEC 4.1, 4.7)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final, NamedTuple

import av
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.training.clips.records import ClipFileError

UInt8Array = NDArray[np.uint8]
Media = Callable[[str], bytes]  # a field's name to its file, for one clip

THRESHOLD: Final = 127  # of a mask's bytes, which video has made soft


class ClipPictures(NamedTuple):
    """A clip of T frames, all BGR; videos of one clip have the same length and, but for textures, the same size."""

    frames: UInt8Array  # (T, H, W, 3), aligned
    uv: UInt8Array  # (T, H, W, 3); u and v first, 255 is 1
    background: UInt8Array  # (T, H, W, 3), 255 outside the face
    textures: UInt8Array  # (T, S, S, 3), upright

    @classmethod
    def read(cls, media: Media, clip: str) -> ClipPictures:
        """The clip's `align`, `uv`, `bg` and `texture`; `clip` names it in errors.

        Raises:
            ClipFileError: a field is missing or no video, or the videos do not fit each other.
        """
        frames, uv, background, textures = (
            decoded(media(field), f"{field} of {clip}") for field in ("align", "uv", "bg", "texture")
        )
        if not frames.shape == uv.shape == background.shape or len(textures) != len(frames):
            sizes = ", ".join(str(video.shape[:3]) for video in (frames, uv, background, textures))
            raise ClipFileError(f"align, uv, bg and texture of {clip} do not fit each other: {sizes}; prepare it again")
        return cls(frames, uv, background, textures[:, ::-1])  # the original stores textures upside down


def decoded(video: bytes, what: str) -> UInt8Array:
    """All frames (T, H, W, 3) BGR of a video file; `what` names it in errors.

    Raises:
        ClipFileError: not a video, or one without frames.
    """
    try:
        with av.open(io.BytesIO(video), "r") as container:
            frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    except (av.error.FFmpegError, IndexError) as error:  # IndexError: there is sound only
        raise ClipFileError(f"{what} is not a video that can be read: {error}") from error
    if not frames:
        raise ClipFileError(f"{what} has no frames; prepare the clip again")
    return np.stack(frames)


def image_tensor(images: UInt8Array) -> Tensor:
    """Images (B, H, W, 3) of bytes as (B, 3, H, W), byte / 128 - 1."""
    return _channels_first(images) / 128.0 - 1.0


def uv_tensor(images: UInt8Array) -> Tensor:
    """UV images (B, H, W, 3) as (B, 2, H, W) in 0..1."""
    return _channels_first(images)[:, :2] / 255.0


def mask_tensor(images: UInt8Array) -> Tensor:
    """Masks (B, H, W, 3) as (B, 1, H, W), 1 where they are bright."""
    return torch.from_numpy(images[..., 0] > THRESHOLD).float()[:, None]


def _channels_first(images: UInt8Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float()
