"""The tongue: the base mesh's helper tongue, subdivided."""

from __future__ import annotations

from backend.training.open_head import layout
from backend.training.open_head.part import Part, bound
from backend.training.open_head.polygons import extract, subdivide, triangulate
from backend.training.open_head.wheel import Wheel


def build(wheel: Wheel) -> Part:
    """The tongue as a part."""
    base = wheel.base
    chosen = base.groups == "helper-tongue"
    labels = ["tongue"] * int(chosen.sum())
    mesh = subdivide(extract(base.quads[chosen], base.uv_quads[chosen], base.uv, base.mirror, labels))
    rest = mesh.weights @ wheel.neutral
    triangles, uv_triangles, labels = triangulate(mesh, rest)
    uv = layout.placed(mesh.uv[:, ::-1], layout.TONGUE, keep_aspect=False)
    return Part(rest, bound(mesh.weights), triangles, uv, uv_triangles, labels, mesh.mirror)
