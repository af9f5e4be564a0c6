"""Between images of bytes or floats and the tensors of the neural renderer (SPEC 4.1, 4.6).

All tensors are BGR, as in the original. The original passed UV images and masks through video files of bytes; `compat`
repeats that rounding, without it the rasteriser's floats are used as they are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

ERODE_ROWS: Final = 168  # of 224: the mask shrinks below the mouth only
ERODE_WIDTH: Final = 19  # pixels
FRAME: Final = 224  # side of a frame in pixels


def texture_input(textures: NDArray[np.uint8]) -> Tensor:
    """Textures (K, H, W, 3) BGR bytes of one face to the encoder's input (1, 3·K, H, W): byte / 128 - 1.

    Raises:
        ValueError: not K images of bytes.
    """
    if textures.ndim != 4 or textures.shape[3] != 3 or textures.dtype != np.uint8:
        raise ValueError(f"expected textures (K, H, W, 3) of uint8, got {textures.shape} of {textures.dtype}")
    values = torch.from_numpy(np.ascontiguousarray(textures)).permute(0, 3, 1, 2).float() / 128.0 - 1.0
    return values.reshape(1, -1, *textures.shape[1:3])


def uv_input(uv: NDArray[np.floating], compat: bool = False) -> Tensor:
    """UV images (B, H, W, 2), u and v in 0..1, to the sampler's input (B, 2, H, W); `compat` rounds to 1/255.

    Raises:
        ValueError: not images of two channels.
    """
    if uv.ndim != 4 or uv.shape[3] != 2:
        raise ValueError(f"expected uv (B, H, W, 2), got {uv.shape}")
    values = torch.from_numpy(np.ascontiguousarray(uv, dtype=np.float32)).permute(0, 3, 1, 2)
    return (values * 255.0).round() / 255.0 if compat else values


def display(images: Tensor) -> NDArray[np.uint8]:
    """Rendered BGR images (B, 3, H, W) in -1..1 as RGB bytes (B, H, W, 3), rounded to the nearest."""
    unit = (images.flip(1).clamp(-1.0, 1.0) + 1.0) / 2.0
    return (unit * 255.0 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).numpy(force=True)


def erode_background(background: Tensor) -> Tensor:
    """Mask (B, 1, 224, 224), 1 outside the face, with the outside shrunk by 9 pixels in the rows from 168 on.

    Each of those rows takes the smallest value within 9 pixels around, looking at those rows alone.

    Raises:
        ValueError: not masks of 224 by 224.
    """
    if background.ndim != 4 or tuple(background.shape[1:]) != (1, FRAME, FRAME):
        raise ValueError(f"expected masks (B, 1, {FRAME}, {FRAME}), got {tuple(background.shape)}")
    lower = -F.max_pool2d(-background[:, :, ERODE_ROWS:], ERODE_WIDTH, stride=1, padding=ERODE_WIDTH // 2)
    return torch.cat([background[:, :, :ERODE_ROWS], lower], dim=2)
