"""Lamps: how discs in the sky light a surface, and which ones a panorama shows.

Nine harmonics know no shadow edge and no highlight; what makes them is the one or two brightest places around.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.lighting.light import Lobe
from models.face.shading import sh_basis, unit

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

MOST: Final = 2  # lobes of a panorama
WIDEST: Final = 35.0  # degrees, half angle
NARROWEST: Final = 2.0
AROUND: Final = 55.0  # degrees around a peak in which its surroundings are judged
STRONG: Final = 0.08  # of all light, what a place must give to be a lamp of its own
EDGE: Final = 0.15  # of the peak's excess, down to which a lamp reaches
_BANDS: Final = np.array([1, 0.5, 0.5]) / np.pi**2  # what makes harmonics of radiance those of irradiance over pi
LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722])


def lobe_bands(lobe: Lobe) -> Float32Array:
    """(9, 3) the bands of a lobe's irradiance over pi, in the harmonics of `models.face.shading.sh_basis`.

    Legendre polynomials integrated over the disc, around its middle (Ramamoorthi and Hanrahan 2001).
    """
    c = np.cos(np.radians(lobe.half_angle))
    discs = np.array([1 - c, (1 - c * c) / 2, (c - c**3) / 2]) * 2 * np.pi  # integrals of the polynomials
    scale = (discs * _BANDS)[[0, 1, 1, 1, 2, 2, 2, 2, 2]]
    radiance = lobe.strength / (1 - c * c)
    towards = sh_basis(lobe.direction.astype(np.float32)[None])[0]
    return np.asarray((towards * scale)[:, None] * radiance, np.float32)


def disc_cosine(cosine: Float32Array, half_angle: float) -> Float32Array:
    """Irradiance of a disc over that of one straight above, for the `cosine` between its middle and the normal.

    Exact while the disc is wholly above the horizon or below it; a parabola in between.
    """
    sine = np.float32(np.sin(np.radians(half_angle)))
    between = np.square(np.clip(cosine + sine, 0, 2 * sine)) / (4 * sine)
    return np.asarray(np.where(cosine >= sine, cosine, between), np.float32)


def lobes_of(radiance: Float32Array, towards: Float64Array, area: Float64Array) -> tuple[list[Lobe], Float32Array]:
    """The brightest places of `radiance` (n, 3), seen in directions `towards` (n, 3) of solid angle `area` (n,).

    Returns at most `MOST` lobes, the strongest first, and the radiance (n, 3) that is left.
    """
    left = radiance.astype(np.float64).copy()
    total = float((left @ LUMINANCE * area).sum())
    found: list[Lobe] = []
    for _ in range(4 * MOST):
        brightness = _smoothed(left @ LUMINANCE, towards, area)
        peak = int(brightness.argmax())
        near = towards @ towards[peak] > np.cos(np.radians(AROUND))
        floor = float(np.percentile((left @ LUMINANCE)[near], 25))
        inside = near & (brightness > floor + EDGE * (brightness[peak] - floor))
        excess = np.maximum(left[inside] - np.percentile(left[near], 25, axis=0), 0)
        given = excess * area[inside, None]
        share = float((given @ LUMINANCE).sum()) / max(total, 1e-9)
        if share < STRONG:
            break
        found.append(_lobe(towards[inside], excess @ LUMINANCE, area[inside], given))
        left[inside] -= excess
        if len(found) == MOST:
            break
    found.sort(key=lambda lobe: -float(lobe.strength @ LUMINANCE))
    return found, left.astype(np.float32)


def without(bands: Float32Array, lobes: Sequence[Lobe]) -> Float32Array:
    """`bands` (9, 3) less those of `lobes`."""
    return np.asarray(bands - sum((lobe_bands(lobe) for lobe in lobes), np.zeros((9, 3))), np.float32)


def _lobe(towards: Float64Array, excess: Float64Array, area: Float64Array, given: Float64Array) -> Lobe:
    """A disc of the same middle, light and spread as what was found."""
    weight = excess * area
    middle = unit((towards * weight[:, None]).sum(axis=0))
    spread = float((weight * (1 - towards @ middle)).sum() / weight.sum())  # of a disc: (1 - cos) / 2
    half_angle = float(np.degrees(np.arccos(np.clip(1 - 2 * spread, -1, 1))))
    half_angle = float(np.clip(half_angle, NARROWEST, WIDEST))
    mean_cosine = np.cos(np.radians(half_angle)) / 2 + 0.5
    strength = given.sum(axis=0) / np.pi * mean_cosine
    return Lobe(middle.astype(np.float32), half_angle, strength.astype(np.float32))


def _smoothed(brightness: Float64Array, towards: Float64Array, area: Float64Array) -> Float64Array:
    """Means over some four degrees, so that one hot pixel of noise is no lamp and a sun of one pixel is one."""
    sharpness = 1 / (1 - np.cos(np.radians(4.0)))
    weights = np.exp(sharpness * (towards @ towards.T - 1)) * area
    return np.asarray((weights @ brightness) / weights.sum(axis=1))
