"""R-Net: a ResNet-50 that reads 257 face-model coefficients off an aligned photo (SPEC 8; Deng et al. 2019, section 3).

Two sets of weights exist, trained apart, whose networks differ in small things that `Convention` names. Residual
networks after He et al. 2016; names inside the network are those of the PyTorch checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models.pickles import PickleRefusedError, read_pickle
from models.reconstruction.folding import FoldingBatchNorm

SIDE: Final = 224  # pixels of an aligned photo
HEADS: Final = (80, 64, 80, 3, 27, 2, 1)  # identity, expression, texture, angles, light, shift XY, shift Z
COEFFICIENTS: Final = sum(HEADS)
STEM: Final = 64  # channels after the first convolution
EXPANSION: Final = 4  # a bottleneck's output over its inner width
STAGES: Final = 4


class ReconstructionWeightsError(ValueError):
    """The file is not an R-Net; the message says what was expected."""


@dataclass(frozen=True)
class Convention:
    """Where the two published networks differ.

    Attributes:
        stride_first: stages 2-4 halve the size in their first unit; else stages 1-3 do in their last.
        pool_centred: the pooling after the stem pads all sides by 1; else one row below and one column to the right.
        rgb: colours come red first; else blue first.
        scale: factor from bytes to what the network was trained on.
        epsilon: added to the variances of batch normalisation.
    """

    stride_first: bool
    pool_centred: bool
    rgb: bool
    scale: float
    epsilon: float


PYTORCH: Final = Convention(stride_first=True, pool_centred=True, rgb=True, scale=1 / 255, epsilon=1e-5)
TENSORFLOW: Final = Convention(stride_first=False, pool_centred=False, rgb=False, scale=1.0, epsilon=1e-5)


class _Projection(nn.Sequential):
    """A shortcut's convolution, to other channels and with `stride` another size, and its batch norm."""

    def __init__(self, inputs: int, outputs: int, stride: int, epsilon: float) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 1, stride, bias=False), FoldingBatchNorm(outputs, epsilon))

    def forward(self, x: Tensor) -> Tensor:
        convolution, norm = self._parts()
        return norm.after(convolution, x)

    def fold(self) -> None:
        convolution, norm = self._parts()
        norm.fold(convolution)

    def _parts(self) -> tuple[nn.Conv2d, FoldingBatchNorm]:
        convolution, norm = self
        return cast(nn.Conv2d, convolution), cast(FoldingBatchNorm, norm)


class _Bottleneck(nn.Module):
    """Convolutions 1, 3 and 1 wide beside a shortcut; the middle one carries the stride."""

    def __init__(self, inputs: int, width: int, stride: int, epsilon: float) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.stride = stride
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = FoldingBatchNorm(width, epsilon)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = FoldingBatchNorm(width, epsilon)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = FoldingBatchNorm(outputs, epsilon)
        self.downsample: _Projection | None = None
        if inputs != outputs:
            self.downsample = _Projection(inputs, outputs, stride, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1.after(self.conv1, x))
        y = F.relu(self.bn2.after(self.conv2, y))
        shortcut = x[:, :, :: self.stride, :: self.stride] if self.downsample is None else self.downsample(x)
        return F.relu(self.bn3.after(self.conv3, y) + shortcut)

    def fold(self) -> None:
        for convolution, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3)):
            norm.fold(convolution)
        if self.downsample is not None:
            self.downsample.fold()


class _Backbone(nn.Module):
    """The residual network down to one vector per image."""

    def __init__(self, widths: Sequence[int], units: Sequence[int], convention: Convention) -> None:
        super().__init__()
        self.pool_centred = convention.pool_centred
        self.conv1 = nn.Conv2d(3, STEM, 7, stride=2, padding=3, bias=False)
        self.bn1 = FoldingBatchNorm(STEM, convention.epsilon)
        inputs = STEM
        for stage, (width, count) in enumerate(zip(widths, units, strict=True)):
            strides = _strides(stage, count, convention.stride_first)
            ends = [inputs] + [EXPANSION * width] * (count - 1)
            blocks = (_Bottleneck(i, width, s, convention.epsilon) for i, s in zip(ends, strides, strict=True))
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
            inputs = EXPANSION * width

    def forward(self, x: Tensor) -> Tensor:
        x = self._pool(F.relu(self.bn1.after(self.conv1, x)))
        for stage in range(1, STAGES + 1):
            x = self.get_submodule(f"layer{stage}")(x)
        return x.mean(dim=(2, 3), keepdim=True)

    def fold(self) -> None:
        self.bn1.fold(self.conv1)
        for module in self.modules():
            if isinstance(module, _Bottleneck):
                module.fold()

    def _pool(self, x: Tensor) -> Tensor:
        if self.pool_centred:
            return F.max_pool2d(x, 3, stride=2, padding=1)
        return F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, stride=2)  # zeros do no harm: nothing here is negative


