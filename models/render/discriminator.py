"""Patch discriminator at several scales, which training sets against the generator (SPEC 4.6; pix2pixHD, section 3.2).

Names inside the network are those of the published checkpoints.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES: Final = (2, 2, 2, 1, 1)


class Discriminator(nn.Module):
    """`scales` patch networks of five stages; `Discriminator(12)` is the published one.

    Its input is the face of the first frame (3 channels) and three consecutive frames, real or drawn (9 channels).
    """

    def __init__(self, inputs: int, base: int = 64, scales: int = 2) -> None:
        super().__init__()
        self.scales = scales
        widths = [inputs, base, 2 * base, 4 * base, 8 * base, 1]
        for scale in range(scales):
            for stage, stride in enumerate(STRIDES):
                self.add_module(f"scale{scale}_layer{stage}", _stage(stage, widths[stage], widths[stage + 1], stride))

    def forward(self, images: Tensor) -> list[list[Tensor]]:
        """Feature maps per scale, full resolution first, and stage, of images (B, inputs, H, W) in -1..1.

        The last map of a scale, (B, 1, h, w), holds the verdicts on overlapping patches: 1 is real, 0 drawn.
        """
        maps: list[list[Tensor]] = []
        for scale in reversed(range(self.scales)):  # the published names count from the coarsest
            features, x = [], images
            for stage in range(len(STRIDES)):
                x = self.get_submodule(f"scale{scale}_layer{stage}")(x)
                features.append(x)
            maps.append(features)
            images = F.avg_pool2d(images, 3, stride=2, padding=1, count_include_pad=False)
        return maps


def adversarial_loss(maps: list[list[Tensor]], real: bool) -> Tensor:
    """Least-squares loss (Mao et al. 2017) of a discriminator's maps against one verdict, summed over its scales."""
    target = 1.0 if real else 0.0
    return torch.stack([(features[-1] - target).square().mean() for features in maps]).sum()


def feature_loss(drawn: list[list[Tensor]], real: list[list[Tensor]]) -> Tensor:
    """Mean absolute difference of a discriminator's maps but the verdicts, summed over stages and scales (Wang et al.).

    The gradient goes to the maps of drawn images only.
    """
    pairs = [(d, r.detach()) for ds, rs in zip(drawn, real, strict=True) for d, r in zip(ds[:-1], rs[:-1], strict=True)]
    return torch.stack([F.l1_loss(d, r) for d, r in pairs]).sum()


def _stage(stage: int, inputs: int, outputs: int, stride: int) -> nn.Sequential:
    layers = nn.Sequential(nn.Conv2d(inputs, outputs, 4, stride, padding=2))
    if 0 < stage < len(STRIDES) - 1:
        layers.append(nn.InstanceNorm2d(outputs))
    if stage < len(STRIDES) - 1:
        layers.append(nn.LeakyReLU(0.2))
    return layers
