"""A panorama of light becomes nine numbers a colour.

Irradiance on a diffuse surface is the radiance around it, projected on nine spherical harmonics and weighted band by
band (Ramamoorthi and Hanrahan 2001). A panorama is constant over each of its pixels, so each harmonic, a product of a
polynomial in the cosine and sine of the height and one in those of the azimuth, is integrated over it exactly.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from backend.containers import RADIANCE, open_input
from backend.lighting.light import SRGB_POWER, Light, Lobe
from backend.lighting.lobes import LUMINANCE, lobes_of, without
from backend.photo import PhotoError
from models.face.shading import sh_basis

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

SUFFIXES: Final = (".hdr", ".exr")
LARGEST: Final = 16384  # pixels a side
LOOKED_AT: Final = 32  # rows of a panorama in which lamps are looked for
DARKEST: Final = 0.02  # of the mean light: what the far side of a lone lamp still has from the room

_C0, _C1, _C2 = np.sqrt(1 / (4 * np.pi)), np.sqrt(3 / (4 * np.pi)), np.sqrt(15 / (4 * np.pi))
# From radiance in orthonormal harmonics to irradiance over pi in those of `models.face.shading.sh_basis`.
_BANDS: Final = np.array(
    [1 / np.pi] + 3 * [1 / (np.sqrt(3) * np.pi)] + 5 * [np.sqrt(8) / (8 * np.pi)],
)


def read_environment(path: str | Path, turn: float = 0.0) -> Light:
    """The light of an equirectangular panorama (.hdr or .exr, linear), turned by `turn` degrees to the right.

    Its middle is what the camera looks at behind the head, so light on the face comes from near its left and right
    edges. Its strength is left as it is (`exposed` fits it to a photo).

    Raises:
        PhotoError: no such file, another kind of file, damaged, too large, not twice as wide as high, or without light.
    """
    return light_of_panorama(_read_radiance(Path(path)), turn, str(path))


def light_of_panorama(radiance: Float32Array, turn: float = 0.0, name: str = "the panorama") -> Light:
    """Light of `radiance` (H, 2H, 3), linear RGB, row 0 straight up; see `read_environment`."""
    height, width = radiance.shape[:2]
    if not 1.9 < width / height < 2.1 or width > LARGEST:
        raise PhotoError(f"{name} is {width} x {height} pixels; an equirectangular panorama is twice as wide as high")
    if not np.isfinite(radiance).all() or radiance.min() < -1e-3 or not radiance.max() > 0:
        raise PhotoError(f"{name} holds no light that could be used (NaN, negative or all black)")
    rows, columns = _row_integrals(height), _column_integrals(width, np.radians(turn))
    around = np.einsum("hwc,wk->hkc", radiance.astype(np.float64), columns)  # (H, 6, 3)
    moments = np.einsum("hkc,hm->kmc", around, rows)  # (6, 6, 3)
    bands = (_harmonics(moments) * _BANDS[:, None]).astype(np.float32)
    lobes = _lamps(radiance, turn)
    return Light(bands, SRGB_POWER, lobes, without(bands, lobes) if lobes else None)


def exposed(light: Light, reference: Light) -> Light:
    """`light` as strong as `reference` on what faces the camera, and white where that is.

    A photo is balanced for its own light, and a fit tells the light's colour from the skin's badly: what the reference
    casts on a face counts as white, and the colour of `light` comes on top of that.
    """
    front = front_normals()
    wanted = reference.on(front).mean(axis=0)
    own = float(light.on(front).mean(axis=0) @ LUMINANCE)
    strength = (wanted / max(own, 1e-6)) ** (1 / light.power)
    lobes = tuple(replace(lobe, strength=(lobe.strength * strength).astype(np.float32)) for lobe in light.lobes)
    ambient = None if light.ambient is None else (light.ambient * strength).astype(np.float32)
    return Light((light.bands * strength).astype(np.float32), light.power, lobes, ambient)


def without_ringing(light: Light) -> Light:
    """`light` with its higher bands weakened just so far that no side is darker than none at all.

    Nine harmonics of a small bright lamp swing below zero on the far side (Sloan 2008, "Stupid spherical harmonics
    tricks"); cut off there colour by colour, they would tint the shadows.
    """
    ambient = None if light.ambient is None else _weakened(light.ambient)
    return replace(light, bands=_weakened(light.bands), ambient=ambient)


def _weakened(bands: Float32Array) -> Float32Array:
    around, order = sh_basis(sphere()), np.array([0, 1, 1, 1, 2, 2, 2, 2, 2])[:, None]
    for kept in np.linspace(1, 0, 41):
        weaker = bands * kept**order
        if (around @ weaker).min(axis=0).min() >= DARKEST * float(bands[0].mean()):
            break
    return np.asarray(weaker, np.float32)


def sphere(count: int = 400) -> Float32Array:
    """Unit vectors spread evenly (Fibonacci's spiral)."""
    i = np.arange(count) + 0.5
    y, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(turn), y, ring * np.sin(turn)], axis=1).astype(np.float32)


