"""Lights mixed from the three that every frame was rendered with, and how much of them the network is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.lighting.environment import sphere
from backend.lighting.light import SRGB_POWER, Light, Lobe
from backend.lighting.lobes import disc_cosine, lobe_bands
from backend.training.neural_renderer.items import Item
from models.face.shading import sh_basis

Float32Array = NDArray[np.float32]

TOLD: Final = ("lamps", "harmonics", "photo")
TOLD_SHARES: Final = (0.62, 0.2, 0.18)
_BASIS: Final = (0.886226925, 1.772453851)  # of `models.face.shading.sh_basis`


@dataclass(frozen=True, eq=False)
class Mixture:
    """How strong each light is: (3 lights, 3 colours) linear; and the light as the network is told of it."""

    strengths: Float32Array
    light: Light


def random_strengths(rng: np.random.Generator) -> Float32Array:
    """(3, 3): from an overcast sky to one lamp in the dark, white and coloured."""
    levels = np.array([rng.uniform(0.08, 1.0), rng.uniform(0, 1.2), rng.uniform(0, 0.8) * (rng.random() < 0.7)])
    tint = np.exp(rng.normal(0, 0.16, (3, 3))) * np.exp(rng.normal(0, 0.12, 3))
    strengths = levels[:, None] * tint
    return np.asarray(strengths / strengths.sum(axis=0).mean(), np.float32)


def mixture(item: Item, strengths: Float32Array, told: str = "lamps", mirrored: bool = False) -> Mixture:
    """The light of an `item` mixed with `strengths` (3, 3).

    told: "lamps" by direction and size; "harmonics" only; or harmonics on the pictures' scale, as a "photo"'s fit.
    """
    flip = np.array([-1, 1, 1] if mirrored else [1, 1, 1], np.float32)
    lobes = [
        Lobe((lamp[:3] * flip).astype(np.float32), float(lamp[3]), strength)
        for lamp, strength in zip(item.lamps, strengths[1:], strict=True)
    ]
    lobes.sort(key=lambda lobe: -float(lobe.strength.sum()))
    ambient = _ambient_bands(item.sky[:3] * flip, float(item.sky[3]), strengths[0])
    bands = np.asarray(ambient + sum(lobe_bands(lobe) for lobe in lobes), np.float32)
    if told == "lamps":
        return Mixture(strengths, Light(bands, SRGB_POWER, tuple(lobes), ambient))
    if told == "harmonics":
        return Mixture(strengths, Light(bands, SRGB_POWER))
    around = sphere()
    linear = np.maximum(sh_basis(around) @ ambient, 0)
    for lobe in lobes:
        linear = linear + disc_cosine(around @ lobe.direction, lobe.half_angle)[:, None] * lobe.strength
    fitted = np.linalg.lstsq(sh_basis(around), linear**SRGB_POWER, rcond=None)[0]
    return Mixture(strengths, Light(fitted.astype(np.float32)))


def _ambient_bands(direction: Float32Array, growth: float, strength: Float32Array) -> Float32Array:
    """(9, 3): of radiance 1 + growth · cosine, the irradiance over pi is 1 + 2/3 growth · cosine."""
    bands = np.zeros((9, 3), np.float32)
    x, y, z = direction * growth * 2 / 3
    bands[:4] = np.array([1 / _BASIS[0], -y / _BASIS[1], z / _BASIS[1], -x / _BASIS[1]])[:, None]
    return bands * strength
