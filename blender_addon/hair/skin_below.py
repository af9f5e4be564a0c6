"""The skin below the hair (no bpy): how much of the hair's colour it has, and a forehead as light up there as below.

No head has as many strands here as hairs in life. What is missing is a shade on the scalp, softer at its rim than the
hair. The head's own colours have a shaved scalp, which begins lower than the hairline of a cut: left as it is, it would
show as a grey band.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .regions import above_hairline, angles, ears, skin_vertices, smooth, within
from .surface import Float64Array, Surface

SHADED: Final = (-2.0, 12.0)  # degrees from the hairline between which the shade begins and is whole
FACE: Final = (-24.0, -16.0)  # between which the skin is the face's own
PAINTED: Final = (-17.0, -11.0)  # over which its colour may go over into a shaved scalp's
HIDDEN: Final = (8.0, 24.0)  # over which hair hides whatever is there
TEMPLES: Final = (54.0, 70.0)  # degrees from the front over which all this ends: beside them are ears
NEAR: Final = 9.0  # degrees around it from which the face's colour is taken
DARKEST: Final = 0.004  # linear, so that nothing is divided by 0
FACTORS: Final = (0.7, 2.2)  # the least and the most by which a colour is changed


def shade_of(surface: Surface) -> Float64Array:
    """(V,) 0..1: how much of its shade the skin has below hair."""
    inside = smooth(within(surface, surface.points), *SHADED)
    return inside * skin_vertices(surface) * ~ears(surface)


def evened(surface: Surface, colours: Float64Array) -> Float64Array:
    """(V, 3) factors on linear `colours` (V, 3) of the skin that take the face's colour up to the hairline."""
    azimuth, _, _ = angles(surface, surface.points)
    inside, skin = above_hairline(surface, surface.points), skin_vertices(surface)
    aside = np.abs(azimuth)
    share = smooth(inside, *PAINTED) * (1 - smooth(inside, *HIDDEN)) * (1 - smooth(aside, *TEMPLES)) * skin
    face = np.flatnonzero(skin & (inside > FACE[0]) & (inside < FACE[1]) & (aside < TEMPLES[1]))
    factors, changed = np.ones_like(colours), np.flatnonzero(share)
    if len(face) and len(changed):
        weights = np.exp(-(((azimuth[changed, None] - azimuth[face]) / NEAR) ** 2)) + 1e-9
        wanted = (weights @ colours[face]) / weights.sum(axis=1, keepdims=True)
        ratio = np.clip(wanted / np.maximum(colours[changed], DARKEST), *FACTORS)
        factors[changed] = ratio ** share[changed, None]
    return factors
