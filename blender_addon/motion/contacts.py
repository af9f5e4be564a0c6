"""Moments of a take that must not be smeared: lips in contact, lids closed (no bpy)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..files.head_file import HeadFile
from .resample import runs

Float32Array = NDArray[np.float32]

LIP_RIMS: Final = ("lip_rim_upper", "lip_rim_lower")  # vertex lists paired in order
CONTACT_GAP: Final = 0.010  # decimetres between the rims: 1 mm shows no dark line at talking-head distance
LIDS: Final = ("eyeBlinkLeft", "eyeBlinkRight")
LIDS_CLOSED: Final = 0.8  # weight from which the blink shapes cover the eye


def contacts(head: HeadFile, identity: Float32Array, expression: Float32Array) -> list[tuple[int, int]]:
    """(first, last) frames of lip contacts and blinks in `expression` (T, 64), in order of time."""
    found = runs(lips_closed(head, identity, expression)) + runs(lids_closed(head, expression))
    return sorted(set(found))


def lips_closed(head: HeadFile, identity: Float32Array, expression: Float32Array) -> NDArray[np.bool_]:
    """(T,) whether the lips touch; never where the head does not say which vertices the rims are."""
    if not set(LIP_RIMS) <= set(head.regions):
        return np.zeros(len(expression), dtype=bool)
    return lip_gap(head, identity, expression) < CONTACT_GAP


def lip_gap(head: HeadFile, identity: Float32Array, expression: Float32Array) -> Float32Array:
    """(T,) mean height in decimetres of the opening between paired rim vertices; negative where lips press."""
    upper, lower = (head.regions[name] for name in LIP_RIMS)
    neutral = head.shape(identity)
    at_rest = (neutral[upper, 1] - neutral[lower, 1]).mean()
    per_expression = (head.expression_basis[:, upper, 1] - head.expression_basis[:, lower, 1]).mean(axis=1)
    return at_rest + expression @ per_expression


def lids_closed(head: HeadFile, expression: Float32Array) -> NDArray[np.bool_]:
    """(T,) whether both eyes are shut; never where the head has no blink shapes."""
    if not set(LIDS) <= set(head.expression_names):
        return np.zeros(len(expression), dtype=bool)
    columns = [head.expression_names.index(name) for name in LIDS]
    return expression[:, columns].min(axis=1) >= LIDS_CLOSED
