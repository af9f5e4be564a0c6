"""Read a take: one performance as 257 coefficients per frame (no bpy).

The add-on imports nothing from the backend, so the layout stands here a second time; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import npz_file

Float32Array = NDArray[np.float32]

FORMAT: Final = "style-avatar/take"
VERSION: Final = 1
WIDTH: Final = 257
LARGEST: Final = 2**30  # bytes unpacked; four hours at 25 frames per second take a third of it

IDENTITY: Final = slice(0, 80)
EXPRESSION: Final = slice(80, 144)
ALBEDO: Final = slice(144, 224)
ANGLES: Final = slice(224, 227)  # radians about x, y, z of the camera frame; R = Rz·Ry·Rx
GAMMA: Final = slice(227, 254)  # light, spherical harmonics
TRANSLATION: Final = slice(254, 257)  # decimetres in the camera frame


class TakeFileError(ValueError):
    """A file is not a take this add-on can read; the message says what to do."""


@dataclass(frozen=True, eq=False)
class TakeFile:
    """A performance: `coefficients` (T, 257) float32, `fps` frames per second, `meta` where it came from."""

    coefficients: Float32Array
    fps: float
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> Float32Array:
        """(80,) the person's shape; it is the same in all frames, the first one counts."""
        return self.coefficients[0, IDENTITY]

    @property
    def albedo(self) -> Float32Array:
        """(80,) the person's skin colour; the first frame counts."""
        return self.coefficients[0, ALBEDO]

    @property
    def gamma(self) -> Float32Array:
        """(27,) the light of the photo; the first frame counts."""
        return self.coefficients[0, GAMMA]

    @property
    def expression(self) -> Float32Array:
        """(T, 64) expression."""
        return self.coefficients[:, EXPRESSION]

    @property
    def angles(self) -> Float32Array:
        """(T, 3) head rotation."""
        return self.coefficients[:, ANGLES]

    @property
    def translation(self) -> Float32Array:
        """(T, 3) head translation in decimetres."""
        return self.coefficients[:, TRANSLATION]

    @property
    def face_model_sha256(self) -> str:
        """Which face model the take is for; empty when the file does not say."""
        return str(self.meta.get("face_model", {}).get("sha256", ""))


def load(path: str | Path) -> TakeFile:
    """Read the take at `path`.

    Raises:
        TakeFileError: no such file, not a take, another version of the format, or damaged coefficients.
    """
    path = Path(path)
    try:
        arrays = npz_file.read(path, LARGEST)
        meta = json.loads(str(arrays["meta"]))
        coefficients, fps = arrays["coefficients"], float(arrays["fps"].item())
    except FileNotFoundError as error:
        raise TakeFileError(f"there is no take at {path}") from error
    except (OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise TakeFileError(f"{path} is not a readable take ({error}); make it again") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise TakeFileError(f"{path} is an .npz file but not a take")
    if meta.get("format_version") != VERSION:
        raise TakeFileError(
            f"{path} is a take of format {meta.get('format_version')}, this add-on reads {VERSION}; "
            "use the add-on and the backend of the same release"
        )
    facts = {key: value for key, value in meta.items() if key not in {"format", "format_version"}}
    return TakeFile(_checked(coefficients, fps, path), fps, facts)


def _checked(coefficients: NDArray[Any], fps: float, path: Path) -> Float32Array:
    if coefficients.ndim != 2 or coefficients.shape[1] != WIDTH or len(coefficients) == 0:
        raise TakeFileError(f"{path}: expected coefficients of shape (frames, {WIDTH}), got {coefficients.shape}")
    if coefficients.dtype.kind not in "fiu" or not np.isfinite(coefficients).all():
        raise TakeFileError(f"{path}: coefficients must be finite numbers; the take is damaged, make it again")
    if not 0 < fps <= 1000:
        raise TakeFileError(f"{path}: expected between 0 and 1000 frames per second, got {fps}")
    return np.ascontiguousarray(coefficients, dtype=np.float32)
