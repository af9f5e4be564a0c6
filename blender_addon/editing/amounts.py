"""More or less of one region of the face, with lips that still close and lids that still shut (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..motion.contacts import LIDS
from .mesh_error import POSE

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "lips": ("mouth", "lip", "upperLip"),
    "jaw": ("jaw",),
    "brows": ("brow",),
    "eyes": ("eye", "pupil"),
    "cheeks": ("cheek", "nose", "nostril"),
    "tongue": ("tongue",),
    "neck": ("neck",),
}
HEAD: Final = "head"
NAMES: Final = (*REGIONS, HEAD)
RAMP: Final = 3  # frames over which a closure goes over into what surrounds it


def region_of(expression_name: str) -> str:
    """The region that moves with `expression_name`; "" for none."""
    return next((region for region, words in REGIONS.items() if expression_name.startswith(words)), "")


def scaled(
    tracks: Float64Array, names: Sequence[str], amounts: Mapping[str, float], lips: BoolArray, lids: BoolArray
) -> Float64Array:
    """`tracks` (S, K + 6) with every region at its amount (1 when not named); always computed from the originals.

    lips, lids: (S,) frames in which they are closed. There the mouth's and the lids' values stay, and go over within
    `RAMP` frames. The head's motion is scaled about its mean, so that the head stays where it stands.
    """
    result = tracks.copy()
    held_lips, held_lids = held(lips), held(lids)
    for column, name in enumerate(names):
        region = region_of(name)
        amount = amounts.get(region, 1.0)
        if amount == 1.0:
            continue
        stays = held_lips if region in {"lips", "jaw", "tongue", "cheeks"} else np.zeros(len(tracks))
        stays = held_lids if name in LIDS else stays
        result[:, column] *= stays + (1.0 - stays) * amount
        if name in LIDS:  # a lid that is more than shut goes through the eye
            result[:, column] = np.minimum(result[:, column], np.maximum(tracks[:, column], 1.0))
    pose, centre = tracks[:, -POSE:], tracks[:, -POSE:].mean(axis=0)
    amount = amounts.get(HEAD, 1.0)
    if amount != 1.0:
        result[:, -POSE:] = centre + amount * (pose - centre)
    return result


def held(closed: BoolArray) -> Float64Array:
    """(S,) 1 where `closed`, falling to 0 within `RAMP` frames around."""
    frames = np.flatnonzero(closed)
    if not len(frames):
        return np.zeros(len(closed))
    here = np.arange(len(closed))
    after = np.searchsorted(frames, here)
    away = np.minimum(
        np.abs(here - frames[np.maximum(after - 1, 0)]), np.abs(frames[np.minimum(after, len(frames) - 1)] - here)
    )
    return np.clip(1.0 - away / RAMP, 0.0, 1.0)


def without_crossing(before: Float64Array, after: Float64Array, gap: Float64Array, gap_at_rest: float) -> Float64Array:
    """`after`, drawn back towards `before` wherever the lips would press deeper into each other than they did.

    The lip gap is linear in the expression (K columns), so how far to draw back is known exactly.
    """
    keys = len(gap)
    was, now = (gap_at_rest + tracks[:, :keys] @ gap for tracks in (before, after))
    lowest = np.minimum(was, 0.0)
    crossing = now < lowest - 1e-9
    share = np.ones(len(after))
    share[crossing] = (was - lowest)[crossing] / (was - now)[crossing]
    result = after.copy()
    moves = gap != 0
    columns = np.flatnonzero(moves)
    result[:, columns] = before[:, columns] + share[:, None] * (after - before)[:, columns]
    return result
