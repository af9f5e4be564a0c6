"""Living textures for Blender: all images on one sheet, what drives them beside it, in one `.npz` of plain arrays.

One sheet, because a shader may hold few images. The arrays:

- `sheet`: PNG bytes (n,) of `columns` x `columns` tiles, tile k in row k // columns from the top; `base`: PNG bytes of
  the resting texture, empty where the maps work on any;
- `windows` (K, 4): u and v of the two corners of the UV square that tile k covers; `scale` (K,): what 127 steps above
  128 mean; `weights` (K, 2, 64), `bias` (K, 2): what switches it on, on the left half of the face and on the right one;
- `meta`: a JSON text with `kind`, `names`, `expression_names`, `face_model` {name, sha256}, `columns`. Of the kind
  "factors" a tile is shade, height and blood as in `models.texture.live_maps`, and `height`, `seam`, `shade_tint` and
  `blood_tint` say what they do; of the kind "offsets" it is what is added to sRGB numbers 0..255, as in
  `models.texture.dynamic`.
"""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.model import FaceModel
from models.texture.dynamic import DynamicTexture
from models.texture.live_maps import BLOOD_TINT, HEIGHT, SEAM, SHADE_TINT, LiveMaps
from models.texture.storage import packed, signed_bytes
from models.whole_file import whole_file

UInt8Array = NDArray[np.uint8]

FORMAT: Final = "style-avatar/living-texture"
VERSION: Final = 1
LARGEST_SHEET: Final = 4096  # texels a side; older graphics cards take no more


def write_factors(maps: LiveMaps, face_model: FaceModel, path: Path) -> None:
    """Write maps that work on any texture of `face_model`.

    Raises:
        DynamicTextureError: the maps are for another face model.
    """
    maps.require(face_model)
    meta = {"kind": "factors", "height": HEIGHT, "seam": SEAM, "shade_tint": SHADE_TINT, "blood_tint": BLOOD_TINT}
    arrays: dict[str, NDArray[Any]] = {
        "windows": maps.windows,
        "weights": maps.weights,
        "bias": maps.bias,
        "scale": np.ones(len(maps.names), np.float32),
        "base": np.zeros(0, np.uint8),
    }
    _write(path, face_model, maps.names, maps.images, meta, arrays)


def write_offsets(texture: DynamicTexture, face_model: FaceModel, path: Path) -> None:
    """Write one person's dynamic texture.

    Raises:
        DynamicTextureError: it is for another face model.
    """
    texture.require(face_model)
    count = len(texture.names)
    side = min(texture.size, LARGEST_SHEET // max(_columns(count), 1))
    scale = np.abs(texture.residuals).reshape(count, -1).max(axis=1, initial=1e-6) if count else np.zeros(0)
    tiles = np.zeros((count, side, side, 3), np.uint8)
    for k, residual in enumerate(texture.residuals):
        small = cv2.resize(residual, (side, side), interpolation=cv2.INTER_AREA)
        tiles[k] = signed_bytes(np.asarray(small), float(scale[k]))
    arrays = {
        "windows": np.tile(np.array([0, 0, 1, 1], np.float32), (count, 1)),
        "weights": np.repeat(texture.weights[:, None], 2, axis=1),
        "bias": np.repeat(texture.bias[:, None], 2, axis=1),
        "scale": scale.astype(np.float32),
        "base": packed(texture.base),
    }
    _write(path, face_model, texture.names, tiles, {"kind": "offsets"}, arrays)


def sheet_of(tiles: UInt8Array) -> UInt8Array:
    """(columns · N, columns · N, 3) of tiles (K, N, N, 3), grey where there is none."""
    columns, side = _columns(len(tiles)), tiles.shape[1]
    sheet = np.full((columns * side, columns * side, 3), 128, np.uint8)
    for k, tile in enumerate(tiles):
        row, column = divmod(k, columns)
        sheet[row * side : (row + 1) * side, column * side : (column + 1) * side] = tile
    return sheet


def _columns(count: int) -> int:
    return max(1, math.ceil(math.sqrt(count)))


def _write(
    path: Path,
    face_model: FaceModel,
    names: tuple[str, ...],
    tiles: UInt8Array,
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
) -> None:
    about = {
        **meta,
        "format": FORMAT,
        "format_version": VERSION,
        "names": list(names),
        "expression_names": list(face_model.expression_names),
        "face_model": {"name": face_model.name, "sha256": face_model.sha256},
        "columns": _columns(len(names)),
    }
    buffer = io.BytesIO()
    np.savez(buffer, sheet=packed(sheet_of(tiles)), meta=np.array(json.dumps(about, sort_keys=True)), **arrays)
    with whole_file(path) as partial:
        partial.write_bytes(buffer.getvalue())
