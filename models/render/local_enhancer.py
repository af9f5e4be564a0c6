"""Image generator with a global and a local branch: "pix2pixHD", Wang et al. 2018, section 3.2 (SPEC 4.4).

`LocalEnhancer(16, 3, 64)` draws the face from a sampled neural texture, `LocalEnhancer(3, 3, 64)` blends it into a
photo. Names inside the network are those of the published checkpoints.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GLOBAL_HALVINGS: Final = 3
GLOBAL_BLOCKS: Final = 9
LOCAL_BLOCKS: Final = 3
MULTIPLE: Final = 2 ** (GLOBAL_HALVINGS + 1)  # the side of an input: the global branch sees half of it


class CoarseConvolution(nn.Conv2d):
    """A convolution that may run in another type than its surroundings: it works in the type of its own weights.

    These are the ones that take nine tenths of the time and, after the image has been reduced, the least of the
    errors: in bfloat16 the stems and halvings before them would do more harm than all of these together.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The convolution of `x` (B, C, H, W), in the type of `x`."""
        return super().forward(x.to(self.weight.dtype)).to(x.dtype)


class DoublingConvolution(CoarseConvolution):
    """Nearest-neighbour doubling, a reflected border and a convolution 3 wide, without making the doubled image.

    A window over doubled pixels sees two by two different ones, so each of the four places that a pixel becomes has a
    kernel 2 wide, the sum of what falls on the same pixel: 4/9 of the multiplications, and the same up to rounding.
    A border reflected after doubling is the border repeated before.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, outputs, 2·H, 2·W), in the type of `x`."""
        height, width = x.shape[-2:]
        kernels = _place_kernels(self.weight.float()).to(self.weight.dtype)
        bias = None if self.bias is None else self.bias.repeat(4)
        around = F.pad(x.to(self.weight.dtype), (1, 1, 1, 1), mode="replicate")
        places = F.conv2d(around, kernels, bias).unflatten(1, (2, 2, self.out_channels))
        result = x.new_empty(len(x), self.out_channels, 2 * height, 2 * width)
        for row in (0, 1):
            for column in (0, 1):
                place = places[:, row, column, :, row : row + height, column : column + width]
                result[:, :, row::2, column::2] = place
        return result


def _place_kernels(weight: Tensor) -> Tensor:
    """Kernels (4·outputs, inputs, 2, 2) of the upper left, upper right, lower left and lower right places."""
    rows = _pairs(weight, dim=2)
    kernels = torch.stack([torch.stack(_pairs(row, dim=3)) for row in rows])
    return kernels.flatten(0, 2).contiguous(memory_format=torch.channels_last)


def _pairs(weight: Tensor, dim: int) -> list[Tensor]:
    """Three taps along `dim` as two, for the first and for the second of doubled pixels."""
    first, middle, last = weight.split(1, dim)
    return [torch.cat([first, middle + last], dim), torch.cat([first + middle, last], dim)]


def _normalised(convolution: nn.Conv2d) -> list[nn.Module]:
    return [convolution, nn.InstanceNorm2d(convolution.out_channels), nn.ReLU()]


def _stem(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.ReflectionPad2d(3), *_normalised(nn.Conv2d(inputs, outputs, 7))]


def _halve(inputs: int) -> list[nn.Module]:
    return _normalised(nn.Conv2d(inputs, 2 * inputs, 3, stride=2, padding=1))


def _double(inputs: int) -> list[nn.Module]:
    places = [nn.Identity(), nn.Identity()]  # of the doubling and the border, which count in the published names
    return [*places, *_normalised(DoublingConvolution(inputs, inputs // 2, 3))]


class _ResidualBlock(nn.Module):
    """Two convolutions and a shortcut, no activation after the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            *_normalised(CoarseConvolution(channels, channels, 3)),
            nn.ReflectionPad2d(1),
            CoarseConvolution(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.conv_block(x)
        return result


class LocalEnhancer(nn.Module):
    """The generator; `base` is the width of the local branch, the global one begins at twice that."""

    def __init__(self, inputs: int, outputs: int, base: int = 64) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.model = nn.Sequential(*_global_branch(inputs, 2 * base))
        self.model1_1 = nn.Sequential(*_stem(inputs, base), *_halve(base))
        self.model1_2 = nn.Sequential(
            *(_ResidualBlock(2 * base) for _ in range(LOCAL_BLOCKS)),
            *_double(2 * base),
            nn.ReflectionPad2d(3),
            nn.Conv2d(base, outputs, 7),
            nn.Tanh(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, inputs, H, W) to images (B, outputs, H, W) in -1..1.

        Raises:
            ValueError: other channels, or H or W is not a multiple of 16 or below 32.
        """
        if x.ndim != 4 or x.shape[1] != self.inputs:
            raise ValueError(f"expected images of shape (batch, {self.inputs}, H, W), got {tuple(x.shape)}")
        if min(x.shape[-2:]) < 2 * MULTIPLE or any(side % MULTIPLE for side in x.shape[-2:]):
            raise ValueError(f"expected images with sides of 32, 48, 64, ... pixels, got {tuple(x.shape)}")
        coarse = self.model(F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False))
        result: Tensor = self.model1_2(self.model1_1(x) + coarse)
        return result


def _global_branch(inputs: int, base: int) -> list[nn.Module]:
    widths = [base * 2**level for level in range(GLOBAL_HALVINGS + 1)]
    layers = _stem(inputs, base)
    for width in widths[:-1]:
        layers += _halve(width)
    layers += [_ResidualBlock(widths[-1]) for _ in range(GLOBAL_BLOCKS)]
    for width in reversed(widths[1:]):
        layers += _double(width)
    return layers
