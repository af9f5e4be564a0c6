"""A made-up person whose skin folds as the face moves, filmed: what a subject's learning can be held against.

The head is a random open head under the preview's studio lights (one key light with shadows, gloss, a rim), which no
learner models. Its folds are painted from distances on the mean head; how deep each is follows its units by a smooth
threshold, which is no linear function of them either.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.media import write_video
from backend.preview.frames import HeadRenderer
from backend.texture.unwrap import albedo_texture, uv_raster
from models.coefficients import ANGLES, EXPRESSION, FPS, TRANSLATION, Float32Array, assemble
from models.face.model import FaceModel

UInt8Array = NDArray[np.uint8]

TEXTURE_SIZE: Final = 512
VARIETY: Final = 0.6  # deviation of identity and albedo
WIDTH: Final = 0.02  # decimetres, deviation of a groove's profile
RIM: Final = 0.45  # how much of the groove's depth its lit rim has
DEPTH: Final = 0.34  # share of the skin's colour that a full groove takes
THRESHOLD: Final = (0.08, 0.6)  # of its units' mean, between which a fold grows from nothing to its full depth
NOISE: Final = 1.5  # sRGB steps, of the camera
EXPOSURE: Final = 0.04  # how far the camera's exposure wanders

# Which units each fold follows, by the weighted sum that the threshold is put to.
FOLDS: Final[dict[str, dict[str, float]]] = {
    "forehead": {"browInnerUp": 0.6, "browOuterUpLeft": 0.3, "browOuterUpRight": 0.3},
    "frown": {"browDownLeft": 0.5, "browDownRight": 0.5},
    "crow_left": {"eyeSquintLeft": 0.6, "cheekSquintLeft": 0.5, "mouthSmileLeft": 0.3},
    "crow_right": {"eyeSquintRight": 0.6, "cheekSquintRight": 0.5, "mouthSmileRight": 0.3},
    "cheek_left": {"mouthSmileLeft": 0.9, "noseSneerLeft": 0.4},
    "cheek_right": {"mouthSmileRight": 0.9, "noseSneerRight": 0.4},
    "chin": {"mouthShrugLower": 0.7, "mouthFrownLeft": 0.3, "mouthFrownRight": 0.3},
    "pale_lips": {"mouthPressLeft": 0.5, "mouthPressRight": 0.5, "mouthRollLower": 0.3},
    "flush": {"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4, "jawOpen": 0.3},
}
# What the person does. Each line is one curve: the units that its upper half moves, those that its lower half moves
# (nobody smiles and pouts, or raises and lowers the brows, at once), and how many seconds a turn takes.
_GESTURES: Final[tuple[tuple[dict[str, float], dict[str, float], float], ...]] = (
    (
        {"browInnerUp": 0.8, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7},
        {"browDownLeft": 0.7, "browDownRight": 0.7},
        1.25,
    ),
    (
        {
            **{"mouthSmileLeft": 0.75, "mouthSmileRight": 0.75, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5},
            **{"eyeSquintLeft": 0.4, "eyeSquintRight": 0.4},
        },
        {"mouthShrugLower": 0.6, "mouthFrownLeft": 0.5, "mouthFrownRight": 0.5},
        1.45,
    ),
    ({"jawOpen": 0.5}, {"mouthPressLeft": 0.7, "mouthPressRight": 0.7, "mouthRollLower": 0.3}, 0.6),
    ({"mouthPucker": 0.35, "mouthFunnel": 0.25}, {}, 0.95),
)
_BLINK: Final = (2.4, 0.09)  # seconds between blinks, and the deviation of one


@dataclass(frozen=True, eq=False)
class WrinkledPerson:
    """One person: identity (80,), skin (S, S, 3) float32 sRGB at rest, and `folds` (9, S, S, 3), the share of the
    skin's colour that each takes (or, where negative, adds) when it is at its deepest.
    """

    face_model: FaceModel
    identity: Float32Array
    skin: Float32Array
    folds: Float32Array

    def depths(self, expression: Float32Array) -> Float32Array:
        """How deep (..., 9) each fold is, 0..1, for expressions (..., 64)."""
        names = self.face_model.expression_names
        mix = np.zeros((64, len(FOLDS)), np.float32)
        for column, units in enumerate(FOLDS.values()):
            for unit, share in units.items():
                mix[names.index(unit), column] = share
        low, high = THRESHOLD
        x = np.clip((expression @ mix - low) / (high - low), 0, 1)
        return np.asarray(x * x * (3 - 2 * x), dtype=np.float32)

    def texture(self, expression: Float32Array) -> UInt8Array:
        """(S, S, 3) sRGB at an expression (64,)."""
        taken = np.tensordot(self.depths(expression), self.folds, axes=1)
        return np.asarray(np.clip(np.rint(self.skin * (1 - taken)), 0, 255), dtype=np.uint8)


def wrinkled_person(face_model: FaceModel, seed: int = 0, size: int = TEXTURE_SIZE) -> WrinkledPerson:
    """A random person of `face_model`, which must have the open head's parts and units."""
    generator = np.random.default_rng(seed)
    identity, albedo = (VARIETY * generator.normal(size=(2, 80))).astype(np.float32)
    skin = albedo_texture(face_model, albedo, size).astype(np.float32)
    raster = uv_raster(face_model, size)
    place = raster.interpolate(face_model.mean_shape, face_model.triangles)
    front = raster.covered & (_part_image(face_model, raster.triangle_ids, "skin")) & (place[..., 2] > -0.2)
    skin *= 1 + (0.05 * _grain(generator, size))[..., None]
    return WrinkledPerson(face_model, identity, skin, _folds(face_model, raster.triangle_ids, place, front))


