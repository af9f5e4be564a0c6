"""Face models in one .safetensors file: small on disk, exact enough, never executable.

Identity and albedo components are int8 with one scale a component, expression components int16 with one scale a
component and only the vertices that move, the means float32. Where a model names its mirror vertices and every
component equals its mirror image or that image negated, one side is enough. Text facts live in the header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from models.face.model import FaceModel, FaceModelError, Float32Array, Landmarks
from models.whole_file import whole_file

FORMAT = "style-avatar/face-model"
VERSION = "1"
LANDMARK_SETS = ("landmarks68", "landmarks478")
_FLIPS = {  # how a mirror image changes each basis
    "identity_basis": np.array([-1, 1, 1], dtype=np.float32),
    "albedo_basis": np.array([1, 1, 1], dtype=np.float32),
}

Tensors = dict[str, NDArray[np.generic]]


def save(model: FaceModel, path: str | Path, facts: Mapping[str, str] | None = None) -> str:
    """Write `model` to `path` whole or not at all and return the file's SHA-256; equal models give equal bytes."""
    data = save_tensors(_packed(model), {"facts": _header(model, facts or {})})
    with whole_file(Path(path)) as partial:
        partial.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def load(path: str | Path, sha256: str | None = None) -> FaceModel:
    """Read a face model; with `sha256`, refuse a file whose hash differs.

    Raises:
        FaceModelError: no such file, another hash, not a face model, or a newer format.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaceModelError(f"there is no readable face model at {path} ({error})") from error
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256:
        raise FaceModelError(f"{path} has SHA-256 {digest}, expected {sha256}; restore the file or build it again")
    try:
        tensors = load_tensors(data)
        facts = json.loads(header(data)["facts"])
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise FaceModelError(f"{path} is not a face-model file ({error})") from error
    if facts.get("format") != FORMAT or facts.get("format_version") != VERSION:
        raise FaceModelError(
            f"{path} is of format {facts.get('format')} {facts.get('format_version')}, "
            f"this version reads {FORMAT} {VERSION}"
        )
    return _unpacked(tensors, facts, digest)


def header(data: bytes) -> dict[str, str]:
    """The text facts in the header of a .safetensors file (8 bytes of length, then JSON)."""
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    return {str(key): str(value) for key, value in metadata.items()}


def _header(model: FaceModel, facts: Mapping[str, str]) -> str:
    # one JSON text under one key: the library keeps several keys in an order that changes from run to run
    return json.dumps(
        {
            **facts,
            "format": FORMAT,
            "format_version": VERSION,
            "name": model.name,
            "part_names": list(model.part_names),
            "expression_names": list(model.expression_names),
        },
        sort_keys=True,
    )


def _packed(model: FaceModel) -> Tensors:
    tensors: Tensors = {
        "mean_shape": model.mean_shape.astype(np.float32),
        "mean_albedo": model.mean_albedo.astype(np.float32),
        "triangles": model.triangles.astype(np.int32),
        "uv": model.uv.astype(np.float32),
        "uv_triangles": model.uv_triangles.astype(np.int32),
        "triangle_part": model.triangle_part.astype(np.uint8),
    }
    for name in ("identity_basis", "albedo_basis"):
        tensors.update(_packed_basis(model, name))
    tensors.update(_packed_expression(model.expression_basis))
    for name in LANDMARK_SETS:
        landmarks = getattr(model, name)
        if landmarks is not None:
            tensors[f"{name}.vertices"] = landmarks.vertices.astype(np.int32)
            tensors[f"{name}.weights"] = landmarks.weights.astype(np.float32)
            tensors[f"{name}.confidence"] = landmarks.confidence.astype(np.float32)
    for name, vertices in model.regions.items():
        tensors[f"region.{name}"] = vertices.astype(np.int32)
    return {name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())}


def _packed_basis(model: FaceModel, name: str) -> Tensors:
    basis = getattr(model, name)
    stored = np.abs(basis).max(axis=(0, 2), initial=0) > 0
    tensors: Tensors = {}
    sign = _parity(basis, model.regions.get("mirror"), _FLIPS[name])
    if sign is not None:
        stored &= np.arange(len(stored)) <= model.regions["mirror"]
        tensors[f"{name}.parity"] = sign
    kept = np.flatnonzero(stored).astype(np.int32)
    values, scale = quantised(basis[:, kept], np.int8)
    return {**tensors, f"{name}.vertices": kept, f"{name}.values": values, f"{name}.scale": scale}


def _parity(basis: Float32Array, mirror: NDArray[np.int32] | None, flip: Float32Array) -> NDArray[np.int8] | None:
    """+1 for components that equal their mirror image, -1 for its negative; None where some are neither."""
    if mirror is None:
        return None
    image = basis[:, mirror] * flip
    tolerance = 1e-3 * np.abs(basis).max(axis=(1, 2), initial=0)
    even = np.abs(image - basis).max(axis=(1, 2), initial=0) <= tolerance
    odd = np.abs(image + basis).max(axis=(1, 2), initial=0) <= tolerance
    return np.where(even, 1, -1).astype(np.int8) if bool((even | odd).all()) else None


def quantised(basis: Float32Array, kind: type[np.signedinteger]) -> tuple[NDArray[np.signedinteger], Float32Array]:
    """Integers of `kind` and one scale (components,) so that integers · scale ≈ basis (components, …)."""
    largest = np.abs(basis).reshape(len(basis), -1).max(axis=1, initial=0)
    scale = np.where(largest > 0, largest / np.iinfo(kind).max, 1).astype(np.float32)
    steps = np.rint(basis / scale.reshape(-1, *[1] * (basis.ndim - 1)))
    return steps.astype(kind), scale


def _packed_expression(basis: Float32Array) -> Tensors:
    values, scale = quantised(basis, np.int16)
    moving = [np.flatnonzero(np.any(component != 0, axis=1)) for component in values]
    return {
        "expression_basis.vertices": np.concatenate(moving).astype(np.int32),
        "expression_basis.counts": np.array([len(vertices) for vertices in moving], dtype=np.int32),
        "expression_basis.values": np.concatenate(
            [component[vertices] for component, vertices in zip(values, moving, strict=True)]
        ),
        "expression_basis.scale": scale,
    }


def _unpacked(tensors: Tensors, facts: Mapping[str, object], digest: str) -> FaceModel:
    count = len(tensors["mean_shape"])
    part_names, expression_names = facts["part_names"], facts["expression_names"]
    assert isinstance(part_names, list) and isinstance(expression_names, list)
    return FaceModel(
        name=str(facts["name"]),
        sha256=digest,
        mean_shape=tensors["mean_shape"].astype(np.float32),
        identity_basis=_dense(tensors, "identity_basis", count),
        expression_basis=_dense_expression(tensors, count),
        mean_albedo=tensors["mean_albedo"].astype(np.float32),
        albedo_basis=_dense(tensors, "albedo_basis", count),
        triangles=tensors["triangles"].astype(np.int32),
        uv=tensors["uv"].astype(np.float32),
        uv_triangles=tensors["uv_triangles"].astype(np.int32),
        triangle_part=tensors["triangle_part"].astype(np.uint8),
        part_names=tuple(part_names),
        expression_names=tuple(expression_names),
        landmarks68=_landmarks(tensors, "landmarks68"),
        landmarks478=_landmarks(tensors, "landmarks478") if "landmarks478.vertices" in tensors else None,
        regions={
            name.removeprefix("region."): tensor.astype(np.int32)
            for name, tensor in tensors.items()
            if name.startswith("region.")
        },
    )


def _landmarks(tensors: Tensors, name: str) -> Landmarks:
    return Landmarks(
        tensors[f"{name}.vertices"].astype(np.int32),
        tensors[f"{name}.weights"].astype(np.float32),
        tensors[f"{name}.confidence"].astype(np.float32),
    )


def _dense(tensors: Tensors, name: str, count: int) -> Float32Array:
    values, scale = tensors[f"{name}.values"], tensors[f"{name}.scale"].astype(np.float32)
    kept = tensors[f"{name}.vertices"].astype(np.int64)
    dense = np.zeros((len(values), count, 3), dtype=np.float32)
    dense[:, kept] = values.astype(np.float32) * scale[:, None, None]
    if f"{name}.parity" in tensors:
        partner = tensors["region.mirror"].astype(np.int64)[kept]
        sided = partner != kept
        sign = tensors[f"{name}.parity"].astype(np.float32)[:, None, None]
        dense[:, partner[sided]] = dense[:, kept[sided]] * _FLIPS[name] * sign
    return dense


def _dense_expression(tensors: Tensors, count: int) -> Float32Array:
    counts = tensors["expression_basis.counts"].astype(np.int64)
    component = np.repeat(np.arange(len(counts)), counts)
    scale = tensors["expression_basis.scale"].astype(np.float32)
    dense = np.zeros((len(counts), count, 3), dtype=np.float32)
    values = tensors["expression_basis.values"].astype(np.float32) * scale[component, None]
    dense[component, tensors["expression_basis.vertices"].astype(np.int64)] = values
    return dense
