"""A renderer that takes no time, and something for it to draw."""

import torch

from models.render.local_enhancer import LocalEnhancer
from models.render.renderer import NeuralRenderer
from models.render.texture_encoder import UNet

SIDE = 64


def small_renderer() -> NeuralRenderer:
    torch.manual_seed(0)
    return NeuralRenderer(UNet(9, 4, base=4), LocalEnhancer(4, 3, base=8)).eval().requires_grad_(False)


def small_inputs(renderer: NeuralRenderer, frames: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Neural texture, UV and a mask whose first ten rows are background."""
    torch.manual_seed(frames)
    background = torch.zeros(frames, 1, SIDE, SIDE)
    background[:, :, :10] = 1.0
    return renderer.encode(torch.rand(1, 9, SIDE, SIDE)), torch.rand(frames, 2, SIDE, SIDE), background
