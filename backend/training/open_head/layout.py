"""Where each piece lies on the UV square: a box (left, bottom, right, top) each, none overlapping."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.wheel import Float64Array

Box = tuple[float, float, float, float]

FACE: Box = (0.005, 0.265, 0.995, 0.995)
NECK: Box = (0.005, 0.135, 0.495, 0.258)
MOUTH_INNER: Box = (0.505, 0.135, 0.695, 0.258)
SOCKET_LEFT: Box = (0.705, 0.2, 0.76, 0.258)
SOCKET_RIGHT: Box = (0.705, 0.135, 0.76, 0.193)
EYE_LEFT: Box = (0.77, 0.148, 0.88, 0.258)
EYE_RIGHT: Box = (0.885, 0.148, 0.995, 0.258)
TEETH_UPPER: Box = (0.005, 0.07, 0.495, 0.128)
TEETH_LOWER: Box = (0.005, 0.005, 0.495, 0.063)
GUMS: Box = (0.505, 0.07, 0.745, 0.128)
TONGUE: Box = (0.505, 0.005, 0.745, 0.063)
LASHES_LEFT: Box = (0.77, 0.075, 0.88, 0.142)
LASHES_RIGHT: Box = (0.885, 0.075, 0.995, 0.142)
BROWS_LEFT: Box = (0.77, 0.005, 0.88, 0.07)
BROWS_RIGHT: Box = (0.885, 0.005, 0.995, 0.07)


def placed(uv: Float64Array, box: Box, keep_aspect: bool = True) -> Float64Array:
    """`uv` (n, 2) scaled into `box`, centred."""
    low, high = uv.min(axis=0), uv.max(axis=0)
    size = np.maximum(high - low, 1e-9)
    room = np.array([box[2] - box[0], box[3] - box[1]])
    scale = np.repeat((room / size).min(), 2) if keep_aspect else room / size
    centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    return (uv - (low + high) / 2) * scale + centre
