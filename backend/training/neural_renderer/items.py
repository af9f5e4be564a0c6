"""Random heads to render: who, with which face, where the camera is and what light falls, all from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.render.view import View
from models.face.camera import PAPER_SIZE, place
from models.face.model import FaceModel
from models.face.shading import unit

Float32Array = NDArray[np.float32]

KINDS: Final = ("head", "face", "mouth", "eyes")
SHARES: Final = (0.26, 0.36, 0.2, 0.18)
SIDES: Final = {"head": (205, 232), "face": (120, 165), "mouth": (48, 80), "eyes": (48, 80)}  # of the 224 square
OPENED: Final = {"head": 0.4, "face": 0.6, "mouth": 0.75, "eyes": 0.2}  # of the heads open their jaw on top of all else
FEATURE: Final = {"head": slice(0, 68), "face": slice(17, 68), "mouth": slice(48, 68), "eyes": slice(36, 48)}
SIDED: Final = ("Left", "Right")
RANGES: Final = {  # how far single units go; the rest goes to 0.8
    "mouthClose": 0.0,
    "tongueOut": 0.7,
    "eyeBlinkLeft": 1.0,
    "eyeBlinkRight": 1.0,
    "lipBiteLower": 0.8,
    "cheekPuff": 0.6,
}


@dataclass(frozen=True, eq=False)
class Item:
    """One frame to render.

    identity, albedo: (80,); expression: (64,); angles: (3,) radians; translation: (3,); window: left, top and side of
    the square that is shown of the coefficients' 224 square; speckle: per-vertex factors (V,) on the albedo; sky: the
    direction (3,) towards which the ambient light grows and by how much of its mean it does; lamps: (2, 4) directions
    towards key and rim light and their half angles in degrees.
    """

    identity: Float32Array
    albedo: Float32Array
    expression: Float32Array
    angles: Float32Array
    translation: Float32Array
    window: Float32Array
    speckle: Float32Array
    sky: Float32Array
    lamps: Float32Array

    def world(self, model: FaceModel) -> Float32Array:
        """(V, 3) the head where it is."""
        return np.asarray(place(model.shape(self.identity, self.expression), self.angles, self.translation), np.float32)

    def colours(self, model: FaceModel) -> Float32Array:
        """(V, 3) sRGB 0..255."""
        return np.clip(model.albedo(self.albedo) * self.speckle[:, None], 0, 255).astype(np.float32)

    def view(self, size: int) -> View:
        """The camera, for pictures of `size` pixels a side."""
        left, top, side = (float(value) for value in self.window)
        return View(Crop(0.0, 0.0, float(PAPER_SIZE)), Crop(left, top, side), size)


def random_item(model: FaceModel, spoken: Float32Array, seed: tuple[int, ...], kind: str | None = None) -> Item:
    """The item of a seed; `spoken`: (n, 64) expressions of speech, from which some are taken; kind: of `KINDS`."""
    rng = np.random.default_rng(seed)
    kind = kind or str(rng.choice(KINDS, p=SHARES))
    identity = np.clip(rng.normal(0, 1.0, 80), -2.2, 2.2).astype(np.float32)
    albedo = np.clip(rng.normal(0, 1.0, 80), -2.2, 2.2).astype(np.float32)
    albedo[0] = rng.uniform(-2.0, 2.2)  # the skin's pigment: as many dark as light people
    expression = _expression(model, spoken, rng, kind)
    turn = 0.6 if kind in ("mouth", "eyes") else 1.0
    angles = (rng.uniform(-1, 1, 3) * np.radians([20, 38, 14]) * turn).astype(np.float32)
    translation = rng.normal(0, [0.03, 0.03, 0.15]).astype(np.float32)
    item = Item(
        identity,
        albedo,
        expression,
        angles,
        translation,
        np.array([0, 0, PAPER_SIZE], np.float32),
        _speckle(model, rng),
        _sky(rng),
        np.stack([_lamp(rng, facing=0.25), _lamp(rng, facing=-1.0)]),
    )
    points = item.view(PAPER_SIZE).points(model.landmarks68.of(item.world(model)))[FEATURE[kind]]
    side = rng.uniform(*SIDES[kind])
    centre = points.mean(axis=0) + rng.uniform(-0.1, 0.1, 2) * side
    if kind == "head":
        centre[1] -= 0.12 * side  # the points end at the brows
    window = np.array([*(centre - side / 2), side], np.float32)
    object.__setattr__(item, "window", window)
    return item


def _expression(model: FaceModel, spoken: Float32Array, rng: np.random.Generator, kind: str) -> Float32Array:
    """Speech, single units, or both; lids and eyes of their own."""
    names = model.expression_names
    chance = rng.random()
    value = np.zeros(64, np.float32)
    if chance < 0.6:
        value += spoken[rng.integers(len(spoken))] * rng.uniform(0.7, 1.3)
    if chance > 0.45:
        for index in rng.choice(64, rng.integers(2, 7), replace=False):
            name = names[index]
            amount = rng.uniform(0, RANGES.get(name, 0.8))
            value[index] += amount
            if name.endswith("Left"):
                value[names.index(name[:-4] + "Right")] += amount * rng.uniform(0.6, 1.0)
    if rng.random() < OPENED[kind]:
        value[names.index("jawOpen")] += rng.uniform(0, 0.8)
    if rng.random() < 0.35:
        blink = rng.uniform(0, 1)
        for side in SIDED:
            value[names.index("eyeBlink" + side)] = blink
    x, y = np.clip(rng.normal(0, 0.4, 2), -0.9, 0.9)
    turned = {"eyeLookOutLeft": x, "eyeLookInRight": x, "eyeLookInLeft": -x, "eyeLookOutRight": -x}
    turned |= {"eyeLookUp" + side: y for side in SIDED} | {"eyeLookDown" + side: -y for side in SIDED}
    for name, amount in turned.items():
        value[names.index(name)] = max(0.0, amount)
    value[names.index("mouthClose")] = min(value[names.index("mouthClose")], value[names.index("jawOpen")])
    return np.clip(value, 0, 1).astype(np.float32)


def _speckle(model: FaceModel, rng: np.random.Generator) -> Float32Array:
    """(V,) factors: half of the heads have skin that the albedo basis lacks: freckles, blotches, make-up."""
    count = model.vertex_count
    factors = np.ones(count)
    if rng.random() < 0.5:
        factors += rng.normal(0, rng.uniform(0.0, 0.12), count)
        waves = rng.normal(0, rng.uniform(3, 25), (6, 3))
        phase = model.mean_shape @ waves.T + rng.uniform(0, 2 * np.pi, 6)
        factors += rng.uniform(0, 0.12) * np.sin(phase).mean(axis=1) * np.sqrt(6)
    return np.asarray(np.clip(factors, 0.5, 1.4), np.float32)


def _sky(rng: np.random.Generator) -> Float32Array:
    """(4,) a direction, mostly upward, and the ambient light's growth towards it, 0..1 of its mean."""
    direction = unit(rng.normal(0, 1, 3) + np.array([0, 1.2, 0.3]))
    return np.append(direction, rng.uniform(0.0, 0.95)).astype(np.float32)


def _lamp(rng: np.random.Generator, facing: float) -> Float32Array:
    """(4,) a direction (3,) whose z is at least `facing`, and a half angle in degrees."""
    while True:
        direction = unit(rng.normal(0, 1, 3) + np.array([0, 0.35, 0]))
        if direction[2] >= facing and direction[1] > -0.6:
            return np.append(direction, rng.uniform(5, 35)).astype(np.float32)
