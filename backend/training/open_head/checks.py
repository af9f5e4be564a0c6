"""What must hold of the built head; every check measures, and `failures` says which limits are broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backend.raster.rasterizer import Rasterizer
from models.face.model import FaceModel, Float32Array

PIXEL = 0.004  # decimetres
MOUTH_BOX = (0.0, -0.37, 0.76, 0.60)  # middle x, middle y, width, height in decimetres
EYES_BOX = (0.0, 0.31, 1.10, 0.50)
FACE_BOX = (0.0, -0.10, 1.80, 1.70)
INSIDE = ("mouth_inner", "gums", "teeth_upper", "teeth_lower", "tongue")
PRESSED = {"jawOpen": 0.3, "mouthClose": 0.3, "lipPress": 0.4}
BLINK = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
LOOKS = {
    "down": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "up": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "left": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "browDown": {"browDownLeft": 1.0, "browDownRight": 1.0},
}


@dataclass(frozen=True)
class Limit:
    """A measured value and the most it may be."""

    name: str
    value: float
    most: float
    unit: str


class Window:
    """Looks at a part of the head without perspective and measures what is seen of each part."""

    def __init__(self, model: FaceModel, box: tuple[float, float, float, float], pixel: float = PIXEL) -> None:
        """box: middle x, middle y, width and height in decimetres."""
        self._model, self._box, self._pixel = model, box, pixel
        size = (round(box[3] / pixel), round(box[2] / pixel))
        self._rasterizer = Rasterizer(model.triangles, size, threads=1)

    def areas(self, shape: Float32Array, turn: float = 0.0) -> dict[str, float]:
        """Visible area of each part in mm², seen from the front or turned by `turn` degrees about y."""
        x, y, width, height = self._box
        angle = np.radians(turn)
        across = shape[:, 0] * np.cos(angle) - shape[:, 2] * np.sin(angle)
        towards = shape[:, 0] * np.sin(angle) + shape[:, 2] * np.cos(angle)
        clip = np.stack(
            [(across - x) * 2 / width, (shape[:, 1] - y) * 2 / height, -towards / 4, np.ones(len(shape))], axis=1
        )
        raster = self._rasterizer(clip.astype(np.float32))
        seen = self._model.triangle_part[raster.triangle_ids[raster.triangle_ids >= 0]]
        counts = np.bincount(seen, minlength=len(self._model.part_names))
        area = (self._pixel * 100) ** 2
        return {name: float(n) * area for name, n in zip(self._model.part_names, counts, strict=True)}


def coefficients(model: FaceModel, values: Mapping[str, float]) -> Float32Array:
    """Expression coefficients (64,) from values by name."""
    result = np.zeros(64, dtype=np.float32)
    for name, value in values.items():
        result[model.expression_names.index(name)] = value
    return result


def people(count: int, seed: int = 0) -> Float32Array:
    """Identity coefficients (count, 80) of random people, standard normal."""
    return np.random.default_rng(seed).normal(size=(count, 80)).astype(np.float32)


def not_finite(model: FaceModel) -> int:
    """How many numbers of the model are NaN or infinite."""
    arrays = (model.mean_shape, model.identity_basis, model.expression_basis, model.mean_albedo, model.albedo_basis)
    return sum(int((~np.isfinite(array)).sum()) for array in arrays)


def asymmetry(model: FaceModel) -> float:
    """Largest distance in mm between the mean or a central expression and its mirror image, or a pair's halves."""
    mirror, flip = model.regions["mirror"], np.array([-1, 1, 1], dtype=np.float32)
    worst = np.abs(model.mean_shape[mirror] * flip - model.mean_shape).max()
    for number, name in enumerate(model.expression_names):
        other = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        partner = model.expression_basis[model.expression_names.index(other)]
        worst = max(worst, np.abs(model.expression_basis[number][mirror] * flip - partner).max())
    return float(worst) * 100


def mouth_showing(
    model: FaceModel, window: Window, identity: Float32Array | None, values: Mapping[str, float]
) -> float:
    """mm² of teeth, gums, tongue and mouth lining seen from the front."""
    areas = window.areas(model.shape(identity, coefficients(model, values)))
    return sum(areas[name] for name in INSIDE)


