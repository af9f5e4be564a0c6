"""Closed loops of vertices around the mouth and the eyes, in the order of the mesh's edges."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from backend.training.open_head.polygons import Polygons, face_edges
from backend.training.open_head.wheel import Float64Array, IntArray


def around(mesh: Polygons, inner_labels: str, count: int, side: Float64Array | None = None) -> list[IntArray]:
    """Loops 0 … count-1: the border between the faces labelled `inner_labels` and the rest, then one step further out.

    `side` (n,) keeps only border vertices where it is positive (one of two eyes).
    """
    inner: set[int] = set()
    outer: set[int] = set()
    neighbours: dict[int, set[int]] = defaultdict(set)
    for face, label in zip(mesh.faces, mesh.labels, strict=True):
        (inner if label == inner_labels else outer).update(face)
        for a, b in face_edges(face):
            neighbours[a].add(b)
            neighbours[b].add(a)
    ring = {v for v in inner & outer if side is None or side[v] > 0}
    seen, loops = set(ring), []
    for _ in range(count):
        loops.append(ordered(ring, neighbours))
        ring = {w for v in ring for w in neighbours[v] if w in outer and w not in seen}
        seen |= ring
    return loops


def ordered(ring: set[int], neighbours: dict[int, set[int]]) -> IntArray:
    """The vertices of one closed loop, walked along edges from the smallest index."""
    start = min(ring)
    walk, previous = [start], -1
    while True:
        following = sorted(v for v in neighbours[walk[-1]] & ring if v != previous)
        following = [v for v in following if v not in walk[1:]]
        previous = walk[-1]
        if not following or following[0] == start:
            break
        walk.append(following[0])
        if len(walk) > len(ring):
            raise ValueError("the ring branches")
    if len(walk) != len(ring):
        raise ValueError(f"expected one closed loop of {len(ring)} vertices, walked {len(walk)}")
    return np.array(walk)


def from_top(loop: IntArray, shape: Float64Array) -> IntArray:
    """The loop turned to start at its highest point near x = 0 and to run over the left side first."""
    middle = np.flatnonzero(np.abs(shape[loop, 0]) < 1e-6)
    top = middle[np.argmax(shape[loop[middle], 1])]
    turned = np.roll(loop, -top)
    return turned if shape[turned[1], 0] > 0 else np.roll(turned[::-1], 1)


def halves(loop: IntArray, shape: Float64Array) -> tuple[IntArray, IntArray]:
    """Places in a mouth loop that starts at its top: (upper, lower), from the left corner to the right one, both in."""
    steps = np.arange(len(loop))
    corner = int(np.argmax(shape[loop[: len(loop) // 2 + 1], 0]))
    upper = np.concatenate([steps[corner::-1], steps[: -corner - 1 : -1]])
    return upper, steps[corner : len(loop) - corner + 1]


def matched(upper: IntArray, lower: IntArray, points: Float64Array) -> tuple[IntArray, IntArray]:
    """The two halves as equally long lists: each lower place with the upper one nearest in x of `points` (loop, 3)."""
    partner = np.abs(points[upper, 0] - points[lower, 0][:, None]).argmin(axis=1)
    partner[[0, -1]] = [0, len(upper) - 1]
    return upper[partner], lower


def from_inner_corner(loop: IntArray, shape: Float64Array) -> tuple[IntArray, IntArray]:
    """A left eye's loop as (upper, lower), both from the inner to the outer corner, corners included."""
    x = shape[loop, 0]
    turned = np.roll(loop, -int(np.argmin(x)))
    outer = int(np.argmax(shape[turned, 0]))
    one, other = turned[: outer + 1], np.concatenate([turned[:1], turned[outer:][::-1]])
    return (one, other) if shape[one, 1].mean() > shape[other, 1].mean() else (other, one)
