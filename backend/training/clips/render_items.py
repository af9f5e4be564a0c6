"""What the neural renderer learns from, frames of LRW, and is tested on, whole clips of any database (SPEC 4.7)."""

from __future__ import annotations

import random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from backend.training.clips.database import ClipReader
from backend.training.clips.pictures import (
    THRESHOLD,
    ClipPictures,
    Media,
    decoded,
    image_tensor,
    mask_tensor,
    uv_tensor,
)
from backend.training.clips.records import ClipFileError


class RenderItem(NamedTuple):
    """K consecutive frames and what they are drawn from; all images BGR, byte / 128 - 1."""

    background: Tensor  # (K, 1, H, W), 1 outside the face
    uv: Tensor  # (K, 2, H, W), 0..1
    frames: Tensor  # (K, 3, H, W)
    textures: Tensor  # (K, 3, S, S), of the clip's first K frames
    face: Tensor  # (3, H, W), the clip's first frame, 0 outside the face


class WholeClip(NamedTuple):
    """All T frames of a clip; the same units as `RenderItem`."""

    background: Tensor  # (T, 1, H, W)
    uv: Tensor  # (T, 2, H, W)
    frames: Tensor  # (T, 3, H, W)
    textures: Tensor  # (K, 3, S, S), of the first K frames


class RenderItems(Dataset[RenderItem]):
    """The clips of a database, each as `length` frames that are drawn anew whenever it is asked for.

    They begin `length` frames into the clip or later, so that they are not those the textures come from. `generator` is
    Python's, as in the original: seeded alike, it draws the same frames.

    Raises:
        ClipFileError: a database of another layout.
    """

    def __init__(self, reader: ClipReader, generator: random.Random, length: int = 3) -> None:
        self._reader, self._generator, self._length = reader, generator, length
        self._count = reader.count()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> RenderItem:
        """The item of clip `index`.

        Raises:
            IndexError: no such clip.
            ClipFileError: damaged, or shorter than twice the length.
        """
        if not 0 <= index < self._count:
            raise IndexError(f"expected a clip from 0 to {self._count - 1}, got {index}")
        pictures = ClipPictures.read(lambda field: self._reader.media(field, index), f"clip {index}")
        length, frames = self._length, len(pictures.frames)
        if frames < 2 * length:
            raise ClipFileError(f"clip {index} has {frames} frames and an item needs {2 * length}; leave it out")
        start = self._generator.randint(length, frames - length)
        drawn = slice(start, start + length)
        face = torch.from_numpy(pictures.background[:1, ..., 0] < THRESHOLD)[:, None]
        return RenderItem(
            background=mask_tensor(pictures.background[drawn]),
            uv=uv_tensor(pictures.uv[drawn]),
            frames=image_tensor(pictures.frames[drawn]),
            textures=image_tensor(pictures.textures[:length]),
            face=(image_tensor(pictures.frames[:1]) * face)[0],
        )


def whole_clip(media: Media, clip: str, length: int = 3) -> WholeClip:
    """A clip to be drawn from end to end, with its first `length` textures; `clip` names it in errors.

    Raises:
        ClipFileError: damaged, or shorter than `length`.
    """
    pictures = ClipPictures.read(media, clip)
    if len(pictures.frames) < length:
        raise ClipFileError(f"{clip} has {len(pictures.frames)} frames and {length} textures are needed; leave it out")
    return WholeClip(
        background=mask_tensor(pictures.background),
        uv=uv_tensor(pictures.uv),
        frames=image_tensor(pictures.frames),
        textures=image_tensor(pictures.textures[:length]),
    )


def mouth_masks(media: Media, clip: str) -> Tensor:
    """The clip's mouth masks (T, 1, H, W), 1 in the mouth, for the losses that look at it more closely.

    Raises:
        ClipFileError: missing or no video.
    """
    return mask_tensor(decoded(media("mouth"), f"mouth of {clip}"))
