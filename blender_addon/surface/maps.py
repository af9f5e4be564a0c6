"""Small maps of pores, of lip lines and of the eye, by formula: the same bytes every time (no bpy).

Rows go upwards (row 0 is v = 0), as Blender keeps pixels. Tiles are periodic. Normals are tangent-space ones in
OpenGL's convention (green is up), 0..255.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

PORE_TILE: Final = 0.022  # metres of skin along a side of the tile
LIP_TILE: Final = 0.016
EYE_REACH: Final = 2.2  # radii of the iris from the pupil to the side of the eye's map
PUPIL: Final = 0.36  # radius of the pupil, of the iris's


def pore_map(size: int = 512) -> UInt8Array:
    """(size, size, 4): normals of pores and of the fine furrows between them; the fourth is low within pores."""
    random = np.random.default_rng(11)
    warp = (_noise(random, size, 6), _noise(random, size, 6))
    first, second, share = _cells(random, size, 21, warp)
    coarse = np.exp(-(((second - first) / 0.10) ** 2))
    first_fine, second_fine, _ = _cells(random, size, 52, warp)
    fine = np.exp(-(((second_fine - first_fine) / 0.16) ** 2))
    pore = np.exp(-((first / (0.13 + 0.09 * share)) ** 2)) * (0.35 + 0.65 * share)
    height = -75e-6 * pore - 22e-6 * coarse - 9e-6 * fine
    for rough, waves in ((11e-6, 40), (13e-6, 18), (26e-6, 9)):
        height = height + rough * _noise(random, size, waves)
    return _packed(height, PORE_TILE, 1 - np.clip(0.9 * pore + 0.25 * coarse, 0, 1))


def lip_map(size: int = 256) -> UInt8Array:
    """(size, size, 4): the lines across the lips, which run along v; the fourth is low within them."""
    random = np.random.default_rng(12)
    broad, narrow = _stripes(random, size, 9, 3.0), _stripes(random, size, 24, 5.0)
    line = np.exp(-((broad / 0.35) ** 2)) + 0.45 * np.exp(-((narrow / 0.4) ** 2))
    height = -70e-6 * line + 12e-6 * _noise(random, size, 30)
    return _packed(height, LIP_TILE, 1 - np.clip(0.6 * line, 0, 1))


def eye_map(size: int = 512) -> UInt8Array:
    """(size, size, 4): by what the eye's colour is multiplied, halved (128 leaves it): pupil, fibres, rim, veins."""
    random = np.random.default_rng(13)
    axis = (np.arange(size) + 0.5) / size * 2 * EYE_REACH - EYE_REACH
    x, y = np.meshgrid(axis, axis)
    radius, turn = np.hypot(x, y), np.arctan2(y, x)
    iris = _iris(random, radius, turn)
    sclera = _sclera(random, x, y, radius)
    rim = _step(radius, 0.95, 1.06)[..., None]
    colour = iris[..., None] * (1 - rim) + sclera * rim
    alpha = np.full((size, size, 1), 255.0)
    return np.concatenate([np.clip(colour * 127.5, 0, 255), alpha], axis=2).round().astype(np.uint8)


def _iris(random: np.random.Generator, radius: Float32Array, turn: Float32Array) -> Float32Array:
    """Brightness of the iris: fibres that run outwards, a brighter collar, a dark rim, and the pupil."""
    rows, columns = 64, 1024
    fibres = _filtered(random, (rows, columns), (3.0, 150.0)) + 0.7 * _filtered(random, (rows, columns), (5.0, 60.0))
    bent = turn + 0.03 * np.sin(9 * radius + 5 * turn)
    row = np.clip(radius / 1.2 * rows, 0, rows - 1).astype(int)
    column = ((bent / (2 * np.pi)) % 1 * columns).astype(int) % columns
    value = 1.05 + 0.24 * fibres[row, column]
    collar = 0.54 + 0.03 * np.sin(11 * turn) + 0.02 * np.sin(23 * turn + 1)
    value *= 1 + 0.35 * np.exp(-(((radius - collar) / 0.07) ** 2)) - 0.25 * np.exp(-(((radius - 0.4) / 0.05) ** 2))
    value *= 1 - 0.66 * _step(radius, 0.8, 1.0)
    return np.maximum(value, 0.05) * _step(radius, PUPIL - 0.012, PUPIL + 0.02) + 0.02


