"""Where hair grows (no bpy): the scalp by its hairline, kept off the ears, as masks over the vertices.

Places are given as seen from the middle of the skull: azimuth in degrees from the front to either side, elevation above
the brows' level. A line over the azimuth is the hairline.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .surface import Float64Array, Measures, Surface

# Front, temple recess, temple, sideburn in front of the ear, above the ear, behind it, nape.
HAIRLINE: Final = np.array(
    [
        *((0, 23.0), (14, 24.0), (26, 26.5), (36, 28.0), (44, 26.0), (52, 19.5), (59, 11.0), (65, 4.5), (71, -2.0)),
        *((75, -12.0), (79, -22.0), (82, -20.0), (85, -9.0), (92, -5.0), (100, -6.0), (107, -14.0), (112, -30.0)),
        *((118, -40.0), (130, -46.0), (150, -49.0), (165, -50.0), (180, -48.0)),
    ]
)
EDGE: Final = (-1.5, 6.5)  # degrees from the hairline between which hair thickens
WANDER: Final = ((1.3, 0.145, 0.8), (0.9, 0.37, 2.1))  # the hairline to and fro: degrees, per degree of azimuth, phase
CROWD: Final = 0.012  # metres beside a parting, and by how much hair is denser there and in front
AT_PART: Final = 1.6
IN_FRONT: Final = 0.35
EAR_GAP: Final = 0.006  # metres: what stands out so far over the skull near the ears is an ear
BIN: Final = 4.0  # degrees


def angles(surface: Surface, points: NDArray[np.floating]) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Azimuth (n,) in degrees, positive to the subject's left, elevation (n,), and distance (n,) of `points` (n, 3)."""
    away = np.asarray(points, dtype=np.float64) - surface.measures.centre
    azimuth = np.degrees(np.arctan2(away[:, 0], -away[:, 1]))
    elevation = np.degrees(np.arctan2(away[:, 2], np.hypot(away[:, 0], away[:, 1])))
    return azimuth, elevation, np.linalg.norm(away, axis=1)


def above_hairline(surface: Surface, points: NDArray[np.floating]) -> Float64Array:
    """Degrees (n,) by which `points` (n, 3) lie above the hairline, negative below."""
    azimuth, elevation, _ = angles(surface, points)
    return elevation - np.interp(np.abs(azimuth), HAIRLINE[:, 0], HAIRLINE[:, 1])


def within(surface: Surface, points: NDArray[np.floating]) -> Float64Array:
    """Degrees (n,) above a hairline that is not as straight as a ruler: it wanders by a degree or two."""
    azimuth, _, _ = angles(surface, points)
    return above_hairline(surface, points) + sum(high * np.sin(often * azimuth + at) for high, often, at in WANDER)


def scalp(surface: Surface, part: float | None = None) -> Float64Array:
    """(V,) 0..4: how densely the hair of the head grows.

    It is twice as dense at the whorl, and denser still along a parting: hair turns away from both, so
    that little lies over them. In front one looks along the hairs and so between them.
    """
    measures, points = surface.measures, surface.points.astype(np.float64)
    inside = smooth(within(surface, points), *EDGE)
    from_crown = np.linalg.norm((points - measures.crown) * [1, 1, 0.5], axis=1)
    dense = 1 + np.exp(-((from_crown / 0.025) ** 2))
    dense += IN_FRONT * smooth((measures.centre[1] - points[:, 1]) / measures.height, 0.1, 0.5)
    if part is not None:
        ahead = 1 - smooth(points[:, 1] - measures.crown[1], -0.02, 0.03)
        dense += AT_PART * ahead * np.exp(-((from_part(measures, part, points) / CROWD) ** 2))
    return inside * dense * skin_vertices(surface) * ~ears(surface)


def from_part(measures: Measures, part: float, points: Float64Array) -> Float64Array:
    """Metres (n,) to the left of a parting `part` metres to the subject's left, which no comb draws quite straight."""
    back = points[:, 1] - measures.centre[1]
    line = part + 0.0010 * np.sin(95 * back + 1) + 0.0006 * np.sin(260 * back)
    return points[:, 0] - measures.centre[0] - line


def skin_vertices(surface: Surface) -> NDArray[np.bool_]:
    """(V,) whether a vertex belongs to the skin."""
    marks = np.zeros(len(surface.points), dtype=bool)
    marks[surface.triangles[surface.skin]] = True
    return marks


def ears(surface: Surface) -> NDArray[np.bool_]:
    """(V,) whether a vertex stands out over the skull beside it, as only ears do, or is next to one that does."""
    azimuth, elevation, distance = angles(surface, surface.points)
    near = (np.abs(azimuth) > 70) & (np.abs(azimuth) < 130) & (elevation > -52) & (elevation < 8)
    near &= skin_vertices(surface)
    chosen = np.flatnonzero(near)
    column = np.floor((azimuth[chosen] + 180) / BIN).astype(int)
    row = np.floor((elevation[chosen] + 90) / BIN).astype(int)
    innermost = np.full((int(360 / BIN) + 1, int(180 / BIN) + 1), np.inf)
    np.minimum.at(innermost, (column, row), distance[chosen])
    marks = np.zeros(len(surface.points), dtype=bool)
    marks[chosen] = distance[chosen] > innermost[column, row] + EAR_GAP
    touched = marks[surface.triangles].any(axis=1)
    marks[surface.triangles[touched]] = True
    return marks


def smooth(values: NDArray[np.floating], low: float, high: float) -> Float64Array:
    """0 below `low`, 1 above `high`, a smooth step between (smoothstep)."""
    part = np.clip((np.asarray(values, dtype=np.float64) - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def off_the_face(surface: Surface, points: NDArray[np.floating], low: float, high: float) -> Float64Array:
    """0 in front of the face, 1 beside it (n,): smooth between azimuths `low` and `high`."""
    azimuth, _, _ = angles(surface, points)
    return smooth(np.abs(azimuth), low, high)


def before_the_face(surface: Surface, points: NDArray[np.floating], width: float = 50.0) -> NDArray[np.bool_]:
    """Whether `points` (n, 3) are before the forehead, the eyes, the nose or the mouth."""
    azimuth, elevation, _ = angles(surface, points)
    low = points[..., 2] > surface.measures.chin[2] - 0.1 * surface.measures.height
    return (np.abs(azimuth) < width * (1 - 0.25 * smooth(-elevation, 0, 60))) & (elevation < 16) & low
