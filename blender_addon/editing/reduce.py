"""Fewer keys for the same performance, to a tolerance in millimetres on the mesh (no bpy).

Each track gets its share of the tolerance by how far it moves the vertex it moves most, and keeps the keys it needs for
that (`simplify`). Then all tracks together are measured on the mesh (`mesh_error`), and where they miss the tolerance
together the track that contributes most gets a key back, until nothing misses it. Several shares are tried; the fewest
keys win. What is returned was measured on every vertex in every frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .mesh_error import POSE, FaceMesh, distances
from .simplify import needed_keys, played

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
Progress = Callable[[float], None]
Check = Callable[[], None]

SHARES: Final = (0.6, 0.9)  # of the tolerance for one track: many tracks rarely err in the same direction
EXACT: Final = 0.002  # millimetres left to a frame whose key has to stay: it stays unless its neighbours say the same
ROUNDS: Final = 60
AIM: Final = 0.98  # of the tolerance, so that rounding to float32 in the file cannot break it
BACK: Final = 6  # at most so many keys per frame and round; more would be put back than needed


@dataclass(frozen=True, eq=False)
class Reduction:
    """keep: (S, C) which frame of which track has a key; error: (S,) millimetres that are left, per frame.

    stays: (C,) tracks that are better left as they are; counts: (C,) how many keys each track has then.
    """

    keep: BoolArray
    error: NDArray[np.float32]
    stays: BoolArray
    counts: IntArray

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return int(self.counts.sum())

    @property
    def largest(self) -> float:
        """The largest distance of a vertex from where it was, in millimetres."""
        return float(self.error.max(initial=0.0))


def reduce(
    tracks: Float64Array,
    mesh: FaceMesh,
    tolerance: float,
    exact: BoolArray,
    progress: Progress = lambda done: None,
    *,
    counts: IntArray | None = None,
    ends: bool = False,
    check: Check = lambda: None,
) -> Reduction:
    """The keys that `tracks` needs so that no vertex moves by more than `tolerance` millimetres in any frame.

    tracks: (S, K + 6) one value per frame: K shape keys, location in millimetres, rotation in radians ("XZY").
    exact: (S, K + 6) keys that must stay, for lips in contact and closed lids.
    counts: (K + 6,) how many keys the tracks have; one that needs no fewer stays as it is.
    ends: whether every track has a key on the last frame, for tracks that go on after it.
    check: called now and then; what it raises ends the work.

    Raises:
        ValueError: the shapes do not fit, or the tolerance is not positive.
    """
    tracks = np.asarray(tracks, dtype=np.float64)
    expected = (len(tracks), len(mesh.displacement) + POSE)
    if tracks.shape != expected or exact.shape != expected or not len(tracks):
        raise ValueError(f"expected tracks and exact of shape (frames, {expected[1]}), got {tracks.shape, exact.shape}")
    if not tolerance > 0:
        raise ValueError(f"expected a tolerance above 0 mm, got {tolerance}")
    watched = mesh.only(mesh.telling())
    best: BoolArray | None = None
    for index, share in enumerate(SHARES):
        keep = _simplified(tracks, mesh.reach, share * tolerance, exact, check)
        _repair(keep, tracks, watched, AIM * tolerance, check)
        best = keep if best is None or keep.sum() < best.sum() else best
        progress((index + 1) / (len(SHARES) + 1))
    assert best is not None
    best[-1] |= ends
    now = best.sum(axis=0) if counts is None else counts
    stays = (best.sum(axis=0) >= now) & (counts is not None)
    best[:, stays] = True  # what is left alone plays exactly
    error = _repair(best, tracks, mesh, AIM * tolerance, check)
    progress(1.0)
    return Reduction(best, error, stays, np.where(stays, now, best.sum(axis=0)))


def _simplified(
    tracks: Float64Array, reach: Float64Array, tolerance: float, exact: BoolArray, check: Check
) -> BoolArray:
    keep = np.empty(tracks.shape, dtype=bool)
    for column, millimetres in enumerate(np.maximum(reach, 1e-6)):
        check()
        allowed = np.where(exact[:, column], min(EXACT, tolerance), tolerance) / millimetres
        keep[:, column] = needed_keys(tracks[:, column], allowed)
    return keep


def _repair(
    keep: BoolArray, tracks: Float64Array, mesh: FaceMesh, tolerance: float, check: Check
) -> NDArray[np.float32]:
    """Put keys back into `keep` until `tracks` stay within `tolerance`; returns what is left, per frame."""
    now = _played(tracks, keep)
    error = distances(mesh, tracks, now, check).largest
    for _ in range(ROUNDS):
        missed = np.flatnonzero(error > tolerance)
        if not len(missed):
            break
        _put_back(keep, tracks, now, mesh, missed, tolerance)
        again = _played(tracks, keep)
        changed = np.flatnonzero((again != now).any(axis=1))
        error[changed] = distances(mesh, tracks[changed], again[changed], check).largest
        now = again
    else:  # never seen; every frame that still misses gets all its keys
        keep[error > tolerance] = True
        error = distances(mesh, tracks, _played(tracks, keep), check).largest
    return error


def _put_back(
    keep: BoolArray, tracks: Float64Array, now: Float64Array, mesh: FaceMesh, missed: NDArray[np.intp], limit: float
) -> None:
    """Give the tracks that push the worst vertex furthest their keys back, at the worst frame of each bad stretch."""
    found = distances(mesh, tracks[missed], now[missed])
    for at in _peaks(missed, found.largest):
        frame, vertex, towards = missed[at], found.vertex[at], found.towards[at]
        off = now[frame] - tracks[frame]
        push = np.empty(len(off))
        push[:-POSE] = off[:-POSE] * (mesh.displacement[:, vertex] @ towards)
        push[-POSE:] = np.abs(off[-POSE:]) * mesh.reach[-POSE:]
        push[keep[frame]] = 0.0
        left = float(found.largest[at])
        for column in np.argsort(-push)[:BACK]:
            if left <= limit or push[column] <= 0:
                break
            keep[frame, column] = True
            keep[0, column] = keep[-1, column] = True
            left -= push[column]


def _peaks(frames: NDArray[np.intp], error: NDArray[np.float32]) -> list[int]:
    """Places in `frames` (rising) where `error` is the largest of a stretch of neighbouring frames."""
    ends = np.flatnonzero(np.diff(frames) > 1) + 1
    bounds = [0, *ends.tolist(), len(frames)]
    return [first + int(error[first:last].argmax()) for first, last in pairwise(bounds)]


def _played(tracks: Float64Array, keep: BoolArray) -> Float64Array:
    return np.stack([played(track, kept) for track, kept in zip(tracks.T, keep.T, strict=True)], axis=1)