def performance(face_model: FaceModel, seconds: float, seed: int = 0) -> Float32Array:
    """Coefficients (T, 257), 25 a second, of somebody who talks, smiles, frowns and moves the head."""
    generator = np.random.default_rng(seed)
    frames = round(seconds * FPS)
    time = np.arange(frames) / FPS
    expression = np.zeros((frames, 64), np.float32)
    for upper, lower, period in _GESTURES:
        phase, drift = generator.uniform(0, 2 * np.pi, 2)
        wave = np.sin(2 * np.pi * time / period + phase + 0.5 * np.sin(2 * np.pi * time / (2.7 * period) + drift))
        for units, half in ((upper, wave), (lower, -wave)):
            for unit, strongest in units.items():
                curve = strongest * generator.uniform(0.85, 1.0) * np.clip(1.2 * half - 0.1, 0, 1)
                expression[:, face_model.expression_names.index(unit)] = curve
    every, width = _BLINK
    away = (time + generator.uniform(0, every)) % every - every / 2
    for unit in ("eyeBlinkLeft", "eyeBlinkRight"):
        expression[:, face_model.expression_names.index(unit)] = np.exp(-0.5 * (away / width) ** 4)
    sway = [
        size * np.sin(2 * np.pi * time / period + generator.uniform(0, 2 * np.pi))
        for size, period in ((0.05, 1.9), (0.1, 2.7), (0.03, 3.1), (0.03, 2.3), (0.02, 1.7), (0.05, 3.7))
    ]
    moves = np.stack(sway, axis=1).astype(np.float32)
    still = np.zeros(80, np.float32)
    return assemble(still, expression, still, moves[:, :3], np.zeros(27, np.float32), moves[:, 3:])


def film(
    person: WrinkledPerson,
    coefficients: Float32Array,
    path: Path,
    *,
    size: int = 384,
    seed: int = 0,
    folds: bool = True,
) -> None:
    """Write what a camera of `size` x `size` pixels sees of the person as H.264, with grain and wandering exposure."""
    write_video(path, filmed(person, coefficients, size=size, seed=seed, folds=folds), FPS)


def filmed(
    person: WrinkledPerson, coefficients: Float32Array, *, size: int = 384, seed: int = 0, folds: bool = True
) -> Iterator[UInt8Array]:
    """The camera's frames (size, size, 3); `folds` False leaves the skin as it is at rest."""
    generator = np.random.default_rng(seed)
    resting = person.texture(np.zeros(64, np.float32))
    renderer = HeadRenderer(person.face_model, person.identity, resting, size)
    period = generator.uniform(40, 70)
    for index, row in enumerate(coefficients):
        if folds:
            renderer.wear(person.texture(row[EXPRESSION]))
        seen = renderer.frame(row[EXPRESSION], row[ANGLES], row[TRANSLATION]).astype(np.float32)
        seen *= 1 + EXPOSURE * np.sin(2 * np.pi * index / period)
        seen += generator.normal(0, NOISE, seen.shape)
        yield np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def _part_image(face_model: FaceModel, triangle_ids: NDArray[np.int32], name: str) -> NDArray[np.bool_]:
    return np.asarray(
        (triangle_ids >= 0) & (face_model.triangle_part[triangle_ids] == face_model.part_names.index(name))
    )


