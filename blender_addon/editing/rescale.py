"""What setting amounts does to each track, so that only the keys that have to change do (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .amounts import HEAD, region_of, scaled, without_crossing
from .layers import Layer
from .reduce import EXACT
from .simplify import needed_keys

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SAME: Final = 1e-6  # units, millimetres or radians; a float32 holds no more
DENSE: Final = 0.9  # keys per frame from which a track is one of ours: a key on every frame


@dataclass(frozen=True, eq=False)
class Rescaled:
    """The new `tracks` (S, K + 6), and how each of them comes about.

    changed: (K + 6,) whether it is another one; factor, offset: (K + 6,) new = factor · old + offset, NaN where this is
    not so in all frames; keep: (S, K + 6) the frames that need a key in the tracks that are not so.
    """

    tracks: Float64Array
    changed: BoolArray
    factor: Float64Array
    offset: Float64Array
    keep: BoolArray


def rescale(layer: Layer, amounts: Mapping[str, float]) -> Rescaled:
    """Let every region of `layer` move by its amount."""
    tracks = rescaled_tracks(layer, amounts)
    changed = np.abs(tracks - layer.tracks).max(axis=0) > SAME
    factor, offset = np.full(len(changed), np.nan), np.zeros(len(changed))
    keep = np.ones(tracks.shape, dtype=bool)
    centre = layer.tracks.mean(axis=0)
    for index in np.flatnonzero(changed):
        pose = index >= len(layer.names)
        amount = amounts.get(HEAD if pose else region_of(layer.names[index]), 1.0)
        rest = (1.0 - amount) * centre[index] if pose else 0.0
        if np.abs(amount * layer.tracks[:, index] + rest - tracks[:, index]).max() <= SAME:
            factor[index], offset[index] = amount, rest
        elif layer.counts[index] < DENSE * len(tracks):
            tolerance = np.full(len(tracks), EXACT / max(layer.mesh.reach[index], 1e-6))
            keep[:, index] = needed_keys(tracks[:, index], tolerance)
    return Rescaled(tracks, changed, factor, offset, keep)


def rescaled_tracks(layer: Layer, amounts: Mapping[str, float]) -> Float64Array:
    """The tracks (S, K + 6) of `layer` with every region at its amount, and lips that do not cross."""
    tracks = scaled(layer.tracks, layer.names, amounts, layer.lips_closed, layer.lids_closed)
    return without_crossing(layer.tracks, tracks, layer.gap, layer.gap_at_rest)
