"""Hair as cards (no bpy): flat strips with a picture of many hairs, for programs that know no strands.

A card follows a strand, its flat side turned outwards. It moves with the triangle that it grows on as strands do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .brows import on_skin
from .distance import DistanceField
from .grow import keep_out
from .roots import Roots
from .surface import Float32Array, Float64Array, Surface, unit

TILES: Final = 4  # pictures of hairs side by side in the texture
CLEARANCE: Final = 0.0008  # metres that the edges of cards keep from the skin
CHUNK: Final = 64  # roots at a time while their triangles are looked for


@dataclass(frozen=True)
class CardKind:
    """How cards are cut of strands: one card for `strands` of them, at most `most`; `width` in metres; `points` along
    it."""

    strands: int
    most: int
    width: float
    points: int


CARD_KINDS: Final[Mapping[str, CardKind]] = {
    "hair": CardKind(strands=18, most=1100, width=0.011, points=9),
    "brows": CardKind(strands=7, most=130, width=0.0028, points=3),
    "beard": CardKind(strands=16, most=600, width=0.0065, points=4),
}


@dataclass(frozen=True, eq=False)
class Cards:
    """Strips of quads.

    points: (n, m, 2, 3) metres, the two edges of each card from root to tip; uv: (n, m, 2, 2), v from the root at 0 to
    the tip at 1; roots: what they grow on.
    """

    points: Float64Array
    uv: Float64Array
    roots: Roots

    def quads(self) -> NDArray[np.int32]:
        """Vertex indices (n · (m - 1), 4) of the quads."""
        count, along = self.points.shape[:2]
        first = (np.arange(count)[:, None] * along + np.arange(along - 1)) * 2
        return np.stack([first, first + 1, first + 3, first + 2], axis=-1).reshape(-1, 4).astype(np.int32)

    def moved(self, before: Surface, after: Float32Array) -> Float64Array:
        """`points` when the vertices of `before` are at `after` (V, 3): turned as the triangles of their roots are."""
        triangles = before.triangles[self.roots.triangle]
        was, now = before.points[triangles].astype(np.float64), after[triangles].astype(np.float64)
        start, end = (np.einsum("nk,nkc->nc", self.roots.weights, one) for one in (was, now))
        turn = np.einsum("nij,nkj->nik", _frames(now), _frames(was))
        return np.einsum("nij,nabj->nabi", turn, self.points - start[:, None, None]) + end[:, None, None]


def _frames(corners: Float64Array) -> Float64Array:
    """Orthonormal columns (n, 3, 3) that go with triangles (n, 3, 3)."""
    along = unit(corners[:, 1] - corners[:, 0])
    normal = unit(np.cross(along, corners[:, 2] - corners[:, 0]))
    return np.stack([along, normal, np.cross(along, normal)], axis=2)


def cards_of(surface: Surface, field: DistanceField, strands: Float64Array, kind: CardKind, seed: int = 0) -> Cards:
    """Cards that stand for `strands` (n, k, 3)."""
    rng = np.random.default_rng([seed, 3])
    count = int(np.clip(len(strands) // kind.strands, 1, kind.most))
    chosen = (np.arange(count) + rng.random(count)) * len(strands) / count
    spines = _along(strands[chosen.astype(int)], kind.points)
    roots = _roots(surface, spines[:, 0])
    outward = spines - surface.measures.centre
    outward[..., 2] *= 0.3
    outward[:, :2] = roots.normals[:, None]
    aside = unit(np.cross(np.gradient(spines, axis=1), outward))
    taper = np.linspace(1.0, 0.75, kind.points)[:, None]
    half = 0.5 * kind.width * rng.uniform(0.8, 1.2, (count, 1, 1)) * taper
    points = np.stack([spines + half * aside, spines - half * aside], axis=2)
    points = keep_out(points.reshape(-1, 3), field, CLEARANCE).reshape(points.shape)
    points[:, 0] = np.stack([spines[:, 0] + half[:, 0] * aside[:, 0], spines[:, 0] - half[:, 0] * aside[:, 0]], axis=1)
    return Cards(points, _uv(count, kind.points, rng), roots)


def _uv(count: int, points: int, rng: np.random.Generator) -> Float64Array:
    tile = rng.integers(0, TILES, count)[:, None, None]
    across = np.where(rng.random(count)[:, None, None] < 0.5, [0.02, 0.98], [0.98, 0.02])
    u = np.broadcast_to((tile + across) / TILES, (count, points, 2))
    v = np.broadcast_to(np.linspace(0.01, 0.99, points)[:, None], (count, points, 2))
    return np.stack([u, v], axis=-1)


def _along(strands: Float64Array, count: int) -> Float64Array:
    """`strands` (n, k, 3) with `count` points each, evenly along them."""
    place = np.linspace(0, strands.shape[1] - 1, count)
    first = np.minimum(place.astype(int), strands.shape[1] - 2)
    share = (place - first)[:, None]
    return strands[:, first] * (1 - share) + strands[:, first + 1] * share


def _roots(surface: Surface, points: Float64Array) -> Roots:
    """Where on the skin `points` (n, 3) grow."""
    order = np.argsort(points[:, 2], kind="stable")
    found = [on_skin(surface, points[order[start : start + CHUNK]]) for start in range(0, len(points), CHUNK)]
    back = np.argsort(order, kind="stable")
    fields = {name: np.concatenate([getattr(one, name) for one in found])[back] for name in Roots.__annotations__}
    return Roots(**fields)


def card_picture(colour: tuple[float, float, float], size: int = 512, seed: int = 0) -> Float32Array:
    """(size, size, 4) linear RGB and alpha, row 0 at the roots: `TILES` bundles of hairs of linear RGB `colour`."""
    rng = np.random.default_rng([seed, 4])
    width = size // TILES
    picture = np.zeros((size, size, 4), dtype=np.float32)
    picture[..., :3] = np.asarray(colour, dtype=np.float32) * 0.6  # where nothing is drawn, so that no edge is light
    row = np.linspace(0, 1, size)
    root = 0.6 + 0.4 * np.clip(row / 0.4, 0, 1)
    for tile in range(TILES):
        for _ in range(HAIRS):
            middle = width * (rng.uniform(0.1, 0.9) + 0.05 * np.sin(rng.uniform(0, 6) + rng.uniform(1, 7) * row))
            middle += width * rng.normal(0, 0.05) * row**2
            end = rng.beta(5, 1.6)
            cover = 1.3 * np.clip((end - row) / 0.12, 0, 1)
            _draw(picture[:, tile * width : (tile + 1) * width], middle, cover, colour, root * rng.uniform(0.65, 1.35))
    return picture


HAIRS: Final = 44  # in one tile


def _draw(
    tile: Float32Array,
    middle: Float64Array,
    cover: Float64Array,
    colour: tuple[float, float, float],
    shade: Float64Array,
) -> None:
    """One hair over what is drawn, in place: `middle` column, `cover` 0..1 and `shade` for each row."""
    columns = np.arange(tile.shape[1])
    alpha = np.clip(1.2 - np.abs(columns - middle[:, None]), 0, 1) * np.minimum(cover, 1)[:, None]
    alpha = alpha[..., None].astype(np.float32)
    drawn = (shade[:, None] * np.asarray(colour))[:, None].astype(np.float32)
    tile[..., :3] = tile[..., :3] * (1 - alpha) + drawn * alpha
    tile[..., 3:] = np.maximum(tile[..., 3:], alpha)
