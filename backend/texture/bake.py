"""A texture for every frame of a performance: what a renderer makes of the skin, projected back onto the UV square.

A renderer is shown the head from three sides under even light, where a matt surface would show its albedo as it is.
What it draws differs from that by the renderer's own knowledge of skin: shade in folds, light that seeps. That ratio is
projected back (`backend.texture.projection`) and divided by the calm face's, as what is there at rest is made anew by
whoever draws the textured head; then it is smoothed over time and multiplied onto the texture, which keeps its detail.
Where no view sees the skin it stays the photo's. `raster` draws matt surfaces: with it the ratio is 1 and the texture
alone changes, by the live maps or by a person's dynamic texture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.lighting.light import Light
from backend.render.buffers import Renderer, raster
from backend.render.head_layer import HeadLayer
from backend.render.view import View
from backend.texture.projection import Projector, RunningTexture, Seen
from backend.texture.unwrap import smooth_step
from models.coefficients import EXPRESSION, IDENTITY
from models.face.camera import PAPER_SIZE, place
from models.face.model import FaceModel
from models.take import Take
from models.texture import live_maps, storage

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Textures = Callable[[Float32Array], Float32Array]
"""The texture (S, S, 3), sRGB 0..255, of an expression (64,)."""

SIZES: Final = (256, 2048)  # texels a side that can be baked
PICTURE: Final = 384  # pixels a side of what the renderer draws
TURNS: Final = (0.0, 0.75, -0.75)  # radians that the head is turned before the renderer
SKIN: Final = ("skin", "lips")
FLAT: Final = 1 / 0.886226925  # the first band of a light that leaves sRGB numbers as they are
DARKEST: Final = 4.0  # sRGB number below which a ratio says nothing
RATIOS: Final = (0.3, 2.0)  # what is believed of a renderer's ratio
CHANGES: Final = (0.3, 1.15)  # and of its change: the dark between closed lips is no reason to light open ones
WHOLE: Final = 0.99  # alpha from which a pixel shows nothing but the head
AROUND: Final = 40.0  # pixels of the coefficients' 224 that are shown around them, for all of a turned head
BORDER: Final = 24  # pixels along the picture's border over which what is seen fades out


class BakeError(ValueError):
    """Textures cannot be baked as asked; the message says what to do."""


def textures_of(
    texture: UInt8Array | None, face_model: FaceModel, size: int, dynamic: Path | None, live: bool
) -> Textures:
    """How the texture (S, S, 3) follows the expression, `size` texels a side.

    dynamic: a person's own dynamic texture, which takes the texture's place; live: whether the live maps work on it.

    Raises:
        BakeError: a size that cannot be baked.
        DynamicTextureError: the dynamic texture or the maps cannot be used.
    """
    low, high = SIZES
    if not low <= size <= high:
        raise BakeError(f"--size takes {low} to {high} texels, got {size}")
    if dynamic is not None:
        learned = storage.load(dynamic)
        learned.require(face_model)
        return lambda expression: resized(learned.evaluate(expression), size)
    if texture is None:
        raise BakeError("neither a texture nor a dynamic texture is given; give one of them")
    still = resized(texture.astype(np.float32), size)
    if not live:
        return lambda expression: still.copy()
    maps = live_maps.load()
    maps.require(face_model)
    return lambda expression: maps.apply(still, expression)


def baked(
    take: Take, face_model: FaceModel, textures: Textures, renderer: Renderer = raster, *, device: str = "cpu"
) -> Iterator[UInt8Array]:
    """The texture (S, S, 3) of every frame of `take`; memory does not grow with its length."""
    expressions = take.coefficients[:, EXPRESSION]
    if renderer is raster:
        for expression in expressions:
            yield _bytes(textures(expression))
        return
    oven = _Oven(face_model, take.coefficients[0, IDENTITY], textures(np.zeros(64, np.float32)), renderer, device)
    for expression in expressions:
        texture = textures(expression)
        yield _bytes(texture * oven.ratio(expression, texture))


class _Oven:
    """Draws one head from several sides and keeps what was seen of it."""

    def __init__(
        self, face_model: FaceModel, identity: Float32Array, rest: Float32Array, renderer: Renderer, device: str
    ) -> None:
        self._model, self._renderer = face_model, renderer
        self._shape = face_model.shape(identity)
        self._layer = HeadLayer(face_model, PICTURE, device=device)
        self._projector = Projector(face_model, len(rest), PICTURE, parts=SKIN, device=device)
        self._running = RunningTexture(np.ones_like(rest))
        window = Crop(-AROUND, -AROUND, PAPER_SIZE + 2 * AROUND)
        self._view = View(Crop(0.0, 0.0, float(PAPER_SIZE)), window, PICTURE)
        inwards = np.minimum(np.arange(PICTURE), np.arange(PICTURE)[::-1]) / BORDER
        self._inside = (smooth_step(inwards)[:, None] * smooth_step(inwards)).astype(np.float32)
        bands = np.zeros((9, 3), np.float32)
        bands[0] = FLAT
        self._light = Light(bands)
        self._corner = np.zeros(face_model.vertex_count, np.int64)
        self._corner[face_model.triangles.ravel()] = face_model.uv_triangles.ravel()
        calm = self._at_vertices(rest)
        self._calm = [self._seen(self._shape, calm, turn) for turn in TURNS]

    def ratio(self, expression: Float32Array, texture: Float32Array) -> Float32Array:
        """(S, S, 3) how much more than of the calm face the renderer makes of the skin, after this frame."""
        active = np.flatnonzero(expression)
        shape = self._shape + np.tensordot(expression[active], self._model.expression_basis[active], axes=1)
        colours = self._at_vertices(texture)
        views = [self._seen(shape, colours, turn) for turn in TURNS]
        changes = [
            Seen(np.clip(seen.texture / np.maximum(calm.texture, RATIOS[0]), *CHANGES), seen.weight * calm.weight)
            for seen, calm in zip(views, self._calm, strict=True)
        ]
        return self._running.add(together(changes))

    def _seen(self, shape: Float32Array, colours: Float32Array, turn: float) -> Seen:
        world = place(shape, np.array([0.0, turn, 0.0]), np.zeros(3)).astype(np.float32)
        buffers = self._layer.draw(world, colours, self._view, self._light)
        drawn = self._renderer(buffers)
        ratio = np.clip(drawn / np.maximum(buffers.lambert, DARKEST), *RATIOS)
        return self._projector(ratio, world, self._view, (buffers.alpha > WHOLE) * self._inside)

    def _at_vertices(self, texture: Float32Array) -> Float32Array:
        size = len(texture)
        u, v = self._model.uv[self._corner].T
        rows = np.clip(((1 - v) * size).astype(int), 0, size - 1)
        columns = np.clip((u * size).astype(int), 0, size - 1)
        return texture[rows, columns]


def together(views: list[Seen]) -> Seen:
    """What several pictures of one moment show: their mean by weight; the weight is that of the best."""
    weights = np.stack([seen.weight for seen in views])
    total = np.maximum(weights.sum(axis=0), 1e-6)[..., None]
    texture = sum(seen.texture * seen.weight[..., None] for seen in views) / total
    return Seen(np.asarray(texture, np.float32), weights.max(axis=0))


def resampled(take: Take, fps: float) -> Take:
    """`take` at another frame rate, its coefficients interpolated linearly; the last frame is held to the end.

    Raises:
        BakeError: no frame rate.
    """
    if not 1 <= fps <= 240:
        raise BakeError(f"--fps takes 1 to 240 frames per second, got {fps}")
    if fps == take.fps:
        return take
    count = max(1, int(np.floor((len(take.coefficients) - 1) / take.fps * fps + 1e-6)) + 1)
    at = np.minimum(np.arange(count) / fps * take.fps, len(take.coefficients) - 1)
    before = np.floor(at).astype(int)
    after, share = np.minimum(before + 1, len(take.coefficients) - 1), (at - before)[:, None]
    coefficients = take.coefficients[before] * (1 - share) + take.coefficients[after] * share
    return Take(coefficients.astype(np.float32), fps, take.meta)


def resized(texture: Float32Array, size: int) -> Float32Array:
    """`texture` (S, S, 3) with `size` texels a side: averaged where it shrinks, cubic where it grows."""
    if len(texture) == size:
        return texture
    way = cv2.INTER_AREA if size < len(texture) else cv2.INTER_CUBIC
    return np.asarray(np.clip(cv2.resize(texture, (size, size), interpolation=way), 0, 255), np.float32)


def _bytes(texture: Float32Array) -> UInt8Array:
    return np.rint(np.clip(texture, 0, 255)).astype(np.uint8)
