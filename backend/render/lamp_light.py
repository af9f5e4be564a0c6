"""Lamps' light on a head, shadows included, by vertex: what nine harmonics cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.lighting.light import Lobe
from backend.lighting.lobes import disc_cosine
from backend.raster.rasterizer import Rasterizer
from backend.render import term_kernels

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]

MAP: Final = 160  # pixels along a side of a depth map
TAPS: Final = 16  # places of it that are looked at for each vertex
LIFT: Final = 0.015  # decimetres along the normal, and
BIAS: Final = 0.02  # towards the lamp, so that no surface shades itself
CASTERS: Final = ("skin", "lips", "teeth_upper", "teeth_lower", "tongue", "eye_left", "eye_right")  # throw shadows
OPEN_TAPS: Final = 32
FRONT: Final = Lobe(np.array([0, 0, 1], np.float32), 45.0, np.ones(3, np.float32))
GOLDEN: Final = 2.39996323  # radians between the places of a spiral that covers a disc evenly
LOBES: Final = 2  # as many as the renderer knows; missing ones are dark


class LampLight:
    """Shadow maps of one head, which may move."""

    def __init__(self, casters: Int32Array, *, device: str = "cpu") -> None:
        """casters: (F, 3) the triangles that throw shadows."""
        self._vertices = np.unique(casters)
        self._maps = Rasterizer(
            np.searchsorted(self._vertices, casters).astype(np.int32), MAP, cull_back=True, device=device, threads=1
        )
        self._discs: dict[int, Any] = {
            taps: wp.array(spiral(taps), dtype=wp.vec2, device=device) for taps in (TAPS, OPEN_TAPS)
        }

    def on(self, world: Float32Array, normals: Float32Array, lobes: Sequence[Lobe]) -> Float32Array:
        """(V, 5) for vertices `world` (V, 3) with unit `normals` (V, 3).

        Three colours of irradiance over pi, linear, and how far each of two lobes is seen, 0..1.
        """
        terms = np.zeros((len(world), 3 + LOBES), np.float32)
        for index, lobe in enumerate(lobes[:LOBES]):
            cosine = disc_cosine(normals @ lobe.direction, lobe.half_angle)
            seen = self._seen(world, normals, lobe)
            terms[:, :3] += (seen * cosine)[:, None] * lobe.strength
            terms[:, 3 + index] = seen
        return terms

    def openness(self, world: Float32Array, normals: Float32Array) -> Float32Array:
        """(V,) how much of a broad disc before the face each vertex sees: little in the mouth, all on the cheeks."""
        return self._seen(world, normals, FRONT, OPEN_TAPS)

    def _seen(self, world: Float32Array, normals: Float32Array, lobe: Lobe, taps: int = TAPS) -> Float32Array:
        """(V,) how much of the `lobe` nothing hides."""
        frame = _towards(lobe.direction)
        casters = world[self._vertices] @ frame.T
        low, high = casters.min(axis=0), casters.max(axis=0)
        middle, half = (low + high) / 2, float((high - low).max()) / 2 + 0.1
        self._maps.draw(_clip(casters, middle, half), resolve=False)
        receivers = _clip((world + LIFT * normals) @ frame.T, middle, half)
        device = self._maps.device
        out: Any = wp.zeros(len(world), dtype=wp.float32, device=device)
        tangent = float(np.tan(np.radians(lobe.half_angle)))
        clip: Any = wp.array(receivers, dtype=wp.vec4, device=device)
        inputs = [self._maps.keys, clip, tangent, MAP / 2, BIAS / half, self._discs[taps]]
        wp.launch(term_kernels.shadows, dim=len(world), inputs=inputs, outputs=[out], device=device)
        return np.asarray(out.numpy(), np.float32)


def spiral(count: int) -> Float32Array:
    """(count, 2) places that cover the unit disc evenly."""
    index = np.arange(count)
    radius, angle = np.sqrt((index + 0.5) / count), GOLDEN * index
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)


def _towards(direction: Float32Array) -> Float32Array:
    """(3, 3) rows right, up and towards a lamp."""
    aside = np.array([0, 1, 0]) if abs(direction[1]) < 0.9 else np.array([1, 0, 0])
    right = np.cross(aside, direction)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(direction, right), direction]).astype(np.float32)


def _clip(points: Float32Array, middle: Float32Array, half: float) -> Float32Array:
    """(n, 4) clip positions of `points` (n, 3) in a lamp's frame: parallel, the nearer the smaller its depth."""
    centred = (points - middle) / half
    return np.stack([centred[:, 0], centred[:, 1], -centred[:, 2], np.ones(len(points))], axis=1).astype(np.float32)
