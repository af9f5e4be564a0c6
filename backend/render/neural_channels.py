"""What the neural renderer reads of a face: 34 channels from the buffers, and what falls on it in numbers.

Channels, premultiplied by alpha, light on the pictures' scale (power 1/2.2) and divided by `Prepared.scale`:
0-2 first guess, light of all kinds on the albedo without any shadow but the lamps' own; 3-5 the same of the rest of the
light alone; 6-8 albedo; 9-11 normal; 12-14 lamps' irradiance with shadows; 15-17 their highlight on skin; 18-20 the
rest's light from where a mirror would look; 21 cosine to the viewer; 22 the lamps' mirror image; 23, 24 depth less its
means around, over these means' widths; 25-31 parts; 32 alpha; 33 how open it is in front.

Everything that is light is divided by how bright the light is, and the answer multiplied by it: twice the light gives
exactly twice the radiance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.lighting.environment import front_normals, sphere
from backend.lighting.light import SRGB_POWER, Light
from backend.render import channel_kernels
from backend.render.buffers import Buffers
from models.face.shading import sh_basis

Float32Array = NDArray[np.float32]

CHANNELS: Final = 34
GLOBALS: Final = 42
LOBES: Final = 2
BLURS: Final = (0.06, 0.22)  # decimetres
TYPICAL_PIXEL: Final = 0.01  # decimetres, of a whole head in 256 pixels


@dataclass(frozen=True, eq=False)
class Prepared:
    """channels: (34, H, W) float32; globals: (42,) float32; scale: what the answer is multiplied by."""

    channels: Float32Array
    globals: Float32Array
    scale: float


class LightNumbers:
    """One light as the network reads it: worked out once, used for every frame.

    scale: brightness of a white face under it, on the pictures' scale; values: (41,) the rest's linear harmonics,
    then direction, strength and sine of the half angle for each of two lamps, strengths on the scale of the light.
    """

    def __init__(self, light: Light) -> None:
        self.scale = max(float(light.on(front_normals()).mean()), 1e-3)
        unit = self.scale ** (1 / SRGB_POWER)
        self.lamps = np.zeros((LOBES, 4), np.float32)
        self.lamps[:, :3], self.lamps[:, 3] = (0, 0, -1), np.radians(5)
        self.strengths = np.zeros((LOBES, 3), np.float32)
        for index, lobe in enumerate(light.lobes[:LOBES]):
            self.lamps[index] = [*lobe.direction, np.radians(lobe.half_angle)]
            self.strengths[index] = lobe.strength
        self.rest = np.ascontiguousarray(light.rest, np.float32)
        self.power = light.power
        lamps = np.concatenate([self.lamps[:, :3], np.sin(self.lamps[:, 3:])], axis=1)
        lamps *= (self.strengths.sum(axis=1) > 0)[:, None]
        self.values = np.concatenate(
            [linear_bands(light).ravel() / unit, lamps.ravel(), self.strengths.ravel() / unit]
        ).astype(np.float32)


def linear_bands(light: Light) -> Float32Array:
    """(9, 3) the rest of a light in linear units, whatever its power."""
    if light.power == SRGB_POWER:
        return light.rest
    around = sh_basis(sphere())
    values = np.maximum(around @ light.rest, 0) ** (light.power / SRGB_POWER)
    return np.asarray(np.linalg.lstsq(around, values, rcond=None)[0], np.float32)


def prepare(buffers: Buffers, light: LightNumbers, *, device: str = "cpu") -> Prepared:
    """The network's input for `buffers` that have their terms.

    Raises:
        ValueError: they have none.
    """
    if buffers.terms is None:
        raise ValueError("the neural renderer needs the buffers' terms; draw them with terms=True")
    height, width = buffers.alpha.shape
    widths = [2 * max(1, round(width / buffers.pixel / 2)) + 1 for width in BLURS]
    layers = np.stack([cv2.blur(a, (k, k)) for a in (buffers.depth, buffers.alpha) for k in widths])
    pictures = [buffers.albedo, buffers.normal, buffers.depth, layers]
    pictures += [buffers.alpha, buffers.parts, buffers.terms]
    out: Any = wp.zeros((CHANNELS, height, width), dtype=wp.float32, device=device)
    inputs: list[Any] = [wp.array(p, dtype=wp.float32, device=device) for p in pictures]
    inputs += [
        wp.array(light.rest, dtype=wp.vec3, device=device),
        float(light.power),
        wp.array(light.lamps, dtype=wp.vec4, device=device),
        wp.array(light.strengths, dtype=wp.vec3, device=device),
        light.scale,
        wp.vec2(*BLURS),
        wp.vec4(*buffers.rays),
    ]
    wp.launch(channel_kernels.prepare, dim=(height, width), inputs=inputs, outputs=[out], device=device)
    scale = np.log(buffers.pixel / TYPICAL_PIXEL)
    return Prepared(out.numpy(), np.append(light.values, np.float32(scale)).astype(np.float32), light.scale)