def front_normals(count: int = 64) -> Float32Array:
    """Unit vectors spread over the half sphere towards the camera, denser in its middle as on a face."""
    i = np.arange(count) + 0.5
    radius, angle = np.sqrt(i / count) * 0.9, np.pi * (1 + 5**0.5) * i
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return np.stack([x, y, np.sqrt(1 - x * x - y * y)], axis=1).astype(np.float32)


def _lamps(radiance: Float32Array, turn: float) -> tuple[Lobe, ...]:
    """The brightest places of a panorama (H, 2H, 3) that is turned by so many degrees."""
    rows = min(LOOKED_AT, radiance.shape[0])
    small = cv2.resize(radiance, (2 * rows, rows), interpolation=cv2.INTER_AREA)
    polar = (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = ((np.arange(2 * rows) + 0.5) / rows - 1) * np.pi + np.radians(turn)
    polar, azimuth = (grid.T for grid in np.meshgrid(polar, azimuth))
    towards = np.stack([np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)], axis=-1)
    area = np.sin(polar) * (np.pi / rows) ** 2
    lobes, _ = lobes_of(np.maximum(small, 0).reshape(-1, 3), towards.reshape(-1, 3), area.ravel())
    return tuple(lobes)


def _row_integrals(height: int) -> Float64Array:
    """(H, 6) over each row's span of polar angles t of 1, c, s, c², sc, s² times sin t, with s, c = sin t, cos t."""
    t = np.linspace(0, np.pi, height + 1)
    s, c = np.sin(t), np.cos(t)
    whole = [-c, s * s / 2, (t - s * c) / 2, -(c**3) / 3, s**3 / 3, c**3 / 3 - c]
    return np.diff(np.stack(whole, axis=1), axis=0)


def _column_integrals(width: int, turn: float) -> Float64Array:
    """(W, 6) over each column's span of azimuths p of 1, sin p, cos p, sin² p, sin p cos p, cos² p.

    p is 0 straight ahead (-z) and grows to the right (+x); turning the panorama to the right adds to it.
    """
    p = np.linspace(-np.pi, np.pi, width + 1) + turn
    s, c = np.sin(p), np.cos(p)
    whole = [p, -c, s, (p - s * c) / 2, s * s / 2, (p + s * c) / 2]
    return np.diff(np.stack(whole, axis=1), axis=0)


def _harmonics(m: Float64Array) -> Float64Array:
    """(9, 3) projections from moments (column function, row function, colour): x = s sin p, y = c, z = -s cos p."""
    one, sine, cosine, sine2, both, cosine2 = range(6)  # of the azimuth
    flat, c, s, cc, sc, ss = range(6)  # of the height
    x, y, z = m[sine, s], m[one, c], -m[cosine, s]
    xy, yz, xz = m[sine, sc], -m[cosine, sc], -m[both, ss]
    xx, yy, zz, unit = m[sine2, ss], m[one, cc], m[cosine2, ss], m[one, flat]
    third = _C2 / (2 * np.sqrt(3)) * (3 * zz - unit)
    bands = [_C0 * unit, -_C1 * y, _C1 * z, -_C1 * x, _C2 * xy, -_C2 * yz, third, -_C2 * xz, _C2 / 2 * (xx - yy)]
    return np.stack(bands)


def _read_radiance(path: Path) -> Float32Array:
    """The pixels (H, W, 3) of a Radiance or OpenEXR file, linear RGB, by ffmpeg's decoders."""
    try:
        with open_input(path, RADIANCE) as container:
            stream = container.streams.video[0]
            if max(stream.width, stream.height) > LARGEST:
                raise PhotoError(f"{path} is larger than {LARGEST} pixels a side; 1024 x 512 are enough for light")
            frame = next(container.decode(stream))
            if frame.format.name != "gbrpf32le":
                frame = frame.reformat(format="gbrpf32le")
            return np.asarray(frame.to_ndarray(), dtype=np.float32)
    except (av.error.FFmpegError, StopIteration, IndexError) as error:
        raise PhotoError(f"{path} is damaged or holds no colours ({error}); save it again as .hdr") from error
