"""Lids: kept clear of the eyeball in every shape that moves them."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.fields import averaging, smoothstep
from backend.training.open_head.head import Head
from backend.training.open_head.wheel import Float64Array, IntArray

# Least distance of the lids from the eye's centre, in radii of the eyeball. Half-way shapes run along chords, which
# come nearer to the eye than their ends; blinks and squints travel furthest and get the most room.
REST, BLINK, SQUINT, SQUINT_PAIR = 1.03, 1.05, 1.085, 1.06
TIED, FREE = 1.15, 1.7  # up to and from how many radii skin follows the eyeball in identity
MARGIN_RING = 4  # the lids' inner edge; rings below lie hidden behind it


class Lids:
    """The left eye's surroundings, where lids may touch the eyeball."""

    def __init__(self, head: Head) -> None:
        """Find the skin around the left eye, without what lies behind the lids' edge."""
        self._head = head
        rest = head.skin.part.rest
        distance = np.linalg.norm(rest - head.eyes.centre, axis=1)
        hidden = self._sockets()
        hidden[np.concatenate(head.skin.eye_rings[:MARGIN_RING])] = True
        self.zone: IntArray = np.flatnonzero(
            ~hidden & (distance < 2.0 * head.eyes.radius) & (rest[:, 2] > head.eyes.centre[2] - 0.02)
        )
        self._average = averaging(head.skin.part.triangles, len(rest))
        self._hidden = hidden

    def _sockets(self) -> np.ndarray:
        hidden = np.zeros(len(self._head.skin.part.rest), dtype=bool)
        corners = self._head.skin.part.uv_triangles.ravel()
        hidden[self._head.skin.part.triangles.ravel()[self._head.skin.islands[corners] >= 3]] = True
        return hidden

    def push(self, shape: Float64Array, least: float) -> Float64Array:
        """Displacement (n, 3) that brings the left lids of `shape` to `least` radii from the eye's centre.

        The needed push is spread over neighbours, so that no step shows where it ends.
        """
        skin = shape[self._head.indices("skin")]
        arms = skin - self._head.eyes.centre
        distance = np.linalg.norm(arms, axis=1)
        needed = np.zeros(len(skin))
        needed[self.zone] = np.clip(least * self._head.eyes.radius - distance[self.zone], 0, None)
        amount = needed.copy()
        for _ in range(12):
            amount = np.maximum(self._average @ amount, needed)
        field = self._head.zeros()
        field[self._head.indices("skin")] = arms / distance[:, None] * amount[:, None]
        return field


class Socket:
    """Keeps lids and sockets at their distance from the eyeball when identity changes. Linear.

    Only the motion towards or away from the eye is taken out, so that lids may still change their shape and opening;
    without it, deep-set eyes break through the skin below the lid.
    """

    def __init__(self, head: Head, rest: Float64Array) -> None:
        """`rest`: the neutral shape (n, 3)."""
        eyes = head.indices("eyes")
        half = len(eyes) // 2
        skin = head.indices("skin")
        self._sides = []
        for side, ball in ((1, eyes[:half]), (-1, eyes[half:])):
            centre = head.eyes.centre * (side, 1, 1)
            arms = rest[skin] - centre
            distance = np.linalg.norm(arms, axis=1)
            near = distance < FREE * head.eyes.radius
            share = 1 - smoothstep(distance[near], TIED * head.eyes.radius, FREE * head.eyes.radius)
            spokes = arms[near] / distance[near, None]
            design = np.concatenate([np.tile(np.eye(3), (half, 1)), (rest[ball] - centre).reshape(-1, 1)], axis=1)
            self._sides.append((skin[near], ball, spokes, distance[near], share, np.linalg.pinv(design)))

    def __call__(self, field: Float64Array) -> Float64Array:
        """The displacement (n, 3) with lids and sockets following the eyeballs."""
        kept = field.copy()
        for near, ball, spokes, distance, share, fit in self._sides:
            *shift, scale = fit @ field[ball].ravel()
            away = ((field[near] - shift) * spokes).sum(axis=1) - scale * distance
            kept[near] -= spokes * (share * away)[:, None]
        return kept
