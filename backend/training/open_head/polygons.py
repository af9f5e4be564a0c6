"""Polygon meshes whose every vertex is a linear function of the base mesh's vertices.

Subdividing and cutting only ever form weighted means, so one sparse matrix carries all targets of the base mesh onto
the result.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from backend.training.open_head.wheel import Float64Array, IntArray

Edge = tuple[int, int]
Face = tuple[int, ...]
Rows = list[dict[int, float]]


@dataclass(frozen=True, eq=False)
class Polygons:
    """A polygon mesh bound to the base mesh.

    weights: (n, base vertices) sparse, rows sum to 1; uv: (m, 2); faces, uv_faces: equally long lists of index
    tuples; labels: one text a face; mirror: (n,) left-right partner.
    """

    weights: sparse.csr_matrix
    uv: Float64Array
    faces: list[Face]
    uv_faces: list[Face]
    labels: list[str]
    mirror: IntArray


def edge(a: int, b: int) -> Edge:
    """An undirected edge as a dictionary key."""
    return (a, b) if a < b else (b, a)


def face_edges(face: Face) -> list[Edge]:
    """The edges around a face, the first joining its corners 0 and 1."""
    return [edge(a, b) for a, b in zip(face, face[1:] + face[:1], strict=True)]


def extract(
    base_quads: IntArray, base_uv_quads: IntArray, uv: Float64Array, mirror: IntArray, labels: list[str]
) -> Polygons:
    """The sub-mesh of the given quads (f, 4) of the base mesh, with indices packed."""
    used = np.unique(base_quads)
    packed = np.full(len(mirror), -1)
    packed[used] = np.arange(len(used))
    used_uv = np.unique(base_uv_quads)
    packed_uv = np.full(len(uv), -1)
    packed_uv[used_uv] = np.arange(len(used_uv))
    weights = sparse.csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), shape=(len(used), len(mirror)))
    return Polygons(
        weights,
        uv[used_uv],
        [tuple(face) for face in packed[base_quads].tolist()],
        [tuple(face) for face in packed_uv[base_uv_quads].tolist()],
        labels,
        packed[mirror[used]],
    )


def subdivide(mesh: Polygons) -> Polygons:
    """One Catmull-Clark step (Catmull and Clark 1978) with sharp borders; UV are subdivided bilinearly."""
    count = mesh.weights.shape[0]
    edges = sorted({e for face in mesh.faces for e in face_edges(face)})
    edge_index = {e: i for i, e in enumerate(edges)}
    faces_of_edge: dict[Edge, list[int]] = defaultdict(list)
    for number, face in enumerate(mesh.faces):
        for e in face_edges(face):
            faces_of_edge[e].append(number)
    operator = _from_rows(_catmull_clark(mesh.faces, edges, faces_of_edge, count), count)
    uv, uv_faces = _subdivide_uv(mesh)
    first_edge, first_face = count, count + len(edges)
    faces: list[Face] = []
    for number, face in enumerate(mesh.faces):
        around = [first_edge + edge_index[e] for e in face_edges(face)]
        for k, corner in enumerate(face):
            faces.append((corner, around[k], first_face + number, around[k - 1]))
    labels = [label for label, face in zip(mesh.labels, mesh.faces, strict=True) for _ in face]
    mirror = np.concatenate(
        [
            mesh.mirror,
            [first_edge + edge_index[edge(int(mesh.mirror[a]), int(mesh.mirror[b]))] for a, b in edges],
            first_face + _mirrored_faces(mesh),
        ]
    )
    return Polygons((operator @ mesh.weights).tocsr(), uv, faces, uv_faces, labels, mirror)


def _catmull_clark(faces: list[Face], edges: list[Edge], faces_of_edge: dict[Edge, list[int]], count: int) -> Rows:
    """Old vertices, edge points and face points as weighted means of the old vertices."""
    rows: Rows = [defaultdict(float) for _ in range(count + len(edges) + len(faces))]
    sharp = [len(faces_of_edge[e]) == 1 for e in edges]
    for number, face in enumerate(faces):
        for corner in face:
            rows[count + len(edges) + number][corner] += 1 / len(face)
    for number, ends in enumerate(edges):
        row = rows[count + number]
        for corner in ends:
            row[corner] += 0.5 if sharp[number] else 0.25
        for face in [] if sharp[number] else [faces[f] for f in faces_of_edge[ends]]:
            for corner in face:
                row[corner] += 0.25 / len(face)
    _move_old_vertices(rows[:count], faces, edges, [e for e, is_sharp in zip(edges, sharp, strict=True) if is_sharp])
    return rows


def _move_old_vertices(rows: Rows, faces: list[Face], edges: list[Edge], border: list[Edge]) -> None:
    valence = Counter(vertex for e in edges for vertex in e)
    on_border = {vertex for e in border for vertex in e}
    for vertex, row in enumerate(rows):
        row[vertex] += 0.75 if vertex in on_border else (valence[vertex] - 3) / valence[vertex]
    for a, b in border:
        rows[a][b] += 0.125
        rows[b][a] += 0.125
    for a, b in edges:
        for vertex, other in ((a, b), (b, a)):
            if vertex not in on_border:
                rows[vertex][vertex] += 1 / valence[vertex] ** 2
                rows[vertex][other] += 1 / valence[vertex] ** 2
    for face in faces:
        for vertex in face:
            if vertex not in on_border:
                for corner in face:
                    rows[vertex][corner] += 1 / valence[vertex] ** 2 / len(face)


def _from_rows(rows: Rows, columns: int) -> sparse.csr_matrix:
    index = [column for row in rows for column in row]
    data = [value for row in rows for value in row.values()]
    starts = np.cumsum([0] + [len(row) for row in rows])
    return sparse.csr_matrix((data, index, starts), shape=(len(rows), columns))


def _subdivide_uv(mesh: Polygons) -> tuple[Float64Array, list[Face]]:
    edges = sorted({e for face in mesh.uv_faces for e in face_edges(face)})
    edge_index = {e: len(mesh.uv) + i for i, e in enumerate(edges)}
    middles = np.array([(mesh.uv[a] + mesh.uv[b]) / 2 for a, b in edges])
    centres = np.array([mesh.uv[list(face)].mean(axis=0) for face in mesh.uv_faces])
    first_face = len(mesh.uv) + len(edges)
    faces: list[Face] = []
    for number, face in enumerate(mesh.uv_faces):
        around = [edge_index[e] for e in face_edges(face)]
        for k, corner in enumerate(face):
            faces.append((corner, around[k], first_face + number, around[k - 1]))
    return np.concatenate([mesh.uv, middles, centres]), faces


def _mirrored_faces(mesh: Polygons) -> IntArray:
    """For each face the number of the face on the other side."""
    number = {frozenset(face): i for i, face in enumerate(mesh.faces)}
    return np.array([number[frozenset(mesh.mirror[list(face)].tolist())] for face in mesh.faces])


def cut_below(mesh: Polygons, heights: Float64Array, level: float) -> Polygons:
    """Keep what lies above `level`; `heights` (n,) are the vertices' heights. Cut vertices lie on the edges."""
    count = mesh.weights.shape[0]
    above = heights >= level
    cuts: dict[Edge, int] = {}
    uv_cuts: dict[Edge, int] = {}
    rows: Rows = []
    uv_rows: list[Float64Array] = []
    faces, uv_faces, labels = [], [], []
    for face, uv_face, label in zip(mesh.faces, mesh.uv_faces, mesh.labels, strict=True):
        kept: list[int] = []
        kept_uv: list[int] = []
        for k, corner in enumerate(face):
            following, uv_corner, uv_following = face[k - len(face) + 1], uv_face[k], uv_face[k - len(face) + 1]
            if above[corner]:
                kept.append(corner)
                kept_uv.append(uv_corner)
            if above[corner] != above[following]:
                share = (level - heights[corner]) / (heights[following] - heights[corner])
                if edge(corner, following) not in cuts:
                    cuts[edge(corner, following)] = count + len(rows)
                    rows.append({corner: 1 - share, following: share})
                if edge(uv_corner, uv_following) not in uv_cuts:
                    uv_cuts[edge(uv_corner, uv_following)] = len(mesh.uv) + len(uv_rows)
                    uv_rows.append((1 - share) * mesh.uv[uv_corner] + share * mesh.uv[uv_following])
                kept.append(cuts[edge(corner, following)])
                kept_uv.append(uv_cuts[edge(uv_corner, uv_following)])
        if len(kept) >= 3:
            faces.append(tuple(kept))
            uv_faces.append(tuple(kept_uv))
            labels.append(label)
    mirrored = [cuts[edge(int(mesh.mirror[a]), int(mesh.mirror[b]))] for a, b in cuts]
    weights = sparse.vstack([mesh.weights, _from_rows(rows, count) @ mesh.weights]).tocsr()
    grown = Polygons(
        weights,
        np.concatenate([mesh.uv, np.reshape(uv_rows, (-1, 2))]),
        faces,
        uv_faces,
        labels,
        np.concatenate([mesh.mirror, np.array(mirrored, dtype=int)]),
    )
    return packed(grown)