def _strides(stage: int, units: int, first: bool) -> list[int]:
    strides = [1] * units
    if first and stage > 0:
        strides[0] = 2
    if not first and stage < STAGES - 1:
        strides[-1] = 2
    return strides


class RNet(nn.Module):
    """The network; `widths` and `units` per stage are those of a ResNet-50 unless told otherwise."""

    def __init__(
        self,
        convention: Convention,
        widths: Sequence[int] = (64, 128, 256, 512),
        units: Sequence[int] = (3, 4, 6, 3),
    ) -> None:
        super().__init__()
        self.convention = convention
        self.backbone = _Backbone(widths, units, convention)
        self.final_layers = nn.ModuleList(nn.Conv2d(EXPANSION * widths[-1], count, 1) for count in HEADS)

    def forward(self, images: Tensor) -> Tensor:
        """Coefficients (B, 257) of aligned photos (B, 3, 224, 224), RGB in 0..255 whatever the convention."""
        x = (images if self.convention.rgb else images.flip(1)) * self.convention.scale
        features = self.backbone(x)
        return torch.cat([head(features) for head in self.final_layers], dim=1).flatten(1)

    @torch.no_grad()
    def coefficients(self, images: NDArray[np.uint8], batch: int = 32) -> NDArray[np.float32]:
        """Coefficients (N, 257) of aligned photos (N, 224, 224, 3), RGB bytes, at most `batch` at a time.

        The last batch is as short as it happens to be, so one photo costs one photo.

        Raises:
            ValueError: not photos of bytes in this size, or `batch` below 1.
        """
        if images.ndim != 4 or images.shape[1:] != (SIDE, SIDE, 3) or images.dtype != np.uint8:
            raise ValueError(f"expected photos (N, {SIDE}, {SIDE}, 3) of uint8, got {images.shape} of {images.dtype}")
        if batch < 1:
            raise ValueError(f"batch is {batch}; expected 1 or more")
        found = [np.zeros((0, COEFFICIENTS), np.float32)]
        device = self.backbone.conv1.weight.device
        for start in range(0, len(images), batch):
            part = torch.from_numpy(np.ascontiguousarray(images[start : start + batch])).to(device)
            found.append(self(part.permute(0, 3, 1, 2).float()).numpy(force=True))
        return np.concatenate(found)


def build_r_net(weights: Mapping[str, Tensor], convention: Convention) -> RNet:
    """The network that fits the weights, of any width and depth, frozen, its batch norms folded.

    The state dict still holds the published weights; `train` unfolds the network.

    Raises:
        ReconstructionWeightsError: not the weights of an R-Net.
    """
    try:
        widths = [weights[f"backbone.layer{stage}.0.conv1.weight"].shape[0] for stage in range(1, STAGES + 1)]
        units = [_count_units(weights, f"backbone.layer{stage}.") for stage in range(1, STAGES + 1)]
        network = RNet(convention, widths, units)
        network.load_state_dict(dict(weights))
    except (KeyError, RuntimeError) as error:
        raise ReconstructionWeightsError(f"these are not the weights of an R-Net: {error}") from error
    network.eval().requires_grad_(False)
    network.backbone.fold()
    return network


def _count_units(weights: Mapping[str, Tensor], stage: str) -> int:
    return len({name.removeprefix(stage).split(".")[0] for name in weights if name.startswith(stage)})


def load_pytorch_r_net(path: str | Path) -> RNet:
    """The network of `epoch_20.pth`, read without executing anything in it.

    Raises:
        ReconstructionWeightsError: another kind of file.
        FileNotFoundError: no such file.
    """
    try:
        checkpoint = read_pickle(path)
    except PickleRefusedError as error:
        raise ReconstructionWeightsError(f"{path} is not a PyTorch checkpoint: {error}") from error
    weights = checkpoint.get("net_recon") if isinstance(checkpoint, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise ReconstructionWeightsError(f"{path} holds no weights under 'net_recon'; expected epoch_20.pth")
    return build_r_net(weights, PYTORCH)