def eyes_showing(model: FaceModel, window: Window, identity: Float32Array | None, values: Mapping[str, float]) -> float:
    """mm² of both eyeballs seen from the front."""
    areas = window.areas(model.shape(identity, coefficients(model, values)))
    return areas["eye_left"] + areas["eye_right"]


def outside_skin(
    model: FaceModel, window: Window, identity: Float32Array, turns: tuple[float, ...] = (0, 50, -50)
) -> float:
    """Most mm² of gums or teeth seen with closed lips from any of the sides: what pokes through the skin."""
    shape = model.shape(identity, coefficients(model, PRESSED))
    return max(sum(areas[n] for n in INSIDE[1:4]) for areas in (window.areas(shape, turn) for turn in turns))


def lip_opening(model: FaceModel, values: Mapping[str, float], identity: Float32Array | None = None) -> float:
    """Largest vertical opening between the lip rims in mm; negative where they overlap everywhere."""
    shape = model.shape(identity, coefficients(model, values))
    upper, lower = model.regions["lip_rim_upper"], model.regions["lip_rim_lower"]
    return float((shape[upper, 1] - shape[lower, 1]).max()) * 100


def lip_teeth_gap(model: FaceModel, values: Mapping[str, float], identity: Float32Array | None = None) -> float:
    """Distance in mm between the lower lip's edge and the upper incisors' edge, over the four front teeth's width."""
    shape = model.shape(identity, coefficients(model, values))
    lip, teeth = shape[model.regions["lower_lip_edge"]], shape[model.regions["upper_teeth_edge"]]
    front = lip[np.abs(lip[:, 0]) < 0.1]
    gaps = np.linalg.norm(front[:, None] - teeth[None], axis=2).min(axis=1)
    return float(gaps.min()) * 100


def measured(model: FaceModel, persons: int = 200) -> list[Limit]:
    """All checks with their limits."""
    mouth, eyes = Window(model, MOUTH_BOX), Window(model, EYES_BOX)
    crowd = people(persons)
    limits = [
        Limit("numbers that are not finite", not_finite(model), 0, ""),
        Limit("asymmetry", asymmetry(model), 1e-3, "mm"),
        Limit("mouth seen, neutral", mouth_showing(model, mouth, None, {}), 0, "mm²"),
    ]
    for weight in (0.1, 0.35, 1.0):
        values = {"jawOpen": weight, "mouthClose": weight}
        limits.append(
            Limit(f"mouth seen, jawOpen = mouthClose = {weight}", mouth_showing(model, mouth, None, values), 0, "mm²")
        )
    limits.append(Limit("mouth seen, /p/", mouth_showing(model, mouth, None, PRESSED), 0, "mm²"))
    limits.append(Limit("eyes seen, blink", eyes_showing(model, eyes, None, BLINK), 0, "mm²"))
    for name, look in LOOKS.items():
        limits.append(Limit(f"eyes seen, blink + {name}", eyes_showing(model, eyes, None, {**BLINK, **look}), 0, "mm²"))
    limits.append(Limit("lip to teeth, lipBiteLower", lip_teeth_gap(model, {"lipBiteLower": 1}), 1.0, "mm"))
    limits.append(
        Limit(
            "lip to teeth, lipBiteLower + jawOpen .05",
            lip_teeth_gap(model, {"lipBiteLower": 1, "jawOpen": 0.05}),
            1.0,
            "mm",
        )
    )
    some = crowd[:25]
    pressed = [mouth_showing(model, mouth, person, PRESSED) for person in some]
    blinking = [eyes_showing(model, eyes, person, BLINK) for person in some]
    limits.append(Limit("mouth seen, /p/, worst of 25 people", max(pressed), 2.5, "mm²"))
    limits.append(Limit("eyes seen, blink, worst of 25 people", max(blinking), 0, "mm²"))
    face = Window(model, FACE_BOX, 0.01)
    poking = [outside_skin(model, face, person) for person in crowd]
    limits.append(Limit(f"gums or teeth outside the skin, worst of {persons} people", max(poking), 0, "mm²"))
    return limits


def failures(limits: list[Limit]) -> list[Limit]:
    """The limits that are broken."""
    return [limit for limit in limits if not limit.value <= limit.most]