def packed(mesh: Polygons) -> Polygons:
    """Drop the vertices and UV that no face uses."""
    used = np.unique(np.concatenate([np.array(face) for face in mesh.faces]))
    used_uv = np.unique(np.concatenate([np.array(face) for face in mesh.uv_faces]))
    new = np.full(mesh.weights.shape[0], -1)
    new[used] = np.arange(len(used))
    new_uv = np.full(len(mesh.uv), -1)
    new_uv[used_uv] = np.arange(len(used_uv))
    return Polygons(
        mesh.weights[used],
        mesh.uv[used_uv],
        [tuple(new[list(face)].tolist()) for face in mesh.faces],
        [tuple(new_uv[list(face)].tolist()) for face in mesh.uv_faces],
        mesh.labels,
        new[mesh.mirror[used]],
    )


def triangulate(mesh: Polygons, shape: Float64Array) -> tuple[IntArray, IntArray, list[str]]:
    """Triangles (f, 3), their UV triangles and labels; quads split along the shorter diagonal.

    Faces of the right side copy the split of their left partner, so that the topology is exactly symmetric.
    """
    partner = _mirrored_faces(mesh)
    right = [shape[list(face), 0].mean() < 0 for face in mesh.faces]
    triangles, uv_triangles, labels = [], [], []
    for number, face in enumerate(mesh.faces):
        left = mesh.faces[partner[number]] if right[number] else face
        corner_of = {int(mesh.mirror[c]) if right[number] else c: k for k, c in enumerate(face)}
        for split in _split(left, shape):
            local = [corner_of[corner] for corner in split]
            if right[number]:
                local.reverse()
            triangles.append([face[k] for k in local])
            uv_triangles.append([mesh.uv_faces[number][k] for k in local])
            labels.append(mesh.labels[number])
    return np.array(triangles), np.array(uv_triangles), labels


def _split(face: Face, shape: Float64Array) -> list[tuple[int, int, int]]:
    if len(face) == 3:
        return [(face[0], face[1], face[2])]
    if len(face) == 4:
        a, b, c, d = face
        if np.linalg.norm(shape[a] - shape[c]) <= np.linalg.norm(shape[b] - shape[d]):
            return [(a, b, c), (a, c, d)]
        return [(a, b, d), (b, c, d)]
    return [(face[0], face[k], face[k + 1]) for k in range(1, len(face) - 1)]
