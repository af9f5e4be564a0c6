"""The deferred neural renderer: from a rasteriser's buffers to the picture a path tracer would make.

A U-Net at half resolution and below, a few cheap layers at full resolution. It does not paint: its answer is the first
guess, which is the light on the albedo, times a gain plus an offset, so that what it has never seen comes out as what
went in. Numbers of the light modulate its coarse levels (FiLM, Perez et al. 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.weight_card import checked

WEIGHTS: Final = Path(__file__).parent.parent / "weights" / "deferred_renderer.safetensors"
CHANNELS: Final = 34
GLOBALS: Final = 42
WIDTHS: Final = (32, 64, 128, 160)  # at 1/2, 1/4, 1/8, 1/16
ALPHA: Final = 32  # channel
STEP: Final = 16  # sides must be multiples of it
HIDDEN: Final = 64
FULL: Final = 24  # channels at full resolution


class Residual(nn.Module):
    """Two 3x3 convolutions added to what goes in; with numbers of the light, they scale and shift what is between."""

    def __init__(self, width: int, lit: bool) -> None:
        super().__init__()
        self.one = nn.Conv2d(width, width, 3, padding=1)
        self.two = nn.Conv2d(width, width, 3, padding=1)
        self.light = nn.Linear(HIDDEN, 2 * width) if lit else None

    def forward(self, x: Tensor, light: Tensor) -> Tensor:
        """x: (B, C, h, w), light: (B, 64)."""
        inner = F.relu(self.one(x))
        if self.light is not None:
            gain, shift = self.light(light)[..., None, None].chunk(2, dim=1)
            inner = inner * (1 + gain) + shift
        return F.relu(x + self.two(inner))


class DeferredRenderer(nn.Module):
    """Channels (B, 34, H, W) and light numbers (B, 42) to colours (B, 3, H, W), premultiplied, power 1/2.2.

    Sides are multiples of 16. The first three channels are the first guess and come back unchanged until it is trained.
    """

    def __init__(self, widths: tuple[int, int, int, int] = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        self.lamp = nn.Sequential(nn.Linear(GLOBALS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU())
        self.stem = nn.Conv2d(4 * CHANNELS, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.inward = nn.ModuleList(Residual(width, lit=level >= 2) for level, width in enumerate(widths))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.outward = nn.ModuleList(Residual(width, lit=level >= 2) for level, width in enumerate(widths[:-1]))
        self.spread = nn.Conv2d(widths[0], 4 * FULL, 1)
        self.full = nn.Conv2d(CHANNELS, FULL, 3, padding=1)
        self.last = nn.Conv2d(FULL, 6, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias if self.last.bias is not None else self.last.weight)

    def forward(self, channels: Tensor, light: Tensor) -> Tensor:
        """See the class."""
        return self.finished(channels, self.features(channels, light))

    def features(self, channels: Tensor, light: Tensor) -> Tensor:
        """(B, C, H / 2, W / 2) all that is known at half resolution."""
        hidden = self.lamp(light)
        x = F.relu(self.stem(F.pixel_unshuffle(channels, 2)))
        kept: list[Tensor] = []
        for level, block in enumerate(self.inward):
            x = block(x, hidden)
            if level < len(self.down):
                kept.append(x)
                x = F.relu(self.down[level](x))
        for level in range(len(self.up) - 1, -1, -1):
            x = kept[level] + F.interpolate(self.up[level](x), scale_factor=2.0, mode="nearest")
            x = self.outward[level](x, hidden)
        return x

    def finished(self, channels: Tensor, x: Tensor) -> Tensor:
        """Colours of `features` x, through the layers at full resolution."""
        fine = F.relu(self.full(channels) + F.pixel_shuffle(self.spread(x), 2))
        gain, offset = self.last(fine).chunk(2, dim=1)
        alpha = channels[:, ALPHA : ALPHA + 1]
        return F.relu(channels[:, :3] * torch.exp(gain.clamp(-6, 2)) + alpha * offset)


def save_weights(network: DeferredRenderer, path: Path) -> None:
    """Write the weights as float16 safetensors."""
    save_file({name: value.half().cpu().contiguous() for name, value in network.state_dict().items()}, path)


def load() -> DeferredRenderer:
    """The shipped renderer.

    Raises:
        WeightCardError: its file or card is missing, or they do not fit together.
        ValueError: the file holds another network.
    """
    return load_weights(checked(WEIGHTS))


def load_weights(path: Path) -> DeferredRenderer:
    """The renderer in a safetensors file, ready to draw, float32.

    Raises:
        ValueError: the file is damaged or holds another network.
        OSError: it cannot be read.
    """
    try:
        weights = load_safetensors(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged or no safetensors file ({error}); install it again") from error
    return from_weights(weights, str(path))


def from_weights(weights: Mapping[str, Tensor], name: str = "the weights") -> DeferredRenderer:
    """The renderer of any width that fits `weights`.

    Raises:
        ValueError: they are those of another network, or not finite.
    """
    levels = [f"inward.{level}.one.weight" for level in range(len(WIDTHS))]
    if any(level not in weights or weights[level].ndim != 4 for level in levels):
        raise ValueError(f"{name}: these are not the weights of the deferred renderer")
    if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
        raise ValueError(f"{name}: the weights hold NaN or infinity; install them again")
    one, two, three, four = (int(weights[level].shape[0]) for level in levels)
    network = DeferredRenderer((one, two, three, four))
    try:
        network.load_state_dict({key: value.float() for key, value in weights.items()})
    except RuntimeError as error:
        raise ValueError(f"{name}: these are not the weights of the deferred renderer: {error}") from error
    return network.eval().requires_grad_(False)
