"""The skin: face, scalp, ears, neck, lips, inside of the mouth and the inner lids, cut out of the base mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import connected_components

from backend.training.open_head import layout
from backend.training.open_head.part import Part, bound
from backend.training.open_head.polygons import cut_below, extract, subdivide, triangulate
from backend.training.open_head.rings import around, from_inner_corner, from_top, halves, matched
from backend.training.open_head.wheel import BaseMesh, Float64Array, IntArray, Wheel

NECK_LEVEL = 5.80  # cutting with a plane; ending on a ring of edges would leave horns on the trapezius
NECK_RINGS = 8
SOCKET_RINGS = 2
FACE_CENTRE = np.array([0.485, 0.878])  # on the base mesh's UV after turning it upright: between nose and mouth
MAGNIFICATION = 0.13
LIP_RINGS = 7  # around the mouth: certainly lip, also in the corners, which the data's mask leaves out
CONTACT_RING = 2  # around the mouth: where the lips meet at rest


@dataclass(frozen=True, eq=False)
class Skin:
    """The skin as a part, with what others need of it.

    weights: (n, base vertices) sparse; base_uv: (m, 2) place of each UV on the base mesh's own layout (for masks);
    islands: (m,) 0 face, 1 neck, 2 mouth, 3 right socket, 4 left socket; mouth_rings, eye_rings: closed loops
    around the mouth and the left eye, from the inside out.
    """

    part: Part
    weights: sparse.csr_matrix
    base_uv: Float64Array
    islands: IntArray
    mouth_rings: list[IntArray]
    eye_rings: list[IntArray]

    def lip_rim(self, ring: int) -> tuple[IntArray, IntArray]:
        """Upper and lower lip vertices of a ring, paired, from the left corner to the right one (both included).

        Ring 0 is the border to the inside of the mouth, 2 where the lips meet at rest, higher ones lie further out.
        """
        meeting = from_top(self.mouth_rings[CONTACT_RING], self.part.rest)
        upper, lower = matched(*halves(meeting, self.part.rest), self.part.rest[meeting])
        loop = from_top(self.mouth_rings[ring], self.part.rest)  # rings are equally long: their columns line up
        return loop[upper], loop[lower]

    def lid_pairs(self, ring: int = 4) -> tuple[IntArray, IntArray]:
        """Upper and lower vertices of the left eye's lid margin, paired by x, corners left out."""
        rest = self.part.rest
        upper, lower = from_inner_corner(self.eye_rings[ring], rest)
        lower = lower[1:-1]
        partner = np.abs(rest[upper[1:-1], 0] - rest[lower, 0][:, None]).argmin(axis=1)
        return upper[1:-1][partner], lower


def build(wheel: Wheel) -> Skin:
    """Cut, subdivide and lay out the skin."""
    base, neutral = wheel.base, wheel.neutral
    chosen, island = _crop(base, neutral)
    labels = _labels(wheel, chosen, island)
    mesh = extract(base.quads[chosen], base.uv_quads[chosen], base.uv, base.mirror, labels)
    mesh = subdivide(mesh)
    mesh = cut_below(mesh, (mesh.weights @ neutral)[:, 1], NECK_LEVEL)
    rest = mesh.weights @ neutral
    mouth_rings = around(mesh, "mouth_inner", 13)
    eye_rings = around(mesh, "skin:socket", 13, rest[:, 0])
    triangles, uv_triangles, labels = triangulate(mesh, rest)
    labels = [label.split(":")[0] for label in labels]
    labels = _lips_to_corners(labels, triangles, np.concatenate(mouth_rings[:LIP_RINGS]))
    islands = _uv_islands(mesh.uv, uv_triangles)
    uv = _arranged(mesh.uv, islands)
    part = Part(rest, bound(mesh.weights), triangles, uv, uv_triangles, labels, mesh.mirror)
    return Skin(part, mesh.weights, mesh.uv, islands, mouth_rings, eye_rings)


