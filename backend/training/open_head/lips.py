"""Lips: sealed at rest, pressed, and bitten.

The data's lips part by 0.1 to 0.8 mm at rest, and its `mouthClose` cancels `jawOpen` exactly at equal weight, so
sealing the neutral shape once seals every /p b m/.
"""

from __future__ import annotations

import numpy as np

from backend.training.open_head.fields import averaging, nearest_distance, pull, smoothed, smoothstep
from backend.training.open_head.head import Head
from backend.training.open_head.part import nearest_on
from backend.training.open_head.teeth import HALF_ARCH, UPPER, bite_line
from backend.training.open_head.wheel import Float64Array, IntArray

OVERLAP = 0.0065  # decimetres that sealed lips run into each other
CONTACT_RINGS = range(0, 6)
SEAL_WIDTH = 0.018
GLUE_WIDTH = 0.04
LINING_ROOM = 0.08
LINING_WIDTH = 0.11
JAW_DROP = 0.33  # how far jawOpen takes the lower lip down


def lower_share(jaw: Float64Array) -> Float64Array:
    """How far a vertex (n,) belongs to the lower lip and jaw: 0 to 1, by its drop in jawOpen (n, 3)."""
    return smoothstep(-jaw[:, 1], 0.25 * JAW_DROP, 0.75 * JAW_DROP)


def contact_rows(head: Head) -> tuple[IntArray, IntArray]:
    """Upper and lower rims near the contact: (rings, columns) vertex indices, corner to corner."""
    pairs = [head.skin.lip_rim(ring) for ring in CONTACT_RINGS]
    return np.stack([upper for upper, _ in pairs]), np.stack([lower for _, lower in pairs])


def gap(shape: Float64Array, rows: tuple[IntArray, IntArray]) -> Float64Array:
    """Opening (columns,) in decimetres: lowest point of the upper lip above the highest of the lower one."""
    upper, lower = rows
    return shape[upper, 1].min(axis=0) - shape[lower, 1].max(axis=0)


def contact(shape: Float64Array, rows: tuple[IntArray, IntArray]) -> tuple[IntArray, IntArray]:
    """The vertices (columns,) that meet first: the lowest of each upper column, the highest of each lower one."""
    upper, lower = rows
    columns = np.arange(upper.shape[1])
    return upper[shape[upper, 1].argmin(axis=0), columns], lower[shape[lower, 1].argmax(axis=0), columns]


def seal(head: Head, jaw: Float64Array) -> Float64Array:
    """Displacement (n, 3) that closes the neutral lips with a small overlap, half from each side."""
    total = head.zeros()
    rows = contact_rows(head)
    share = lower_share(jaw)
    for _ in range(6):
        shape = head.whole.rest + total
        wanted = np.clip(gap(shape, rows) + OVERLAP, 0, None) / 2
        wanted[[0, -1]] = 0
        for side, sign, belongs in zip(contact(shape, rows), (-1.0, 1.0), (1 - share, share), strict=True):
            anchors = shape[side]
            motion = np.stack([0 * wanted, sign * wanted, 0 * wanted], axis=1)
            near = head.indices("skin")[np.linalg.norm(shape[head.indices("skin")] - (0, 6.69, 1.42), axis=1) < 0.45]
            total[near] += pull(shape[near], anchors, SEAL_WIDTH, 0.012) @ motion * belongs[near, None]
    return total


class Glue:
    """Makes both lips move alike where they meet, and the lining behind them too. Linear.

    So a change of identity neither parts the lips nor folds the lining out at the corners of thin ones.
    """

    def __init__(self, head: Head, rest: Float64Array, jaw: Float64Array) -> None:
        """`rest`: the sealed neutral shape (n, 3); `jaw`: displacement of jawOpen."""
        skin = head.indices("skin")
        self._near = skin[np.linalg.norm(rest[skin] - (0, 6.69, 1.42), axis=1) < 0.45]
        self._contact = contact(rest, contact_rows(head))
        share = lower_share(jaw)[self._near]
        self._pulls = [
            pull(rest[self._near], rest[side], GLUE_WIDTH, 0.012) * belongs[:, None]
            for side, belongs in zip(self._contact, (1 - share, share), strict=True)
        ]
        part = head.skin.part
        lining = np.unique(part.triangles[[label == "mouth_inner" for label in part.labels]])
        self._lining = np.union1d(lining, head.skin.mouth_rings[1])
        meeting = (rest[self._contact[0]] + rest[self._contact[1]]) / 2
        self._follow = pull(rest[self._lining], meeting, LINING_WIDTH, 0.02)

    def __call__(self, field: Float64Array) -> Float64Array:
        """The displacement (n, 3) with the lips' rims moving together."""
        glued = field.copy()
        for _ in range(3):  # neighbours share pulls, so that one pass leaves a little
            mean = (glued[self._contact[0]] + glued[self._contact[1]]) / 2
            for side, weights in zip(self._contact, self._pulls, strict=True):
                glued[self._near] += weights @ (mean - glued[side])
        share = self._follow.sum(axis=1, keepdims=True)
        mean = (glued[self._contact[0]] + glued[self._contact[1]]) / 2
        glued[self._lining] += self._follow @ mean - share * glued[self._lining]
        return glued