def _grain(generator: np.random.Generator, size: int) -> Float32Array:
    """Pores and freckles: noise of two sizes, deviation about 1."""
    fine, coarse = (cv2.GaussianBlur(generator.normal(size=(size, size)), (0, 0), s) * 3 * s for s in (0.8, 3.0))
    return np.asarray(0.6 * fine + 0.5 * coarse, dtype=np.float32)


def _folds(
    face_model: FaceModel, triangle_ids: NDArray[np.int32], place: Float32Array, front: NDArray[np.bool_]
) -> Float32Array:
    """(9, S, S, 3), in the order of `FOLDS`."""
    marks = face_model.landmarks68.of(face_model.mean_shape)[:, :2]
    lips = _part_image(face_model, triangle_ids, "lips")
    shades = np.zeros((len(FOLDS), *front.shape, 3), np.float32)
    for index, name in enumerate(FOLDS):
        if name == "pale_lips":
            shades[index][lips] = (0.1, -0.12, -0.12)
        elif name == "flush":
            cheeks = sum(_spot(place, (marks[a] + marks[b]) / 2, 0.22) for a, b in ((1, 39), (15, 42)))
            shades[index] = (cheeks * front)[..., None] * np.array([-0.02, 0.14, 0.12])
        else:
            shades[index] = (DEPTH * _grooves(place, _lines(name, marks)) * front)[..., None] * [0.85, 1.0, 1.05]
    return shades


def _spot(place: Float32Array, centre: Float32Array, radius: float) -> Float32Array:
    return np.asarray(np.exp(-0.5 * ((place[..., :2] - centre) ** 2).sum(axis=-1) / radius**2), dtype=np.float32)


def _lines(name: str, marks: Float32Array) -> list[Float32Array]:
    """Polylines (n, 2) on the mean head, seen from the front, in decimetres."""
    left = name.endswith("left")
    if name == "forehead":
        brow = marks[17:27].mean(axis=0)
        x = np.linspace(-0.42, 0.42, 25)
        return [np.stack([x, brow[1] + up + 0.03 * np.cos(6 * x + up)], axis=1) for up in (0.2, 0.31, 0.42)]
    if name == "frown":
        top = (marks[21] + marks[22]) / 2
        return [top + np.array([[side, -0.06], [0.8 * side, 0.16]]) for side in (-0.06, 0.06)]
    if name.startswith("crow"):
        corner, out = (marks[45], 1.0) if left else (marks[36], -1.0)
        return [corner + np.array([[0.1 * out, 0.08 * s], [0.34 * out, 0.3 * s]]) for s in (-0.6, 0.0, 0.6)]
    if name.startswith("cheek"):
        wing, corner, out = (marks[35], marks[54], 1.0) if left else (marks[31], marks[48], -1.0)
        bend = (wing + corner) / 2 + [0.13 * out, 0.02]
        across, up = np.array([out, 0.0]), np.array([0.0, 1.0])
        below = corner + 0.14 * across
        return [np.stack([wing + 0.07 * across + 0.04 * up, bend, below - 0.02 * up, below - 0.16 * up])]
    chin = (marks[8] + marks[57]) / 2
    return [chin + np.array([[-0.16, y], [0.0, y + 0.03], [0.16, y]]) for y in (0.09, -0.02)]


def _grooves(place: Float32Array, lines: list[Float32Array]) -> Float32Array:
    """(S, S) 1 in the middle of a groove, negative along its lower rim, which catches the light."""
    total = np.zeros(place.shape[:2], np.float32)
    for line in lines:
        dark, lit = (_near(place[..., :2] + [0.0, up], line) for up in (0.0, 2.2 * WIDTH))
        total += dark - RIM * lit
    return np.clip(total, -RIM, 1)


def _near(points: Float32Array, line: Float32Array) -> Float32Array:
    """(S, S) a Gaussian of the distance of `points` (S, S, 2) from a polyline."""
    least = np.full(points.shape[:2], np.inf)
    for start, end in itertools.pairwise(line):
        along = end - start
        share = np.clip((points - start) @ along / (along @ along), 0, 1)
        least = np.minimum(least, ((points - start - share[..., None] * along) ** 2).sum(axis=-1))
    return np.asarray(np.exp(-0.5 * least / WIDTH**2), dtype=np.float32)
