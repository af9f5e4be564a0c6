"""Distance between images in the features of VGG-19 (Simonyan and Zisserman 2015; Johnson et al. 2016; SPEC 4.6).

The weights are the caller's: `features.<layer>.weight` and `.bias` as torchvision publishes them for ImageNet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS: Final = (64, 128, 256, 512, 512)  # channels of the five blocks
DEPTHS: Final = (2, 2, 4, 4, 1)  # their convolutions; the rest of the last block comes after the last feature
LAYERS: Final = (1, 6, 11, 20, 29)  # the first ReLU of each block gives a feature
WEIGHTS: Final = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)  # of the features in the sum
SMALLEST: Final = 2 ** (len(WIDTHS) - 1)  # side of an image that leaves one pixel to the last block


class PerceptualLoss(nn.Module):
    """Sum over five features of the weighted mean absolute difference; frozen, and in evaluation mode for good.

    `perceptual_loss` makes one from weights; without them its features mean nothing.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for block, (width, depth) in enumerate(zip(widths, DEPTHS, strict=True)):
            layers += [nn.MaxPool2d(2)] if block else []
            for _ in range(depth):
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
        self.features = nn.Sequential(*layers)
        self.requires_grad_(False)

    def forward(self, drawn: Tensor, real: Tensor) -> Tensor:
        """The loss of images (B, 3, H, W) against others; the gradient goes to `drawn` only.

        Values go in as they are: the published renderer was trained on BGR in -1..1, without ImageNet's scale.

        Raises:
            ValueError: different shapes, or sides under 16 pixels.
        """
        if drawn.shape != real.shape or drawn.ndim != 4 or drawn.shape[1] != 3 or min(drawn.shape[2:]) < SMALLEST:
            raise ValueError(
                f"expected two batches (B, 3, H, W) of one shape and sides of {SMALLEST} pixels or more, "
                f"got {tuple(drawn.shape)} and {tuple(real.shape)}"
            )
        with torch.no_grad():
            targets = self._features(real)
        pairs = zip(WEIGHTS, self._features(drawn), targets, strict=True)
        return torch.stack([weight * F.l1_loss(feature, target) for weight, feature, target in pairs]).sum()

    def _features(self, images: Tensor) -> list[Tensor]:
        found = []
        for number, layer in enumerate(self.features):
            images = layer(images)
            if number in LAYERS:
                found.append(images)
        return found


def perceptual_loss(weights: Mapping[str, Tensor]) -> PerceptualLoss:
    """The loss with the convolutions of a VGG-19, for one torchvision's `vgg19-….pth`; other layers are left out.

    Raises:
        ValueError: not the weights of a VGG-19 without batch normalisation.
    """
    try:
        widths = [weights[f"features.{layer - 1}.weight"].shape[0] for layer in LAYERS]
        loss = PerceptualLoss(widths)
        loss.load_state_dict({name: weights[name] for name in loss.state_dict()})
    except (KeyError, IndexError, RuntimeError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error).splitlines()[-1].strip()
        raise ValueError(f"expected the weights of a VGG-19 without batch normalisation: {reason}") from error
    return loss
