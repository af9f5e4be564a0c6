"""U-Net that turns a few textures of a face into its neural texture (SPEC 4.2; after Ronneberger et al. 2015).

Names inside the network are those of the published checkpoints.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEVELS: Final = 5
MULTIPLE: Final = 2**LEVELS  # the side of an input: five halvings without a remainder


class _Down(nn.Module):
    """Half the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        convolution = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.conv = nn.Sequential(convolution, nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(x)
        return result


class _Up(nn.Module):
    """Twice the size; the last of the network ends with its convolution."""

    def __init__(self, inputs: int, outputs: int, last: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(inputs, outputs, 3, padding=1)
        )
        if not last:
            self.conv.extend([nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2)])

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(x)
        return result


class UNet(nn.Module):
    """The texture encoder; `UNet(9, 16)` is the published one, for three textures of three colours.

    With `pooled=False` it is the variant without pooling ("UNetnop") that keeps the size of its input.
    """

    def __init__(self, inputs: int, outputs: int, base: int = 64, pooled: bool = True) -> None:
        super().__init__()
        self.inputs, self.outputs, self.pooled = inputs, outputs, pooled
        self.down1 = _Down(inputs, base)
        self.down2 = _Down(base, 2 * base)
        self.down3 = _Down(2 * base, 4 * base)
        self.down4 = _Down(4 * base, 8 * base)
        self.down5 = _Down(8 * base, 8 * base)
        self.up1 = _Up(8 * base, 8 * base)
        self.up2 = _Up(16 * base, 8 * base)
        self.up3 = _Up(12 * base, 4 * base)
        self.up4 = _Up(6 * base, 2 * base)
        self.up5 = _Up(2 * base, outputs, last=True)

    def forward(self, images: Tensor) -> Tensor:
        """Images (B, inputs, H, W) in -1..1 to (B, outputs, H/4, W/4) in -1..1, or (B, outputs, H, W) unpooled.

        Raises:
            ValueError: other channels, or H or W is not a multiple of 32 or below 64, where nothing is left to
                normalise over.
        """
        if images.ndim != 4 or images.shape[1] != self.inputs:
            raise ValueError(f"expected images of shape (batch, {self.inputs}, H, W), got {tuple(images.shape)}")
        if min(images.shape[-2:]) < 2 * MULTIPLE or any(side % MULTIPLE for side in images.shape[-2:]):
            raise ValueError(f"expected images with sides of 64, 96, 128, ... pixels, got {tuple(images.shape)}")
        x1 = self.down1(images)
        x2 = self.down2(x1)
        x3 = self.down3(x2)
        x4 = self.down4(x3)
        x = self.up1(self.down5(x4))
        x = self.up2(torch.cat([x4, x], dim=1))
        x = self.up3(torch.cat([x3, x], dim=1))
        x = self.up4(torch.cat([x2, x], dim=1))
        x = self.up5(x)
        return torch.tanh(F.avg_pool2d(x, 4, padding=1) if self.pooled else x)
