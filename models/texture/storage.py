"""Dynamic textures in one .safetensors file: images as PNG bytes, numbers as float32, facts as JSON; never executable.

A residual is stored as 8-bit numbers 128 + round(127 · residual / scale) with one scale an image, so that it comes back
with an error of at most scale / 254 sRGB steps; the base comes back exactly. Equal textures give equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from models.face.storage import header
from models.texture.dynamic import LARGEST_SIDE, MOST_RESIDUALS, DynamicTexture, DynamicTextureError
from models.whole_file import whole_file

UInt8Array = NDArray[np.uint8]

FORMAT: Final = "style-avatar/dynamic-texture"
VERSION: Final = "1"
LARGEST_FILE: Final = 2**30  # bytes


def save(texture: DynamicTexture, path: str | Path, facts: Mapping[str, str] | None = None) -> str:
    """Write `texture` to `path` whole or not at all; returns the file's SHA-256. `facts`: texts kept beside it."""
    count = len(texture.names)
    scale = np.abs(texture.residuals).reshape(count, -1).max(axis=1, initial=0) if count else np.zeros(0)
    tensors: dict[str, NDArray[Any]] = {
        "base": packed(texture.base),
        "weights": texture.weights.astype(np.float32),
        "bias": texture.bias.astype(np.float32),
        "scale": scale.astype(np.float32),
    }
    for k, residual in enumerate(texture.residuals):
        tensors[f"residual.{k:03d}"] = packed(signed_bytes(residual, float(scale[k])))
    about = {
        **(facts or {}),
        "format": FORMAT,
        "format_version": VERSION,
        "face_model": {"name": texture.face_model, "sha256": texture.sha256},
        "names": list(texture.names),
    }
    data = save_tensors(tensors, {"facts": json.dumps(about, sort_keys=True)})
    with whole_file(Path(path)) as partial:
        partial.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def load(path: str | Path) -> DynamicTexture:
    """Read a dynamic texture.

    Raises:
        DynamicTextureError: no such file, too large, damaged, not a dynamic texture, or a newer format.
    """
    path = Path(path)
    tensors, facts = read_tensors(path, FORMAT, VERSION, "dynamic texture")
    try:
        names = tuple(str(name) for name in facts["names"])
        face_model, sha256 = str(facts["face_model"]["name"]), str(facts["face_model"]["sha256"])
        if len(names) > MOST_RESIDUALS:
            raise DynamicTextureError(f"it has {len(names)} residual images, at most {MOST_RESIDUALS} are read")
        base = unpacked(tensors["base"], 3)
        scale = tensors["scale"].astype(np.float32)
        residuals = np.zeros((len(names), *base.shape), np.float32)
        for k in range(len(names)):
            residuals[k] = signed_numbers(unpacked(tensors[f"residual.{k:03d}"], 3), float(scale[k]))
        weights, bias = tensors["weights"].astype(np.float32), tensors["bias"].astype(np.float32)
        return DynamicTexture(base, residuals, weights, bias, names, face_model, sha256)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DynamicTextureError(f"{path} is a damaged dynamic texture ({error}); make it again") from error


def read_tensors(path: Path, kind: str, version: str, called: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The tensors and facts of a .safetensors file of the format `kind` in `version`, `called` so in messages.

    Raises:
        DynamicTextureError: no such file, too large, damaged, of another kind, or a newer format.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise DynamicTextureError(f"{path} has {size} bytes, a {called} has at most {LARGEST_FILE}")
        data = path.read_bytes()
    except OSError as error:
        raise DynamicTextureError(f"there is no readable {called} at {path} ({error})") from error
    try:
        tensors, facts = load_tensors(data), json.loads(header(data)["facts"])
    except (SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise DynamicTextureError(f"{path} is not a {called} ({error})") from error
    if not isinstance(facts, dict) or facts.get("format") != kind:
        raise DynamicTextureError(f"{path} is a .safetensors file but not a {called}")
    if facts.get("format_version") != version:
        raise DynamicTextureError(
            f"{path} is a {called} of format {facts.get('format_version')}, this version reads {version}; "
            "update Style Avatar"
        )
    return tensors, facts


def signed_bytes(values: NDArray[np.floating[Any]], scale: float) -> UInt8Array:
    """8-bit numbers for `values` within ±`scale`; 128 is zero."""
    return np.rint(128 + 127 * np.clip(values / (scale or 1.0), -1, 1)).astype(np.uint8)


def signed_numbers(stored: UInt8Array, scale: float) -> NDArray[np.float32]:
    """What `signed_bytes` stored, to scale / 254."""
    return (stored.astype(np.float32) - 128) * np.float32(scale / 127)


def packed(image: UInt8Array) -> UInt8Array:
    """PNG bytes (n,) of an image (H, W) or (H, W, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", optimize=True)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def unpacked(data: NDArray[Any], channels: int) -> UInt8Array:
    """The square image (S, S) or (S, S, 3) in PNG bytes (n,); its size is looked at before it is decoded.

    Raises:
        DynamicTextureError: damaged, not square, too large, or with another number of channels.
    """
    wanted = {1: "L", 3: "RGB"}[channels]
    try:
        with Image.open(io.BytesIO(data.astype(np.uint8).tobytes()), formats=["PNG"]) as image:
            if image.width != image.height or image.width > LARGEST_SIDE or image.mode != wanted:
                raise DynamicTextureError(
                    f"expected a square {wanted} image of at most {LARGEST_SIDE} texels a side, "
                    f"got {image.width} x {image.height} {image.mode}"
                )
            return np.asarray(image, dtype=np.uint8)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise DynamicTextureError(f"an image in it cannot be read ({error})") from error
