"""Lashes and brows: thin strands, bound to the base mesh's lash strips and to the skin."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from backend.training.open_head import layout
from backend.training.open_head.part import Part, bound, mean_weights, mirrored_pair, nearest_on, normals
from backend.training.open_head.skin import Skin
from backend.training.open_head.wheel import Float64Array, IntArray, Wheel

UPPER_LASHES = 46
LOWER_LASHES = 30
BROW_STRANDS = 230
STATIONS = np.array([0.0, 0.45, 1.0])


def lashes(wheel: Wheel, centre: Float64Array) -> Part:
    """Both eyes' lashes; `centre` (3,) of the left eyeball."""
    base, neutral = wheel.base, wheel.neutral
    rng = np.random.default_rng(11)
    strips = []
    for group, number, length in (
        ("helper-l-eyelashes-2", UPPER_LASHES, 0.060),
        ("helper-l-eyelashes-1", LOWER_LASHES, 0.032),
    ):
        quads = base.quads[base.groups == group]
        strips.append(_lash_row(neutral, quads, centre, number, length, rng))
    lines = np.concatenate(strips)
    rest, triangles = ribbons(lines, np.full(len(lines), 0.0034), lines - centre)
    quads = base.quads[np.char.startswith(base.groups, "helper-l-eyelashes")]
    flat = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    corner, weight = nearest_on(lines.reshape(-1, 3), neutral, flat)
    weights = mean_weights(corner, weight, len(neutral))[_line_point(len(lines))]
    return _pair(wheel, _strands(rest, weights, triangles, "lashes", layout.LASHES_LEFT), layout.LASHES_RIGHT)


def _line_point(number: int) -> IntArray:
    """For each ribbon vertex its point on the centre line: both sides move as one, or folds would widen the strand."""
    station = np.append(np.repeat(np.arange(len(STATIONS) - 1), 2), len(STATIONS) - 1)
    return (np.arange(number)[:, None] * len(STATIONS) + station).ravel()


