"""Light on a head as nine numbers a colour, and the scale on which it is applied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.face.shading import light_of, sh_basis

Float32Array = NDArray[np.float32]

SRGB_POWER = 1 / 2.2


@dataclass(frozen=True, eq=False)
class Lobe:
    """A lamp as a disc in the sky.

    direction: (3,) unit, towards it; half_angle: degrees; strength: (3,) linear, what it adds to a white surface that
    faces it (irradiance over pi).
    """

    direction: Float32Array
    half_angle: float
    strength: Float32Array


@dataclass(frozen=True, eq=False)
class Light:
    """bands: (9, 3) light by spherical harmonic and colour; power: what irradiance is raised to before it multiplies
    sRGB numbers: 1 for light that was fitted to sRGB numbers (SPEC 5.5), 1/2.2 for light in linear units; lobes: its
    brightest lamps where they are known, the stronger first; ambient: `bands` without them.
    """

    bands: Float32Array
    power: float = 1.0
    lobes: tuple[Lobe, ...] = ()
    ambient: Float32Array | None = None

    @property
    def rest(self) -> Float32Array:
        """(9, 3) what is left without the lobes."""
        return self.bands if self.ambient is None else self.ambient

    def on(self, normals: Float32Array) -> Float32Array:
        """What multiplies the sRGB numbers (..., 3) of a surface with unit `normals` (..., 3)."""
        return np.asarray(np.maximum(sh_basis(normals) @ self.bands, 0) ** self.power, dtype=np.float32)


def photo_light(gamma: Float32Array) -> Light:
    """The light that was fitted to a photo, as its coefficients gamma (27,)."""
    return Light(light_of(gamma).astype(np.float32))
