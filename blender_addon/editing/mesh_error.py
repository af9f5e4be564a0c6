"""How far apart two performances put the vertices of a head (no bpy).

A vertex is at R·(rest + Σ c·displacement) + location, with R = Ry·Rz·Rx as Blender's Euler order "XZY" composes it.
Between two frames both performances run straight, and so does their difference: the largest distance is at a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

CHUNK: Final = 64  # frames at a time: bounds the memory to some hundred megabytes
POSE: Final = 6  # the last columns of the tracks: location, then rotation


@dataclass(frozen=True, eq=False)
class FaceMesh:
    """What moves, in millimetres of the object's own space.

    rest: (V, 3) vertices about the object's origin; displacement: (K, V, 3) of each shape key at 1.
    """

    rest: Float32Array
    displacement: Float32Array

    @property
    def reach(self) -> Float64Array:
        """(K + 6,) how far one unit of each track moves the vertex it moves most: mm; for a rotation, per radian."""
        keys = np.linalg.norm(self.displacement, axis=2).max(axis=1)
        turned = [np.delete(self.rest, axis, axis=1) for axis in range(3)]
        radii = [np.linalg.norm(points, axis=1).max() for points in turned]
        return np.concatenate([keys, np.ones(3), radii]).astype(np.float64)

    def only(self, vertices: IntArray) -> FaceMesh:
        """The same for some vertices."""
        return FaceMesh(self.rest[vertices], np.ascontiguousarray(self.displacement[:, vertices]))

    def telling(self, spread: int = 24, most_moved: int = 16) -> IntArray:
        """Vertices that are worth watching: those each shape key moves most, and every `spread`-th."""
        moved = np.linalg.norm(self.displacement, axis=2)
        top = np.argpartition(moved, -min(most_moved, moved.shape[1]), axis=1)[:, -most_moved:]
        return np.unique(np.concatenate([top.ravel(), np.arange(0, len(self.rest), spread)]))


@dataclass(frozen=True, eq=False)
class Distances:
    """largest: (S,) millimetres per frame; vertex: (S,) where; towards: (S, 3) the direction of that error."""

    largest: Float32Array
    vertex: IntArray
    towards: Float32Array


def distances(
    mesh: FaceMesh, first: Float64Array, second: Float64Array, check: Callable[[], None] = lambda: None
) -> Distances:
    """The largest distance per frame between tracks `first` and `second` (S, K + 6), both in units, mm and radians.

    check: called now and then; what it raises ends the work.
    """
    parts = []
    for at in range(0, max(len(first), 1), CHUNK):
        check()
        parts.append(_distances(mesh, first[at : at + CHUNK], second[at : at + CHUNK]))
    return Distances(*(np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS))


_FIELDS: Final = ("largest", "vertex", "towards")


def _distances(mesh: FaceMesh, first: Float64Array, second: Float64Array) -> Distances:
    keys = first.shape[1] - POSE
    flat = mesh.displacement.reshape(keys, -1)
    shape = (first[:, :keys].astype(np.float32) @ flat).reshape(len(first), -1, 3) + mesh.rest
    change = ((second - first)[:, :keys].astype(np.float32) @ flat).reshape(shape.shape)
    before, after = turns(first[:, -3:]), turns(second[:, -3:])
    offset = shape @ (after - before).astype(np.float32).swapaxes(1, 2)
    offset += change @ after.astype(np.float32).swapaxes(1, 2)
    offset += (second - first)[:, None, keys : keys + 3].astype(np.float32)
    squared = np.einsum("svc,svc->sv", offset, offset)
    worst = squared.argmax(axis=1)
    frames = np.arange(len(first))
    largest = np.sqrt(squared[frames, worst])
    # In the head's own frame, where the displacements are.
    towards = np.einsum("sc,scd->sd", offset[frames, worst], after.astype(np.float32))
    return Distances(largest, worst, towards / np.maximum(largest, 1e-9)[:, None])


def turns(angles: NDArray[np.floating]) -> Float64Array:
    """Rotations (S, 3, 3) = Ry·Rz·Rx for Blender's Euler angles (S, 3) in order "XZY"."""
    (sx, sy, sz), (cx, cy, cz) = (f(np.asarray(angles, dtype=np.float64).T) for f in (np.sin, np.cos))
    rows = [
        [cy * cz, sy * sx - cy * sz * cx, sy * cx + cy * sz * sx],
        [sz, cz * cx, -cz * sx],
        [-sy * cz, cy * sx + sy * sz * cx, cy * cx - sy * sz * sx],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
