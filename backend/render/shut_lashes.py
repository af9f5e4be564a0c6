"""Lashes for lids that shut.

The photo has the person's own lashes, painted on the lids as they were. Upper lids that shut unfold skin on which there
are none, so there the face model's grow, as far as a lid is shut.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from backend.render.photo_colours import BLINKS, LIDS, part_vertices
from models.face.model import FaceModel
from models.face.shading import unit

Float32Array = NDArray[np.float32]

PART: Final = "lashes"
SKIN: Final = "skin"
UPPER, LOWER = LIDS
WIDER: Final = 1.7  # a pixel shows more than one hair and skin between them: thin black ones would look like stitches,
SKIN_BETWEEN: Final = 0.45  # so they are wider and that much of the skin's colour
GROWN: Final = (0.25, 0.75)  # of a blink between which they grow


class ShutLashes:
    """Shortens the lashes of a face model as its lids open."""

    def __init__(self, model: FaceModel) -> None:
        """A model without lashes, without named lids, or whose lids do not shut, has nothing to shorten."""
        names = list(model.expression_names)
        known = PART in model.part_names and all(name in names for name in BLINKS)
        known = known and all(name in model.regions for name in UPPER + LOWER)
        self._vertices = part_vertices(model, PART) if known else np.zeros(0, np.intp)
        self._blinks = [names.index(name) for name in BLINKS] if known else []
        if known:
            self._hair = _hairs(model, self._vertices)
            self._root, self._beside = _roots(model, self._vertices, self._hair)
            self._upper = _upper(model, self._vertices[self._root])
            self._side = (model.mean_shape[self._vertices[self._root], 0] <= 0).astype(int)  # as `BLINKS`: left, right

    def shortened(self, shape: Float32Array, expression: Float32Array) -> Float32Array:
        """`shape` (V, 3) with each upper lash as long as its lid is shut in `expression` (64,), the lower ones gone.

        A hair of no length covers no pixel.
        """
        if not len(self._vertices):
            return shape
        start, end = GROWN
        shut = np.clip((expression[self._blinks] - start) / (end - start), 0, 1)
        length = (self._upper * (shut * shut * (3 - 2 * shut))[self._side])[self._hair, None]
        lashes, grown = shape[self._vertices], shape.copy()
        across = unit(lashes[self._beside] - lashes[self._root])[self._hair]
        along = lashes - lashes[self._root][self._hair]
        wide = along + (WIDER - 1) * (along * across).sum(axis=1, keepdims=True) * across
        grown[self._vertices] = lashes[self._root][self._hair] + length * wide
        return grown


def softened(texture: Float32Array, model: FaceModel) -> Float32Array:
    """`texture` (S, S, 3) with some of the skin's colour, its median, in that of the lashes."""
    if PART not in model.part_names:
        return texture
    skin = np.median(texture[_texels(model, SKIN, len(texture))], axis=0)
    rows, columns = _texels(model, PART, len(texture))
    place = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    soft = np.array(texture, np.float32)
    soft[place] += SKIN_BETWEEN * (skin - soft[place])
    return soft


def _texels(model: FaceModel, part: str, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns (n,) of a texture at the corners of a part's triangles."""
    corners = model.uv_triangles[model.triangle_part == model.part_names.index(part)].ravel()
    places = np.clip((model.uv[corners] * [1, -1] + [0, 1]) * size, 0, size - 1).astype(np.intp)
    return places[:, 1], places[:, 0]


def _hairs(model: FaceModel, vertices: NDArray[np.intp]) -> NDArray[np.intp]:
    """(n,) which hair each of `vertices` belongs to."""
    triangles = np.searchsorted(vertices, model.part_triangles(PART))
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(vertices),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], np.intp)


def _roots(
    model: FaceModel, vertices: NDArray[np.intp], hair: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(hairs,) the two vertices of each hair, counted among `vertices`, that lie nearest to the lids."""
    lids = np.concatenate([model.regions[name] for name in UPPER + LOWER])
    away = cKDTree(model.mean_shape[lids]).query(model.mean_shape[vertices])[0]
    order = np.lexsort((away, hair))
    first = np.unique(hair[order], return_index=True)[1]
    return order[first], order[first + 1]


def _upper(model: FaceModel, roots: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(hairs,) whose `roots` lie on an upper lid."""
    above, below = (
        cKDTree(model.mean_shape[np.concatenate([model.regions[name] for name in lids])]).query(
            model.mean_shape[roots]
        )[0]
        for lids in (UPPER, LOWER)
    )
    return np.asarray(above < below)
