"""Looks a neural texture up at the UV of every pixel (SPEC 4.3)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def sample_texture(texture: Tensor, uv: Tensor) -> Tensor:
    """The texture (B, C, h, w) at `uv` (B, 2, H, W), u along its columns and v down its rows, both 0..1.

    Bilinear; 0 and 1 are the outer edges of the border texels, beyond which all is 0. Result (B, C, H, W).

    Raises:
        ValueError: `uv` has not two channels, or another batch than the texture.
    """
    if uv.ndim != 4 or uv.shape[1] != 2 or uv.shape[0] != texture.shape[0]:
        raise ValueError(f"expected uv ({texture.shape[0]}, 2, H, W), got {tuple(uv.shape)}")
    grid = 2.0 * uv.permute(0, 2, 3, 1) - 1.0
    return F.grid_sample(texture, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
