"""The take: one performance in one file, with where it came from.

A `.npz` of plain arrays (never pickles): `coefficients` (T, 257) float32, `fps`, and `meta`, a JSON text. The file
holds no clock time, so that the same input produces the same bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.coefficients import CoefficientError, Float32Array, validate
from models.npy_file import read_npz
from models.whole_file import whole_file

FORMAT = "style-avatar/take"
VERSION = 1
LARGEST: Final = 2**30  # bytes unpacked; four hours at 25 frames per second take a third of it


class TakeError(ValueError):
    """A take file is missing, damaged or of another kind; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Take:
    """Coefficients over time and their provenance.

    coefficients: (T, 257) float32 as in `models.coefficients`; fps: frames per second;
    meta: JSON-able facts with at least `face_model` {name, sha256}; synthesis adds `audio` {name, sha256, seconds},
    `models`, `style`, `seed`, `versions`, `image` (size and crop of the photo) and `timeline` (phones, words).
    """

    coefficients: Float32Array
    fps: float
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficients", validate(self.coefficients))
        if not 0 < self.fps <= 1000:
            raise TakeError(f"expected between 0 and 1000 frames per second, got {self.fps}")
        face_model = self.meta.get("face_model")
        if not isinstance(face_model, Mapping) or not {"name", "sha256"} <= set(face_model):
            raise TakeError("a take must say which face model it is for: meta['face_model'] = {'name', 'sha256'}")

    @property
    def seconds(self) -> float:
        """How long the performance lasts."""
        return len(self.coefficients) / self.fps


def save(take: Take, path: str | Path) -> None:
    """Write `take` to `path`; the file appears whole or not at all, and equal takes give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        coefficients=take.coefficients,
        fps=np.float64(take.fps),
        meta=np.array(json.dumps({**take.meta, "format": FORMAT, "format_version": VERSION}, sort_keys=True)),
    )
    with whole_file(Path(path)) as partial:
        partial.write_bytes(buffer.getvalue())


def load(path: str | Path) -> Take:
    """Read a take.

    Raises:
        TakeError: no such file, not a take, a newer format, or damaged coefficients.
    """
    path = Path(path)
    try:
        arrays = read_npz(path, LARGEST)
        meta = json.loads(str(arrays["meta"]))
        coefficients, fps = arrays["coefficients"], float(arrays["fps"].item())
    except FileNotFoundError as error:
        raise TakeError(f"there is no take at {path}") from error
    except (OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise TakeError(f"{path} is not a readable take ({error}); make it again with style-avatar animate") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise TakeError(f"{path} is an .npz file but not a take")
    if meta.get("format_version") != VERSION:
        raise TakeError(
            f"{path} is a take of format {meta.get('format_version')}, this version reads {VERSION}; "
            "update Style Avatar"
        )
    facts = {key: value for key, value in meta.items() if key not in {"format", "format_version"}}
    try:
        return Take(coefficients, fps, facts)
    except (CoefficientError, TakeError) as error:
        raise TakeError(f"{path}: {error}") from error
