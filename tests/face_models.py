"""A small face model for tests: an ellipsoid with eyes, made by formula, no file needed."""

from __future__ import annotations

import hashlib

import numpy as np

from models.face.model import FaceModel, Landmarks

# Names as in Apple's ARKit, then what speech needs besides.
ARKIT = (
    "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft "
    "noseSneerRight tongueOut"
)
SPEECH = (
    "tongueTipUp tongueBackUp tongueInterdental tongueWide lipPress lipBiteLower lipFlare mouthWide "
    "upperLipRaise nostrilFlare neckTense pupilDilate"
)
EXPRESSIONS = tuple(f"{ARKIT} {SPEECH}".split())

_RADII = np.array([0.75, 1.0, 0.85], dtype=np.float32)
_EYE_CENTRES = np.array([[-0.3, 0.25, 0.72], [0.3, 0.25, 0.72]], dtype=np.float32)


def ellipsoid(rows: int = 33, columns: int = 48, seed: int = 0) -> FaceModel:
    """A head-sized ellipsoid (decimetres, about 1,600 vertices) with two eyeballs and smooth bases of 80 / 64 / 80.

    The columns start at the back, so the UV seam is there; expressions only move the lower front ("jaw"), identity
    bends the whole surface, and both keep the mesh smooth. `landmarks68` and `landmarks478` lie on the front half;
    regions are "lip_rim_upper" and "lip_rim_lower" (paired) and "face" (the front half).
    """
    skin, skin_triangles, skin_uv, skin_uv_triangles = _sphere(rows, columns)
    skin = skin * _RADII
    eye, eye_triangles, eye_uv, eye_uv_triangles = _sphere(9, 12)
    eyes = [0.12 * eye + centre for centre in _EYE_CENTRES]
    shape = np.concatenate([skin, *eyes]).astype(np.float32)
    first = len(skin)
    triangles = [skin_triangles, eye_triangles + first, eye_triangles + first + len(eye)]
    uv = np.concatenate([0.05 + 0.9 * skin_uv * [1, 0.85], eye_uv * 0.05, eye_uv * 0.05 + [0.06, 0]])
    uv_triangles = [
        skin_uv_triangles,
        eye_uv_triangles + len(skin_uv),
        eye_uv_triangles + len(skin_uv) + len(eye_uv),
    ]
    part = np.repeat([0, 1, 1], [len(t) for t in triangles]).astype(np.uint8)
    front = np.flatnonzero(skin[:, 2] > 0.25).astype(np.int32)
    identity, expression = _geometry_bases(shape, seed)
    mean_albedo = np.full((len(shape), 3), (205.0, 160.0, 135.0), dtype=np.float32)
    mean_albedo[first:] = (235.0, 232.0, 228.0)
    return FaceModel(
        name="ellipsoid",
        sha256=hashlib.sha256(shape.tobytes()).hexdigest(),
        mean_shape=shape,
        identity_basis=identity,
        expression_basis=expression,
        mean_albedo=mean_albedo,
        albedo_basis=_albedo_basis(shape, seed),
        triangles=np.concatenate(triangles).astype(np.int32),
        uv=uv.astype(np.float32),
        uv_triangles=np.concatenate(uv_triangles).astype(np.int32),
        triangle_part=part,
        part_names=("skin", "eye"),
        expression_names=EXPRESSIONS,
        landmarks68=_landmarks(front, 68),
        landmarks478=_landmarks(front, 478),
        regions={
            "lip_rim_upper": _nearest(skin, [(x, -0.48, 0.7) for x in np.linspace(-0.2, 0.2, 7)]),
            "lip_rim_lower": _nearest(skin, [(x, -0.56, 0.7) for x in np.linspace(-0.2, 0.2, 7)]),
            "face": front,
        },
    )


