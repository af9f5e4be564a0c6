"""Distance between images over the bands of their Laplacian pyramids (Burt and Adelson 1983; SPEC 4.6)."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

LEVELS: Final = 3
_BINOMIAL: Final = (1.0, 4.0, 6.0, 4.0, 1.0)  # one axis of the smoothing kernel, times 16
_SMALLEST: Final = 4 * 2 ** (LEVELS - 1)  # side whose coarsest band can still be padded by reflection


def laplacian_loss(images: Tensor, others: Tensor) -> Tensor:
    """Sum over three bands, fine to coarse, of the mean absolute difference; both (B, C, H, W).

    The smoothed image left below the last band does not count: overall brightness is another loss's business.

    Raises:
        ValueError: different shapes, or sides that are not multiples of 8 from 16 on.
    """
    if images.shape != others.shape or images.ndim != 4:
        raise ValueError(f"expected two batches (B, C, H, W) of one shape, got {images.shape} and {others.shape}")
    if any(side < _SMALLEST or side % 2**LEVELS for side in images.shape[-2:]):
        raise ValueError(f"expected sides of 16, 24, 32, ... pixels, got {tuple(images.shape)}")
    # The pyramid is linear, so the difference of two pyramids is the pyramid of the difference.
    rest, loss = images - others, images.new_zeros(())
    for _ in range(LEVELS):
        smaller = _smooth(rest)[:, :, ::2, ::2]
        loss = loss + (rest - _expand(smaller)).abs().mean()
        rest = smaller
    return loss


def _expand(images: Tensor) -> Tensor:
    """Twice the size: zeros between the pixels, then smoothed and brought back to their brightness."""
    batch, channels, height, width = images.shape
    sparse = images.new_zeros(batch, channels, 2 * height, 2 * width)
    sparse[:, :, ::2, ::2] = images
    return 4.0 * _smooth(sparse)


def _smooth(images: Tensor) -> Tensor:
    line = torch.tensor(_BINOMIAL, dtype=images.dtype, device=images.device) / 16.0
    kernel = torch.outer(line, line).expand(images.shape[1], 1, -1, -1)
    return F.conv2d(F.pad(images, (2, 2, 2, 2), mode="reflect"), kernel, groups=images.shape[1])
