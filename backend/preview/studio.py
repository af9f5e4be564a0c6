"""The preview's studio: lights, background, what each part of the head is made of, and baked occlusion."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.preview.kernels import Light
from backend.raster.rasterizer import Rasterizer
from models.face.model import FaceModel
from models.face.shading import VertexNormals, unit

Float32Array = NDArray[np.float32]

KEY: Final = (-0.55, 0.55, 0.75)  # towards the light: left of the picture, above, in front
FILL: Final = (0.8, 0.1, 0.6)
RIM: Final = (0.75, 0.45, -0.6)

# Sharpness of the highlight, its strength, and how far light creeps under the surface.
SKIN_LOOK: Final = (14.0, 0.75, 1.0)
LOOKS: Final = {
    "skin": SKIN_LOOK,
    "lips": (40.0, 1.0, 0.8),
    "mouth_inner": (40.0, 0.6, 0.3),
    "gums": (50.0, 1.0, 0.5),
    "teeth_upper": (60.0, 1.5, 0.4),
    "teeth_lower": (60.0, 1.5, 0.4),
    "tongue": (40.0, 0.8, 0.6),
    "eye_left": (400.0, 6.0, 0.1),
    "eye_right": (400.0, 6.0, 0.1),
    "lashes": (20.0, 0.1, 0.0),
    "brows": (20.0, 0.1, 0.0),
}
INSIDE: Final = ("mouth_inner", "gums", "teeth_upper", "teeth_lower", "tongue")
DIMMED: Final = {  # floor and gain of the light that reaches parts which the coarse bake judges badly
    "teeth_upper": (0.7, 0.3),
    "teeth_lower": (0.5, 0.4),
    "tongue": (0.15, 0.7),
    "gums": (0.15, 0.6),
    "eye_left": (0.0, 0.8),
    "eye_right": (0.0, 0.8),
}
HAIR: Final = ("lashes", "brows")

_BAKE_SIZE: Final = 256
_SKY_DIRECTIONS: Final = 72
_KEY_DIRECTIONS: Final = 14
_KEY_SPREAD: Final = 0.16  # radians: a soft box
_LIFT: Final = 0.02  # decimetres off the surface, so that a vertex does not shadow itself


def studio_light() -> Any:
    """The lights as the kernel takes them."""
    light = Light()
    light.key_direction = wp.vec3(*unit(np.array(KEY)))
    light.key = wp.vec3(1.0, 0.96, 0.91)
    light.fill_direction = wp.vec3(*unit(np.array(FILL)))
    light.fill = wp.vec3(0.20, 0.22, 0.26)
    light.rim_direction = wp.vec3(*unit(np.array(RIM)))
    light.rim = wp.vec3(0.9, 0.95, 1.05)
    light.sky = wp.vec3(0.34, 0.35, 0.37)
    light.ground = wp.vec3(0.17, 0.15, 0.14)
    return light


def backdrop(size: int) -> Float32Array:
    """A grey-blue paper backdrop with a soft glow behind the head, linear (size, size, 3)."""
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size - 0.5
    glow = np.exp(-((x / 0.42) ** 2 + ((y + 0.02) / 0.5) ** 2))[..., None]
    dark, bright = np.array([0.035, 0.042, 0.055]), np.array([0.21, 0.235, 0.27])
    return (dark + (bright - dark) * glow).astype(np.float32)


def part_looks(face_model: FaceModel) -> Float32Array:
    """(parts, 3): sharpness, gloss and translucency of each part."""
    return np.array([LOOKS.get(name, SKIN_LOOK) for name in face_model.part_names], dtype=np.float32)


def light_reach(face_model: FaceModel, identity: Float32Array) -> Float32Array:
    """(V, 3): how much ambient light and how much key light reach each vertex, and how solid it is (0 at the cut neck).

    Baked once per head by looking at it from many sides; inner parts with the mouth open, the rest at rest.
    """
    rest = _reach(face_model, face_model.shape(identity))
    # A parted mouth lights what is in it, closed lids unfold: bake both at once, and give skin the brighter of the two.
    opened = _reach(face_model, face_model.shape(identity, _open_and_shut(face_model)))
    inside = _vertices(face_model, INSIDE)
    eyes = _vertices(face_model, ("eye_left", "eye_right"))
    brighter = np.maximum(rest, opened)
    brighter[inside], brighter[eyes] = opened[inside], rest[eyes]
    rest = brighter
    for name, (floor, gain) in DIMMED.items():
        if name in face_model.part_names:
            vertices = _vertices(face_model, (name,))
            rest[vertices] = floor + gain * rest[vertices]
    height = face_model.mean_shape[:, 1]
    solid = np.clip((height - height.min()) / (0.16 * np.ptp(height)), 0, 1)
    return np.column_stack([rest, solid * solid * (3 - 2 * solid)]).astype(np.float32)


def _open_and_shut(face_model: FaceModel) -> Float32Array:
    """Expression (64,): jaw open, eyes shut; all zero for a model without such units."""
    expression = np.zeros(64, np.float32)
    for name, value in (("jawOpen", 0.45), ("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0)):
        if name in face_model.expression_names:
            expression[face_model.expression_names.index(name)] = value
    return expression


def _vertices(face_model: FaceModel, parts: tuple[str, ...]) -> NDArray[np.intp]:
    chosen = [i for i, name in enumerate(face_model.part_names) if name in parts]
    return np.unique(face_model.triangles[np.isin(face_model.triangle_part, chosen)]).astype(np.intp)


def _reach(face_model: FaceModel, shape: Float32Array) -> Float32Array:
    """(V, 2) ambient and key light that arrives at each vertex of `shape`, 0..1."""
    hair = [i for i, name in enumerate(face_model.part_names) if name in HAIR]
    solid = face_model.triangles[~np.isin(face_model.triangle_part, hair)]
    drawer = Rasterizer(solid, _BAKE_SIZE, threads=1)
    normals = VertexNormals(face_model.triangles, face_model.vertex_count)(shape)
    sky = _sphere_directions(_SKY_DIRECTIONS)
    key = _cone_directions(unit(np.array(KEY)), _KEY_DIRECTIONS, _KEY_SPREAD)
    seen = np.stack([_visible_from(drawer, shape, normals, d) for d in np.concatenate([sky, key])])
    cosine = np.maximum(sky @ normals.T, 0.0) + 1e-6
    ambient = (seen[: len(sky)] * cosine).sum(axis=0) / cosine.sum(axis=0)
    return np.column_stack([ambient, seen[len(sky) :].mean(axis=0)]).astype(np.float32)


def _visible_from(
    drawer: Rasterizer, shape: Float32Array, normals: Float32Array, direction: Float32Array
) -> NDArray[np.bool_]:
    """(V,) which vertices a far light in `direction` reaches."""
    side = unit(np.cross([0.0, 1.0, 0.05], direction))
    axes = np.stack([side, np.cross(direction, side), -direction]).T
    radius = 1.05 * float(np.linalg.norm(shape, axis=1).max())

    def clip(points: Float32Array) -> Float32Array:
        return np.column_stack([points @ axes / radius, np.ones(len(points))]).astype(np.float32)

    drawer.draw(clip(shape))
    lifted = clip(shape + _LIFT * normals)
    column = ((lifted[:, 0] + 1) / 2 * _BAKE_SIZE).astype(int).clip(0, _BAKE_SIZE - 1)
    row = ((1 - lifted[:, 1]) / 2 * _BAKE_SIZE).astype(int).clip(0, _BAKE_SIZE - 1)
    visible: NDArray[np.bool_] = lifted[:, 2] <= drawer.depth.numpy()[row, column] + 0.5 * _LIFT / radius
    return visible


def _sphere_directions(count: int) -> Float32Array:
    """Evenly spread unit vectors (Fibonacci's spiral)."""
    i = np.arange(count) + 0.5
    y, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(turn), y, ring * np.sin(turn)], axis=1).astype(np.float32)


def _cone_directions(centre: Float32Array, count: int, spread: float) -> Float32Array:
    side = unit(np.cross(centre, [0.0, 1.0, 0.0]))
    up = np.cross(side, centre)
    i = np.arange(count) + 0.5
    radius, turn = spread * np.sqrt(i / count), np.pi * (1 + 5**0.5) * i
    return unit(centre + radius[:, None] * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up))
