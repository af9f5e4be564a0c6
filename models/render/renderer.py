"""The networks of the neural renderer as one (SPEC 4): encode textures once, then draw any number of frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.render.local_enhancer import CoarseConvolution, LocalEnhancer
from models.render.texture_encoder import UNet
from models.render.texture_sampler import sample_texture

Weights = Mapping[str, Tensor]
Network = TypeVar("Network", bound=nn.Module)


class NeuralRenderer(nn.Module):
    """Texture encoder, sampler and face generator.

    textures: of how many RGB textures at once the encoder makes a neural one, three in the published networks.
    """

    def __init__(self, encoder: UNet, face: LocalEnhancer) -> None:
        """Take two networks that fit each other.

        Raises:
            ValueError: the encoder takes no whole number of RGB textures, or the generator's input or output is not
                the encoder's output or an RGB image.
        """
        super().__init__()
        if encoder.inputs % 3:
            raise ValueError(f"expected an encoder of RGB textures, got one of {encoder.inputs} channels")
        if (face.inputs, face.outputs) != (encoder.outputs, 3):
            raise ValueError(
                f"the encoder makes textures of {encoder.outputs} channels and images have 3, "
                f"but the generator makes {face.outputs} of {face.inputs}"
            )
        self.textures = encoder.inputs // 3
        self.encoder = encoder
        self.face = face

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.parameters()).device

    def prepare(
        self,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str | None = None,
        layout: torch.memory_format = torch.channels_last,
    ) -> NeuralRenderer:
        """Get ready to draw, in place: where to work, with which numbers, and the order of axes in memory.

        A renderer that was not prepared draws as the published one does. Channels last in float32 moves frames by
        rounding alone (4e-5 of ±1) and does not pay on every CPU by itself. `torch.bfloat16` rounds the weights of the
        generator's `CoarseConvolution`s for good and what goes through them, while stems, halvings, normalisation,
        sums and the last convolution stay in float32: faster again where `fast_bfloat16` says so, slower elsewhere,
        at an SSIM to float32 of 0.999 with seeded weights. The texture encoder, which runs once a face, stays in
        float32. `device` is where it is now unless told otherwise.

        Raises:
            ValueError: another type than the two.
        """
        if dtype not in (torch.float32, torch.bfloat16):
            raise ValueError(f"expected torch.float32 or torch.bfloat16, got {dtype}")
        for convolution in self.face.modules():
            if isinstance(convolution, CoarseConvolution):
                convolution.to(dtype=dtype)
        self.to(device=self.device if device is None else torch.device(device))
        self.to(memory_format=layout)  # type: ignore[call-overload]  # torch's annotations lack this form
        return self

    @torch.no_grad()
    def encode(self, textures: Tensor) -> Tensor:
        """Neural texture (1, 16, 64, 64) of one face's textures (1, 9, 256, 256) (`images.texture_input`)."""
        result: Tensor = self.encoder(textures.to(self.device))
        return result

    @torch.no_grad()
    def draw(self, texture: Tensor, uv: Tensor, background: Tensor) -> Tensor:
        """Frames (B, 3, H, W), BGR in -1..1, from a neural texture (1, C, h, w), `uv` (B, 2, H, W) and the mask.

        `background` (B, 1, H, W) is 1 outside the face, where frames are 0 (mid grey). Inputs may lie on any device;
        the frames are float32, where the networks are.
        """
        texture, uv, background = (tensor.to(self.device) for tensor in (texture, uv, background))
        face: Tensor = self.face(sample_texture(texture.expand(len(uv), -1, -1, -1), uv))
        return face * (1.0 - background)


def fast_bfloat16(device: torch.device | str = "cpu") -> bool:
    """Whether the device multiplies bfloat16 numbers in hardware, so that it pays to prepare a renderer with them."""
    if torch.device(device).type == "cuda":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported()


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
