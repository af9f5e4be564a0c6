"""The networks of the neural renderer as one (SPEC 4): encode textures once, then draw any number of frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.render.local_enhancer import LocalEnhancer
from models.render.texture_encoder import UNet
from models.render.texture_sampler import sample_texture

Weights = Mapping[str, Tensor]
Network = TypeVar("Network", bound=nn.Module)


class NeuralRenderer(nn.Module):
    """Texture encoder, sampler and face generator."""

    def __init__(self, encoder: nn.Module, face: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.face = face

    @torch.no_grad()
    def encode(self, textures: Tensor) -> Tensor:
        """Neural texture (1, 16, 64, 64) of one face's textures (1, 9, 256, 256) (`images.texture_input`)."""
        result: Tensor = self.encoder(textures)
        return result

    @torch.no_grad()
    def draw(self, texture: Tensor, uv: Tensor, background: Tensor) -> Tensor:
        """Frames (B, 3, H, W), BGR in -1..1, from a neural texture (1, C, h, w), `uv` (B, 2, H, W) and the mask.

        `background` (B, 1, H, W) is 1 outside the face, where frames are 0 (mid grey).
        """
        face: Tensor = self.face(sample_texture(texture.expand(len(uv), -1, -1, -1), uv))
        return face * (1.0 - background)


def blend(generator: nn.Module, faces: Tensor, frames: Tensor, background: Tensor) -> Tensor:
    """Faces put into the photo they belong to (SPEC 4.7, stage 2), all (B, 3, H, W) BGR in -1..1.

    `background` (B, 1, H, W) is the eroded mask (`images.erode_background`): there the frame stays as it is, elsewhere
    the generator repaints the face together with the frame around it.
    """
    around = frames * background
    result: Tensor = generator(faces + around) * (1.0 - background) + around
    return result


def load_texture_encoder(weights: Weights, pooled: bool = True) -> UNet:
    """The encoder that fits the weights (`tex_encoder.pkl`), of any width, frozen.

    Raises:
        ValueError: not the weights of this network.
    """
    first, last = _shape(weights, "down1.conv.0.weight"), _shape(weights, "up5.conv.1.weight")
    return _filled(UNet(first[1], last[0], base=first[0], pooled=pooled), weights)


def load_generator(weights: Weights) -> LocalEnhancer:
    """The generator that fits the weights (`face_unet.pkl`, or the blender's `generator.pkl`), of any width, frozen.

    Raises:
        ValueError: not the weights of this network.
    """
    first, last = _shape(weights, "model1_1.1.weight"), _shape(weights, "model1_2.9.weight")
    return _filled(LocalEnhancer(first[1], last[0], base=first[0]), weights)


def _shape(weights: Weights, name: str) -> torch.Size:
    if name not in weights or weights[name].ndim != 4:
        raise ValueError(f"these are not the weights of this network: there is no convolution {name!r}")
    return weights[name].shape


def _filled(network: Network, weights: Weights) -> Network:
    try:
        network.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise ValueError(f"these are not the weights of this network: {error}") from error
    return network.eval().requires_grad_(False)