def _lash_row(
    neutral: Float64Array, quads: IntArray, centre: Float64Array, number: int, length: float, rng: np.random.Generator
) -> Float64Array:
    """Centre lines (number, stations, 3) growing out of the strip's middle row, curling away from the eye."""
    points = neutral[np.unique(quads)]
    upper = points[:, 1].mean() > centre[1]
    distance = np.linalg.norm(points - centre, axis=1)
    margin = points[(distance > 0.158) & (distance < 0.189)]
    margin = margin[np.argsort(margin[:, 0])]
    x = np.linspace(margin[:, 0].min() + 0.035, margin[:, 0].max(), number)
    smooth = [np.poly1d(np.polyfit(margin[:, 0], margin[:, axis], 4)) for axis in (1, 2)]
    root = np.stack([x, smooth[0](x), smooth[1](x)], axis=1)
    share = (x - x.min()) / np.ptp(x)
    out = np.stack([(share - 0.42) * 0.9, np.zeros(number), np.full(number, 1.0)], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    rise = np.array([0, 1.0 if upper else -1.0, 0])
    size = length * (0.55 + 0.45 * np.sin(np.pi * np.clip(share * 0.8 + 0.22, 0, 1))) * rng.uniform(0.85, 1.1, number)
    lean = rng.normal(0, 0.1, number)
    lines = []
    for station in STATIONS:
        bend = station**1.7
        direction = out * (station - 0.25 * bend)[..., None] + rise * (0.12 * station + 0.55 * bend)
        direction = direction + np.stack([lean * station, 0 * lean, 0 * lean], axis=1)
        lines.append(root + direction * size[:, None])
    return np.stack(lines, axis=1)


def brows(wheel: Wheel, skin: Skin) -> Part:
    """Both brows: strands along an arch above the eye, lying on the skin."""
    rng = np.random.default_rng(23)
    rest, triangles = skin.part.rest, skin.part.triangles
    ahead = triangles[(rest[triangles].mean(axis=1)[:, 2] > 0.9) & (rest[triangles].mean(axis=1)[:, 0] > -0.05)]
    normal = normals(rest, triangles)
    lines = _brow_lines(rest, ahead, normal, rng)
    corner, weight = nearest_on(lines.reshape(-1, 3), rest, ahead)
    outward = np.einsum("nk,nkc->nc", weight, normal[corner]).reshape(lines.shape)
    ribbon, faces = ribbons(lines, np.full(len(lines), 0.0052), outward)
    weights = (mean_weights(corner, weight, len(rest)) @ skin.weights)[_line_point(len(lines))]
    return _pair(wheel, _strands(ribbon, weights, faces, "brows", layout.BROWS_LEFT), layout.BROWS_RIGHT)


def _brow_lines(rest: Float64Array, faces: IntArray, normal: Float64Array, rng: np.random.Generator) -> Float64Array:
    """Centre lines (strands, stations, 3) of the left brow."""
    share = np.sort(rng.uniform(0, 1, BROW_STRANDS) ** 0.9)
    across = rng.uniform(-1, 1, BROW_STRANDS)
    x = np.interp(share, [0, 1], [0.13, 0.53])
    y = np.interp(share, [0, 0.25, 0.62, 1], [7.528, 7.556, 7.583, 7.535])
    half = np.interp(share, [0, 0.12, 0.6, 1], [0.019, 0.026, 0.018, 0.004])
    start = np.stack([x, y + across * half, np.full(BROW_STRANDS, 1.6)], axis=1)
    turn = (
        np.radians(np.interp(share, [0, 0.2, 0.6, 1], [72, 40, 12, -20]))
        - across * 0.35
        + rng.normal(0, 0.1, BROW_STRANDS)
    )
    size = np.interp(share, [0, 0.2, 1], [0.05, 0.075, 0.06]) * rng.uniform(0.8, 1.15, BROW_STRANDS)
    lines = []
    for station in STATIONS:
        point = start + (size * station)[:, None] * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
        for _ in range(4):  # drop the point onto the skin, keeping x and y
            corner, weight = nearest_on(point, rest, faces)
            point[:, 2] = np.einsum("nk,nkc->nc", weight, rest[corner])[:, 2]
        outward = np.einsum("nk,nkc->nc", weight, normal[corner])
        lift = 0.003 + 0.009 * np.sin(np.pi * min(station * 0.75, 1.0)) * rng.uniform(0.6, 1.2, BROW_STRANDS)
        lines.append(point + outward * lift[:, None])
    return np.stack(lines, axis=1)


def ribbons(lines: Float64Array, widths: Float64Array, facing: Float64Array) -> tuple[Float64Array, IntArray]:
    """Tapering ribbons (two vertices a station, one at the tip) along centre lines (n, stations, 3).

    `facing` (n, stations, 3): the way their flat side looks.
    """
    number, stations = lines.shape[:2]
    along = np.gradient(lines, axis=1)
    side = np.cross(along, facing)
    side /= np.linalg.norm(side, axis=2, keepdims=True)
    taper = np.array([0.9, 1.0, 0.0])[:stations]
    offset = side * (widths[:, None] * taper)[..., None] / 2
    left, right = lines - offset, lines + offset
    rows = []
    for station in range(stations - 1):
        rows += [left[:, station], right[:, station]]
    rest = np.stack([*rows, lines[:, -1]], axis=1)
    each = rest.shape[1]
    pattern = []
    for station in range(stations - 2):
        a = 2 * station
        pattern += [(a, a + 1, a + 3), (a, a + 3, a + 2)]
    pattern.append((each - 3, each - 2, each - 1))
    triangles = (np.arange(number)[:, None, None] * each + np.array(pattern)).reshape(-1, 3)
    return rest.reshape(-1, 3), triangles


def _pair(wheel: Wheel, left: Part, right_box: layout.Box) -> Part:
    """The left strands and their mirror image, laid out in `right_box`."""
    right_uv = layout.placed(left.uv * (-1, 1), right_box, keep_aspect=False)
    return mirrored_pair(left, wheel.base.mirror, list(left.labels), right_uv)


def _strands(rest: Float64Array, weights: sparse.csr_matrix, triangles: IntArray, label: str, box: layout.Box) -> Part:
    """Ribbons as a part, one beside the other on the UV square."""
    each = 2 * len(STATIONS) - 1
    strand, corner = np.divmod(np.arange(len(rest)), each)
    is_tip = corner == each - 1
    across = np.where(is_tip, 0.4, 0.8 * (corner % 2))
    uv = layout.placed(np.stack([strand + across, corner // 2], axis=1), box, keep_aspect=False)
    return Part(rest, bound(weights), triangles, uv, triangles, [label] * len(triangles), np.arange(len(rest)))
