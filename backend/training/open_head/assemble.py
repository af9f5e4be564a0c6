"""Puts the pieces together into the face model that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.training.open_head import albedo, expression, identity, landmarks, lids, lips, regions
from backend.training.open_head.head import ORIGIN, PARTS
from backend.training.open_head.head import build as build_head
from backend.training.open_head.wheel import Float64Array, Wheel
from models.face.model import FaceModel


def build(wheel: Wheel, landmark_file: Path = landmarks.MEASURED) -> FaceModel:
    """The open head from the data wheel; every step is deterministic."""
    head = build_head(wheel)
    rest, shapes = expression.build(wheel, head)
    jaw = shapes[expression.NAMES.index("jawOpen")]
    glue, socket = lips.Glue(head, rest, jaw), lids.Socket(head, rest)
    symmetric, antisymmetric = identity.spanning_fields(wheel, head, lambda field: socket(glue(field)))
    basis, _ = identity.components(symmetric, antisymmetric, identity.face_weight(head))
    mean_albedo, albedo_basis = albedo.build(wheel, head)
    points68, points478 = landmarks.build(head, rest, landmark_file)
    whole = head.whole
    return FaceModel(
        name="open_head",
        sha256="",
        mean_shape=_float32(rest - ORIGIN),
        identity_basis=_float32(basis),
        expression_basis=_float32(shapes),
        mean_albedo=_float32(mean_albedo),
        albedo_basis=_float32(albedo_basis),
        triangles=whole.triangles.astype(np.int32),
        uv=_float32(whole.uv),
        uv_triangles=whole.uv_triangles.astype(np.int32),
        triangle_part=head.triangle_part,
        part_names=PARTS,
        expression_names=expression.NAMES,
        landmarks68=points68,
        landmarks478=points478,
        regions=regions.build(head, rest),
    )


def _float32(array: Float64Array) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float32)