def _sclera(random: np.random.Generator, x: Float32Array, y: Float32Array, radius: Float32Array) -> Float32Array:
    """The white: greyer at the rim of the iris, warmer outwards, with a few veins."""
    outward = _step(radius, 1.2, 2.4)[..., None]
    base = np.array([0.80, 0.77, 0.745]) * (1 - outward) + np.array([0.78, 0.62, 0.56]) * outward
    base = base * (0.78 + 0.22 * _step(radius, 1.0, 1.3))[..., None]
    veins = np.zeros_like(x)
    for _ in range(46):
        _draw_vein(veins, random, x, y)
    return base * (1 - np.clip(veins, 0, 1)[..., None] * np.array([0.10, 0.42, 0.46]))


def _draw_vein(veins: Float32Array, random: np.random.Generator, x: Float32Array, y: Float32Array) -> None:
    turn, radius, end = random.uniform(0, 2 * np.pi), 2.6, random.uniform(1.2, 2.0)
    strength, wander = random.uniform(0.25, 0.8), 0.0
    size, cell = len(x), 2 * EYE_REACH / len(x)
    while radius > end:
        wander = 0.8 * wander + random.normal(0, 0.012)
        turn, radius = turn + wander, radius - 0.02
        width = 0.010 + 0.011 * (radius - end)
        column, row = ((radius * f(turn) + EYE_REACH) / cell for f in (np.cos, np.sin))
        low, high = (max(int(v) - 6, 0) for v in (row, column)), (min(int(v) + 7, size) for v in (row, column))
        (top, left), (bottom, right) = low, high
        if top >= bottom or left >= right:
            continue
        part = np.s_[top:bottom, left:right]
        away = np.hypot(x[part] - radius * np.cos(turn), y[part] - radius * np.sin(turn))
        fade = strength * min((radius - end) / 0.3, 1.0)
        veins[part] = np.maximum(veins[part], fade * np.exp(-((away / width) ** 2)))


def _packed(height: Float32Array, length: float, fourth: Float32Array) -> UInt8Array:
    """Normals of a periodic `height` (metres) on a tile `length` metres wide, and a fourth channel on 0..1."""
    texel = length / len(height)
    along_u = (np.roll(height, -1, axis=1) - np.roll(height, 1, axis=1)) / (2 * texel)
    along_v = (np.roll(height, -1, axis=0) - np.roll(height, 1, axis=0)) / (2 * texel)
    normal = np.stack([-along_u, -along_v, np.ones_like(height)], axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    channels = np.concatenate([(normal + 1) / 2, fourth[..., None]], axis=2)
    return (np.clip(channels, 0, 1) * 255).round().astype(np.uint8)


def _cells(
    random: np.random.Generator, size: int, count: int, warp: tuple[Float32Array, Float32Array]
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Distances to the nearest and second nearest of count² scattered points, in cells, and a number per nearest."""
    points = random.uniform(0.12, 0.88, (count, count, 2))
    numbers = random.uniform(0, 1, (count, count))
    axis = (np.arange(size) + 0.5) / size * count
    x, y = np.meshgrid(axis, axis)
    x, y = x + 0.18 * warp[0], y + 0.18 * warp[1]
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    first, second, share = np.full((3, size, size), 9.0)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            at = (row + down) % count, (column + right) % count
            distance = np.hypot(column + right + points[at][..., 0] - x, row + down + points[at][..., 1] - y)
            nearer = distance < first
            second = np.where(nearer, first, np.minimum(second, distance))
            share = np.where(nearer, numbers[at], share)
            first = np.minimum(first, distance)
    return first, second, share


def _stripes(random: np.random.Generator, size: int, count: float, wander: float) -> Float32Array:
    """Noise with about `count` waves along u, hardly any along v."""
    return _filtered(random, (size, size), (wander, float(count)))


def _noise(random: np.random.Generator, size: int, count: float) -> Float32Array:
    """Periodic noise with about `count` waves along a side, of variance 1."""
    return _filtered(random, (size, size), (float(count), float(count)))


def _filtered(random: np.random.Generator, shape: tuple[int, int], waves: tuple[float, float]) -> Float32Array:
    """White noise smoothed to about `waves` waves along the rows' and the columns' axis, of variance 1, periodic."""
    rows, columns = np.fft.fftfreq(shape[0]) * shape[0], np.fft.rfftfreq(shape[1]) * shape[1]
    spectrum = np.fft.rfft2(random.standard_normal(shape))
    spectrum *= np.exp(-((rows[:, None] / waves[0]) ** 2) - (columns[None] / waves[1]) ** 2)
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, shape)
    return np.asarray(noise / noise.std(), dtype=np.float32)


def _step(value: Float32Array, low: float, high: float) -> Float32Array:
    x = np.clip((value - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)