def _sphere(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A unit sphere: vertices, triangles, and its own UV with the seam at the back (u = 0 and 1)."""
    polar = np.linspace(0.0, np.pi, rows + 2)[1:-1]
    turn = np.linspace(-np.pi, np.pi, columns, endpoint=False)
    p, t = (grid.ravel() for grid in np.meshgrid(polar, turn, indexing="ij"))
    ring = np.stack([np.sin(p) * np.sin(t), np.cos(p), np.sin(p) * np.cos(t)], axis=1)
    vertices = np.concatenate([ring, [[0, 1, 0], [0, -1, 0]]])
    top, bottom = len(ring), len(ring) + 1
    u = np.linspace(0, 1, columns + 1)
    uv = np.stack(np.meshgrid(u, 1 - polar / np.pi), axis=-1).reshape(-1, 2)
    caps = np.stack([(u[:-1] + u[1:]) / 2, np.ones(columns)], axis=1)
    uv = np.concatenate([uv, caps, caps * [1, 0]])
    faces, uv_faces = [], []
    for r in range(rows - 1):
        for c in range(columns):
            a, b = r * columns + c, r * columns + (c + 1) % columns
            ua, ub = r * (columns + 1) + c, r * (columns + 1) + c + 1
            faces += [(a, a + columns, b), (b, a + columns, b + columns)]
            uv_faces += [(ua, ua + columns + 1, ub), (ub, ua + columns + 1, ub + columns + 1)]
    base = rows * (columns + 1)
    for c in range(columns):
        last = (rows - 1) * columns
        ulast = (rows - 1) * (columns + 1)
        faces += [(top, c, (c + 1) % columns), (bottom, last + (c + 1) % columns, last + c)]
        uv_faces += [(base + c, c, c + 1), (base + columns + c, ulast + c + 1, ulast + c)]
    return vertices, np.array(faces), uv, np.array(uv_faces)


def _geometry_bases(shape: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    frequency = generator.normal(0, 2.0, (144, 3))
    phase = generator.uniform(0, 2 * np.pi, (144, 1))
    wave = np.sin(frequency @ shape.T + phase)  # (144, V)
    direction = generator.normal(size=(144, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    fields = (wave[:, :, None] * direction[:, None, :]).astype(np.float32)
    identity = fields[:80] * np.linspace(0.04, 0.004, 80, dtype=np.float32)[:, None, None]
    jaw = np.exp(-(((shape - [0, -0.5, 0.7]) / 0.35) ** 2).sum(axis=1)).astype(np.float32)
    expression = fields[80:] * 0.08 * jaw[:, None]
    expression[EXPRESSIONS.index("jawOpen")] = [0.0, -0.15, -0.03] * jaw[:, None] * (shape[:, 1:2] < -0.5)
    return identity, expression.astype(np.float32)


def _albedo_basis(shape: np.ndarray, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed + 1)
    wave = np.sin(generator.normal(0, 2.0, (80, 3)) @ shape.T + generator.uniform(0, 2 * np.pi, (80, 1)))
    colour = generator.normal(size=(80, 3)) * np.linspace(8.0, 0.8, 80)[:, None]
    colour[0] = (14.0, 14.0, 14.0)
    wave[0] = 1.0
    return (wave[:, :, None] * colour[:, None, :]).astype(np.float32)


def _landmarks(front: np.ndarray, count: int) -> Landmarks:
    chosen = front[np.linspace(0, len(front) - 1, count).astype(int)]
    return Landmarks(
        vertices=np.repeat(chosen[:, None], 3, axis=1).astype(np.int32),
        weights=np.tile(np.array([1.0, 0.0, 0.0], np.float32), (count, 1)),
        confidence=np.ones(count, np.float32),
    )


def _nearest(vertices: np.ndarray, points: list[tuple[float, float, float]]) -> np.ndarray:
    distance = np.linalg.norm(vertices[None] - np.array(points)[:, None], axis=2)
    return distance.argmin(axis=1).astype(np.int32)