def _crop(base: BaseMesh, neutral: Float64Array) -> tuple[IntArray, IntArray]:
    """Chosen quads and the UV island of each: head, mouth bag, sockets near the lids, neck."""
    body = np.flatnonzero(base.groups == "body")
    island = _quad_islands(base.uv_quads[body], len(base.uv))
    head, neck = island[0], None
    kept = np.zeros(len(body), dtype=bool)
    for number in np.unique(island):
        members = island == number
        low = neutral[base.quads[body[members]]][..., 1].min()
        if low > 6:
            kept |= members & ((members.sum() != 293) | _near(base.quads[body], island == head, SOCKET_RINGS))
        elif neutral[base.quads[body[members]]][..., 1].max() > 6:
            neck = number
    kept |= (island == neck) & _near(base.quads[body], island == head, NECK_RINGS)
    return body[kept], island[kept]


def _quad_islands(uv_quads: IntArray, count: int) -> IntArray:
    pairs = np.concatenate([uv_quads[:, [k, (k + 1) % 4]] for k in range(4)])
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    label = connected_components(graph, directed=False)[1]
    return label[uv_quads[:, 0]]


def _near(quads: IntArray, start: np.ndarray, rings: int) -> np.ndarray:
    """Quads within `rings` steps of the `start` quads."""
    reached = start.copy()
    for _ in range(rings):
        touched = np.zeros(quads.max() + 1, dtype=bool)
        touched[quads[reached]] = True
        reached |= touched[quads].any(axis=1)
    return reached


def _labels(wheel: Wheel, chosen: IntArray, island: IntArray) -> list[str]:
    base, mask = wheel.base, wheel.mask("lips")
    centre = base.uv[base.uv_quads[chosen]].mean(axis=1)
    rows = np.clip(((1 - centre[:, 1]) * mask.shape[0]).astype(int), 0, mask.shape[0] - 1)
    columns = np.clip((centre[:, 0] * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)
    lips = mask[rows, columns] > 0.5
    mouth = _mouth_island(base, chosen, island)
    outer = np.where(lips, "lips", np.where(_is_socket(island), "skin:socket", "skin"))
    return np.where(island == mouth, "mouth_inner", outer).tolist()


def _lips_to_corners(labels: list[str], triangles: IntArray, rim: IntArray) -> list[str]:
    """Labels with all skin between the inner rings of the mouth made lips."""
    within = np.isin(triangles, rim).all(axis=1)
    return ["lips" if inside and label == "skin" else label for label, inside in zip(labels, within, strict=True)]


def _is_socket(island: IntArray) -> np.ndarray:
    """Quads of the two smallest islands."""
    numbers, counts = np.unique(island, return_counts=True)
    return np.isin(island, numbers[np.argsort(counts, kind="stable")[:2]])


def _mouth_island(base: BaseMesh, chosen: IntArray, island: IntArray) -> int:
    """The mouth bag is the island with the lowest UV."""
    low = {int(n): base.uv[base.uv_quads[chosen[island == n]]][..., 1].max() for n in np.unique(island)}
    return min(low, key=low.__getitem__)


def _uv_islands(uv: Float64Array, uv_triangles: IntArray) -> IntArray:
    pairs = np.concatenate([uv_triangles[:, :2], uv_triangles[:, 1:]])
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(uv), len(uv)))
    label = connected_components(graph, directed=False)[1]
    result = np.zeros(len(uv), dtype=int)
    for number in np.unique(label):
        centre = (uv[label == number].min(axis=0) + uv[label == number].max(axis=0)) / 2
        kind = 0 if centre[0] > 0.6 and centre[1] > 0.2 else 2 if centre[1] < 0.2 else 1
        if centre[0] < 0.2:
            kind = 3 if centre[0] < 0.08 else 4
        result[label == number] = kind
    return result


def _arranged(uv: Float64Array, islands: IntArray) -> Float64Array:
    arranged = np.empty_like(uv)
    upright = np.stack([uv[:, 1], 1 - uv[:, 0] + 0.757], axis=1)
    arranged[islands == 0] = layout.placed(_magnified(upright[islands == 0]), layout.FACE, keep_aspect=False)
    for number, box in ((1, layout.NECK), (2, layout.MOUTH_INNER), (3, layout.SOCKET_RIGHT), (4, layout.SOCKET_LEFT)):
        arranged[islands == number] = layout.placed(uv[islands == number], box, keep_aspect=False)
    return arranged


def _magnified(uv: Float64Array) -> Float64Array:
    """A fish-eye on the face: r/(r + c) is a homeomorphism, so nothing overlaps that did not before."""
    offset = uv - FACE_CENTRE
    radius = np.linalg.norm(offset, axis=1, keepdims=True)
    return offset / (radius + MAGNIFICATION)
