"""Frames as the network learns from them: the product's own buffers on one side, mixed Cycles pictures on the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.lighting.light import SRGB_POWER, Light, Lobe
from backend.render.buffers import GROUPS, TERMS, Buffers
from backend.render.head_layer import HeadLayer
from backend.render.neural_channels import LightNumbers, prepare
from backend.render.view import Rays
from backend.training.neural_renderer.cycles import linear
from backend.training.neural_renderer.frames import Frame, load_frame
from backend.training.neural_renderer.items import Item
from backend.training.neural_renderer.lights import TOLD, TOLD_SHARES, mixture, random_strengths
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

CROP: Final = 128
INSIDE: Final = [GROUPS.index(name) for name in ("teeth", "mouth")]
EYES: Final = [GROUPS.index(name) for name in ("eyes", "lashes")]
LIPS: Final = [GROUPS.index("lips")]


@dataclass(frozen=True, eq=False)
class Lesson:
    """A frame's light-independent buffers and its pictures.

    fixed: (S, S, 20) float16: albedo 3, normal 3, depth, alpha, parts 7, irradiance of key and rim lamp, how far they
    are seen, openness; pictures: (lights, S, S, 4) float16; rays: the view's.
    """

    item: Item
    fixed: NDArray[np.float16]
    pictures: NDArray[np.float16]
    rays: Rays


class Layers:
    """Head layers of one face model by size."""

    def __init__(self, model: FaceModel) -> None:
        self.model = model
        self._by_size: dict[int, HeadLayer] = {}

    def lesson(self, frame: Frame) -> Lesson:
        """Draw a frame's buffers."""
        item, size = frame.item, frame.pictures.shape[1]
        layer = self._by_size.setdefault(size, HeadLayer(self.model, size))
        key, rim = (Lobe(lamp[:3], float(lamp[3]), _one_hot(i)) for i, lamp in enumerate(item.lamps))
        light = Light(np.zeros((9, 3), np.float32), SRGB_POWER, (key, rim))
        view = item.view(size)
        drawn = layer.draw(item.world(self.model), picture_colours(item.colours(self.model)), view, light)
        assert drawn.terms is not None
        fixed = [drawn.albedo, drawn.normal, drawn.depth, drawn.alpha, drawn.parts, drawn.terms[..., [0, 1, 3, 4, 6]]]
        return Lesson(item, np.dstack(fixed).astype(np.float16), frame.pictures.astype(np.float16), view.rays())


def picture_colours(srgb: Float32Array) -> Float32Array:
    """The albedo (V, 3) 0..255 whose power 2.2 is what Cycles is given for the same sRGB numbers."""
    return np.asarray(linear(srgb / 255) ** SRGB_POWER * 255, np.float32)


def read_lesson(path: Path, layers: Layers) -> Lesson:
    """The lesson of a frame's file, its buffers kept beside it."""
    frame, kept = load_frame(path), path.with_suffix(".buffers.npy")
    if not kept.is_file():
        lesson = layers.lesson(frame)
        with kept.with_suffix(".part").open("wb") as file:
            np.save(file, lesson.fixed)
        kept.with_suffix(".part").replace(kept)
        return lesson
    rays = frame.item.view(frame.pictures.shape[1]).rays()
    return Lesson(frame.item, np.load(kept, allow_pickle=False), frame.pictures.astype(np.float16), rays)


def buffers_of(
    lesson: Lesson, light: Light, strengths: Float32Array, window: tuple[slice, slice], flip: bool
) -> Buffers:
    """The buffers of a piece of a lesson under a mixture that the network may be told less of."""
    fixed = lesson.fixed[window].astype(np.float32)
    x, y, step, down = lesson.rays
    top, left = window[0].start, window[1].start
    x, y = x + step * left, y - down * top
    if flip:
        fixed = np.ascontiguousarray(fixed[:, ::-1])
        fixed[..., 3] *= -1
        x = -(x + step * (fixed.shape[1] - 1))
    terms = np.zeros((*fixed.shape[:2], TERMS), np.float32)
    terms[..., 6] = fixed[..., 19]
    if light.lobes:
        order = np.argsort(-strengths[1:].sum(axis=1), kind="stable")
        terms[..., :3] = fixed[..., 15:17] @ strengths[1:]
        terms[..., 3:5] = fixed[..., 17:19][..., order]
    pictures = fixed[..., :3], fixed[..., :3], fixed[..., 3:6], fixed[..., 6], fixed[..., 7], fixed[..., 8:15]
    return Buffers(*pictures, light, terms, (x, y, step, down))


def target_of(lesson: Lesson, strengths: Float32Array, window: tuple[slice, slice], flip: bool) -> Float32Array:
    """(h, w, 3) what Cycles made of it, on the pictures' scale, premultiplied."""
    pictures = lesson.pictures[(slice(None), *window)].astype(np.float32)
    mixed = np.einsum("lhwc,lc->hwc", pictures[..., :3], strengths)
    alpha = pictures[0, ..., 3:]
    target = alpha * (np.maximum(mixed, 0) / np.maximum(alpha, 1e-3)) ** SRGB_POWER
    return np.ascontiguousarray(target[:, ::-1] if flip else target)


def random_window(lesson: Lesson, rng: np.random.Generator, aimed: float) -> tuple[slice, slice]:
    """A crop; a share of `aimed` lies on the lips, in the mouth or on the eyes, as often on each, if there are any."""
    size = lesson.fixed.shape[0]
    top, left = rng.integers(0, size - CROP + 1, 2)
    if rng.random() < aimed:
        parts = (LIPS, INSIDE, EYES)[rng.integers(3)]
        rows, columns = np.nonzero(lesson.fixed[..., 8:15][..., parts].sum(axis=-1) > 0.5)
        if len(rows):
            at = rng.integers(len(rows))
            around = np.array([rows[at], columns[at]]) - CROP // 2 + rng.integers(-32, 33, 2)
            top, left = np.clip(around, 0, size - CROP)
    return slice(int(top), int(top) + CROP), slice(int(left), int(left) + CROP)


@dataclass(frozen=True, eq=False)
class Example:
    """What a network sees and what it should say: channels (34, h, w), globals (42,), target (3, h, w)."""

    channels: Float32Array
    globals: Float32Array
    target: Float32Array


def example(lesson: Lesson, rng: np.random.Generator, aimed: float) -> Example:
    """A random piece of a lesson in a random light; aimed: see `random_window`."""
    flip, strengths = bool(rng.random() < 0.5), random_strengths(rng)
    told = str(rng.choice(TOLD, p=TOLD_SHARES))
    return fixed_example(lesson, strengths, told, random_window(lesson, rng, aimed), flip)


def fixed_example(
    lesson: Lesson, strengths: Float32Array, told: str, window: tuple[slice, slice], flip: bool = False
) -> Example:
    """The piece of a lesson in one light."""
    light = mixture(lesson.item, strengths, told, flip).light
    numbers = LightNumbers(light)
    prepared = prepare(buffers_of(lesson, light, strengths, window, flip), numbers)
    target = target_of(lesson, strengths, window, flip) / prepared.scale
    return Example(prepared.channels, prepared.globals, np.ascontiguousarray(target.transpose(2, 0, 1)))


def _one_hot(index: int) -> Float32Array:
    return np.eye(3, dtype=np.float32)[index]
