"""The 257-number coefficient layout that every part of Style Avatar speaks.

Source: SPEC 5.2 (Deng et al. 2019, as used by style_avatar, Wu et al. 2021).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

IDENTITY: Final = slice(0, 80)
EXPRESSION: Final = slice(80, 144)
ALBEDO: Final = slice(144, 224)
ANGLES: Final = slice(224, 227)  # radians about x, y, z; R = Rz·Ry·Rx
GAMMA: Final = slice(227, 254)  # spherical-harmonics lighting, 9 numbers each for R, G, B
TRANSLATION: Final = slice(254, 257)

WIDTH: Final = 257
FPS: Final = 25.0

SLICES: Final[dict[str, slice]] = {
    "identity": IDENTITY,
    "expression": EXPRESSION,
    "albedo": ALBEDO,
    "angles": ANGLES,
    "gamma": GAMMA,
    "translation": TRANSLATION,
}


class CoefficientError(ValueError):
    """An array is not a valid set of coefficients; the message says what to do."""


def validate(coefficients: object) -> Float32Array:
    """Return `coefficients` as a C-contiguous (T, 257) float32 array.

    Raises:
        CoefficientError: wrong rank, width or type, no frames, NaN or infinity.
    """
    array = np.asarray(coefficients)
    if array.ndim != 2 or array.shape[1] != WIDTH:
        raise CoefficientError(
            f"expected coefficients of shape (frames, {WIDTH}), got {array.shape}; "
            "stack one 257-number vector per frame"
        )
    if array.shape[0] == 0:
        raise CoefficientError("expected at least one frame of coefficients, got none; check the audio's length")
    if array.dtype.kind not in "fiu":
        raise CoefficientError(f"expected real numbers, got {array.dtype}; convert to float32 first")
    array = np.ascontiguousarray(array, dtype=np.float32)
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if bad.size:
        raise CoefficientError(
            f"{bad.size} of {len(array)} frames hold NaN or infinity (first: frame {bad[0]}); "
            "the take is damaged, make it again"
        )
    return array


def assemble(
    identity: Float32Array,
    expression: Float32Array,
    albedo: Float32Array,
    angles: Float32Array,
    gamma: Float32Array,
    translation: Float32Array,
) -> Float32Array:
    """Join named parts into (T, 257); parts with one row (or rank 1) are repeated over all frames.

    Raises:
        CoefficientError: a part has the wrong width, or frame counts disagree.
    """
    given = {
        "identity": identity,
        "expression": expression,
        "albedo": albedo,
        "angles": angles,
        "gamma": gamma,
        "translation": translation,
    }
    parts = {name: np.atleast_2d(np.asarray(part, dtype=np.float32)) for name, part in given.items()}
    frames = max(len(part) for part in parts.values())
    joined = np.empty((frames, WIDTH), dtype=np.float32)
    for name, part in parts.items():
        width = SLICES[name].stop - SLICES[name].start
        if part.shape not in {(1, width), (frames, width)}:
            raise CoefficientError(f"expected {name} of shape ({frames}, {width}) or ({width},), got {part.shape}")
        joined[:, SLICES[name]] = part
    return validate(joined)


def split(coefficients: Float32Array) -> dict[str, Float32Array]:
    """Views of the named parts of (T, 257) coefficients."""
    valid = validate(coefficients)
    return {name: valid[:, part] for name, part in SLICES.items()}