def bite(head: Head, rest: Float64Array, jaw: Float64Array) -> Float64Array:
    """/f v/: the lower lip's rim goes back and down to the edge of the upper teeth, fading towards the corners."""
    rim = head.skin.lip_rim(3)[1]
    points = rest[rim]
    side = points[:, 0]
    depth = teeth_front(head, side)
    target = np.stack([side * 0.97, bite_line(UPPER, side * HALF_ARCH / 0.36) + 0.006, depth + 0.002], axis=1)
    middle = 1 - smoothstep(np.abs(side), 0.10, 0.205)
    motion = (target - points) * middle[:, None]
    near = head.indices("skin")[rest[head.indices("skin"), 2] > 1.0]
    field = head.zeros()
    field[near] = pull(rest[near], points, 0.052, 0.02) @ motion * lower_share(jaw)[near, None]
    return field


def teeth_front(head: Head, side: Float64Array) -> Float64Array:
    """z of the upper front teeth's labial face at x = `side`."""
    teeth = head.whole.rest[head.indices("teeth_upper")]
    low = teeth[teeth[:, 1] < 6.69]
    grid = np.linspace(0, 0.3, 25)
    front = [low[np.abs(np.abs(low[:, 0]) - x) < 0.02][:, 2].max(initial=0.9) for x in grid]
    return np.interp(np.abs(side), grid, front)


def press(head: Head, rest: Float64Array, jaw: Float64Array) -> Float64Array:
    """Lips pressed together: both reds roll in and flatten, the contact line stays."""
    field = head.zeros()
    near = head.indices("skin")[np.linalg.norm(rest[head.indices("skin")] - (0, 6.69, 1.42), axis=1) < 0.6]
    share = lower_share(jaw)[near]
    for row, (drop, belongs) in enumerate(((-1.0, 1 - share), (1.0, share))):
        outer = head.skin.lip_rim(10)[row]
        points = rest[outer]
        middle = 1 - smoothstep(np.abs(points[:, 0]), 0.13, 0.24)
        motion = np.stack([0 * middle, drop * 0.014 * middle, -0.030 * middle], axis=1)
        field[near] += pull(rest[near], points, 0.045, 0.02) @ motion * belongs[:, None]
    return field


def hollow(head: Head, rest: Float64Array) -> Float64Array:
    """Displacement (n, 3) that keeps the mouth's lining off the skin of the chin, where the data leaves 1 mm.

    Thin lips and small chins would let it through.
    """
    part = head.skin.part
    inner_faces = np.array([label == "mouth_inner" for label in part.labels])
    inner = np.unique(part.triangles[inner_faces])
    outer_faces = part.triangles[~inner_faces]
    outer_faces = outer_faces[rest[outer_faces].mean(axis=1)[:, 2] > 0.9]
    border = np.concatenate(head.skin.mouth_rings[:1])
    corners, weights = nearest_on(rest[inner], rest, outer_faces)
    away = rest[inner] - np.einsum("nk,nkc->nc", weights, rest[corners])
    distance = np.linalg.norm(away, axis=1)
    free = smoothstep(nearest_distance(rest[inner], rest[border]), 0.015, 0.07)
    field = head.zeros()
    field[inner] = (
        away / np.maximum(distance, 1e-9)[:, None] * (np.clip(LINING_ROOM - distance, 0, None) * free)[:, None]
    )
    skin = head.indices("skin")
    lining = np.zeros(len(skin))
    lining[inner] = free
    field[skin] = smoothed(field[skin], averaging(part.triangles, len(skin)), lining, 3)
    return field
