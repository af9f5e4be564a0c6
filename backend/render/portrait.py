"""Frames of a talking person: the photo's sheet over the background, the drawn face over the sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compositing.backgrounds import background
from backend.compositing.cut_out import cut_out
from backend.compositing.multi_band import multi_band
from backend.lighting.light import Light, photo_light
from backend.render.blend_mask import Tile
from backend.render.buffers import Buffers, Renderer, raster
from backend.render.face_layer import FaceLayer
from backend.render.manner import worn_expressions
from backend.render.neural import NeuralRenderer
from backend.render.one_ahead import one_ahead
from backend.render.photo_warp import PhotoWarp
from backend.render.relight import surroundings_gain
from backend.render.sitter import Sitter, enlarged
from models.coefficients import ANGLES, EXPRESSION, GAMMA, TRANSLATION
from models.face.camera import rotation
from models.face.model import FaceModel
from models.take import Take
from models.texture.dynamic import DynamicTexture

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A frame before its face is lit: the person (S, S, 4) without it, and the face's buffers in their `tile`."""

    person: Float32Array
    buffers: Buffers
    tile: Tile


class Portrait:
    """One person before one background, drawn again and again.

    background: (S, S, 3) float32, or None. Of the frame drawn last, tile: the square that the face was drawn into;
    face_alpha: its share of the tile's pixels.
    """

    def __init__(
        self,
        sitter: Sitter,
        light: Light,
        behind: str = "keep",
        renderer: Renderer = raster,
        *,
        living: DynamicTexture | None = None,
        device: str = "cpu",
    ) -> None:
        """behind: what `compositing.backgrounds.background` takes; living: how the skin's colours follow expressions.

        Raises:
            PhotoError: the background's picture cannot be read.
        """
        size = sitter.view.size
        layers = cut_out(sitter.source, enlarged(sitter.alpha, sitter.source), sitter.plate)
        plate = cv2.resize(layers.plate, (size, size), interpolation=cv2.INTER_AREA)
        self.background = background(behind, np.rint(plate).astype(np.uint8))
        self._person = layers.person
        self._person[..., :3] *= surroundings_gain(sitter, light)
        self._warp = PhotoWarp(sitter, device=device)
        neural = isinstance(renderer, NeuralRenderer)
        self._face = FaceLayer(sitter, light, terms=neural, living=living, device=device)
        self._renderer = renderer
        self.tile = self._face.tile
        self.face_alpha: Float32Array = np.zeros((self.tile[2],) * 2, np.float32)
        fitted = sitter.fit.coefficients
        self._turn, self._shift = rotation(fitted[ANGLES]), fitted[TRANSLATION]
        if isinstance(renderer, NeuralRenderer):  # its answer to the photo's light comes out of the photo's colours
            own = FaceLayer(sitter, photo_light(fitted[GAMMA]), terms=True, device=device)
            at_rest = own.draw(fitted[EXPRESSION], self._turn, self._shift)
            self._face.divide_photo(renderer.photo_gain(at_rest))

    def frame(self, expression: Float32Array, angles: Float32Array, translation: Float32Array) -> UInt8Array:
        """(S, S, 3) uint8 sRGB, or (S, S, 4) with straight alpha without a background.

        expression: (64,) as worn; angles (3,) and translation (3,) move the head from where the photo has it.
        """
        return self.finished(self.drawn(expression, angles, translation))

    def drawn(self, expression: Float32Array, angles: Float32Array, translation: Float32Array) -> Drawn:
        """The first half of `frame`; what it gives lasts while one more is drawn."""
        turn = self._turn @ rotation(angles)
        shift = self._turn @ translation + self._shift
        places = self._warp.sources(expression, turn, shift) - np.float32(0.5)
        warped = cv2.remap(self._person, places, np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        buffers = self._face.draw(expression, turn, shift)
        return Drawn(np.asarray(warped, dtype=np.float32), buffers, self._face.tile)

    def finished(self, drawn: Drawn) -> UInt8Array:
        """The second half of `frame`: the face lit and blended in."""
        person = drawn.person
        self._put_face(person, drawn)
        if self.background is None:
            return straight(person)
        clear = 1 - person[..., 3:] / 255
        return _bytes(person[..., :3] + clear * self.background)

    def _put_face(self, person: Float32Array, drawn: Drawn) -> None:
        """Blend the drawn face into the `person` (S, S, 4)."""
        buffers = drawn.buffers
        self.tile, self.face_alpha = drawn.tile, buffers.alpha
        top, left, side = drawn.tile
        below = person[top : top + side, left : left + side]
        alpha = buffers.alpha[..., None]
        face = np.dstack([self._renderer(buffers), 255 * alpha])
        blended = multi_band(below, face, buffers.alpha)
        own = np.maximum(below[..., 3:] / 255, alpha)  # a broad border must not reach past the person
        below += own * (blended - below)


def portrait_frames(take: Take, sitter: Sitter, portrait: Portrait) -> Iterator[UInt8Array]:
    """One frame for each row of `take`, whose poses are relative to an upright head and expressions to a calm face.

    Raises:
        ValueError: the take belongs to another face model.
    """
    check_face_model(take, sitter.face_model)
    fitted = sitter.fit.coefficients[EXPRESSION]
    names = sitter.face_model.expression_names

    def draw(row: Float32Array) -> Drawn:
        worn = worn_expressions(row[None, EXPRESSION], fitted, names)[0]
        return portrait.drawn(worn, row[ANGLES], row[TRANSLATION])

    yield from map(portrait.finished, one_ahead(draw, take.coefficients))


def check_face_model(take: Take, face_model: FaceModel) -> None:
    """Accept a take of `face_model`.

    Raises:
        ValueError: it belongs to another one.
    """
    made_for = take.meta["face_model"]
    if made_for["name"] != face_model.name:
        raise ValueError(
            f"the take is for the face model {made_for['name']}, this renderer draws {face_model.name}; "
            "make the take again with `style-avatar animate --family open`"
        )


def _bytes(image: Float32Array) -> UInt8Array:
    return np.asarray(np.clip(image + 0.5, 0, 255).astype(np.uint8))


def straight(person: Float32Array) -> UInt8Array:
    """(S, S, 4) uint8 with colours that are not multiplied by alpha, as files want them."""
    alpha = person[..., 3:]
    colour = np.where(alpha > 0, person[..., :3] * 255 / np.maximum(alpha, 1e-3), 0)
    return _bytes(np.dstack([colour, alpha]))
