"""A living texture from the backend, checked as it is read (no bpy). The backend's `live_file` says what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .npz_file import NpzFileError, read

Float32Array = NDArray[np.float32]

FORMAT: Final = "style-avatar/living-texture"
VERSION: Final = 1
LARGEST: Final = 2**28  # bytes unpacked
MOST: Final = 64  # images on the sheet
KINDS: Final = ("factors", "offsets")


class LivingFileError(ValueError):
    """The file is no living texture, or a damaged one."""


@dataclass(frozen=True, eq=False)
class Living:
    """What to show and what drives it.

    kind: one of `KINDS`; names: K texts; expression_names: 64 names of shape keys; face_model: its hash; columns: tiles
    along a side of the sheet; sheet, base: PNG bytes, base empty where the images work on any texture; windows: (K, 4);
    weights: (K, 2, 64), bias: (K, 2), left and right; scale: (K,); height: metres that the sheet's largest height is;
    seam: width of the blend between left and right; shade_tint, blood_tint: (3,).
    """

    kind: str
    names: tuple[str, ...]
    expression_names: tuple[str, ...]
    face_model: str
    columns: int
    sheet: bytes
    base: bytes
    windows: Float32Array
    weights: Float32Array
    bias: Float32Array
    scale: Float32Array
    height: float
    seam: float
    shade_tint: tuple[float, ...]
    blood_tint: tuple[float, ...]


def read_living(path: Path) -> Living:
    """Read and check the file.

    Raises:
        LivingFileError: it is missing, damaged, or of another format.
    """
    try:
        arrays = read(path, LARGEST)
        meta = json.loads(str(arrays["meta"]))
        if meta["format"] != FORMAT or meta["format_version"] != VERSION or meta["kind"] not in KINDS:
            raise LivingFileError(f"{path.name} is no living texture that this add-on reads")
        living = _living(arrays, meta)
    except (NpzFileError, OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise LivingFileError(f"{path.name} is no readable living texture: {error}") from error
    return living


def _living(arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Living:
    names = tuple(str(name) for name in meta["names"])
    count, expressions = len(names), tuple(str(name) for name in meta["expression_names"])
    shapes = {"windows": (count, 4), "weights": (count, 2, len(expressions)), "bias": (count, 2), "scale": (count,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise LivingFileError(f"{name} should be {shape}, is {arrays[name].shape}")
    columns = int(meta["columns"])
    if not count <= columns**2 <= MOST:
        raise LivingFileError(f"{count} images cannot lie on {columns} x {columns} tiles")
    white = (0.0, 0.0, 0.0)
    return Living(
        kind=str(meta["kind"]),
        names=names,
        expression_names=expressions,
        face_model=str(meta["face_model"]["sha256"]),
        columns=columns,
        sheet=arrays["sheet"].astype(np.uint8).tobytes(),
        base=arrays["base"].astype(np.uint8).tobytes(),
        **{name: arrays[name].astype(np.float32) for name in shapes},
        height=float(meta.get("height", 0.0)),
        seam=float(meta.get("seam", 0.0)),
        shade_tint=tuple(float(one) for one in meta.get("shade_tint", white)),
        blood_tint=tuple(float(one) for one in meta.get("blood_tint", white)),
    )
