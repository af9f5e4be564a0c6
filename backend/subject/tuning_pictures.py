"""The subject's pictures as the neural renderer of `render --subject` meets them: its input and its aim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from backend.lighting.light import photo_light
from backend.render.buffers import Buffers
from backend.render.face_layer import FaceLayer
from backend.render.neural import CLEAR, EVENED, GAINS, STEP, NeuralRenderer
from backend.render.neural_channels import LightNumbers, prepare
from backend.render.sitter import meet_sitter
from backend.subject.learn import Learned, exposure
from backend.subject.observer import Observer
from backend.subject.shot import Shot
from backend.texture.projection import GRAZING
from backend.texture.unwrap import smooth_step
from models.coefficients import ANGLES, EXPRESSION, GAMMA, TRANSLATION
from models.face.camera import rotation

Float32Array = NDArray[np.float32]

LARGEST: Final = 224  # pixels a side of the frames that are drawn
SMALLEST: Final = 64
FEW_TEXELS: Final = 128
OUTER: Final = 2  # parts before this one of `buffers.GROUPS` are skin, which must face the viewer to count


@dataclass(frozen=True, eq=False)
class TuningPicture:
    """One picture as a lesson, batch first, on the scale of the light.

    channels: (1, 34, H, W); light: (1, 42); target: (1, 3, H, W), premultiplied; weight: (1, 1, H, W) 0..1, how well
    the picture shows each pixel of the face; own: (1, 1, H, W), the share that is the photo's own; spread: pixels over
    which the gain is evened out; under: (1, 3, H, W) the evened guess; least: light below which a gain says nothing.
    """

    channels: Tensor
    light: Tensor
    target: Tensor
    weight: Tensor
    own: Tensor
    under: Tensor
    spread: float
    least: float


class Rehearsal:
    """The subject's photo, made to act its own clip: everything is that of `render --subject`, in the clip's light."""

    def __init__(self, shot: Shot, learned: Learned, photo: int) -> None:
        """photo: which picture of the shot is the photo.

        Raises:
            PhotoError: nobody can be told from the background in it.
        """
        image = next(shot.pictures([photo]))[1]
        side = min(LARGEST, shot.view.window.side)
        size = max(SMALLEST, 2 * round(side / 2))
        self._shot, self._learned = shot, learned
        self._sitter = meet_sitter(image, shot.face_model, size, fit=shot.fit(photo))
        self._light = photo_light(shot.coefficients[photo, GAMMA])
        self._numbers = LightNumbers(self._light)
        self._observer = Observer(shot, FEW_TEXELS)
        step = max(1, len(learned.still) // FEW_TEXELS)
        self._few = learned.still[step // 2 :: step, step // 2 :: step].astype(np.float32).reshape(-1, 3)
        self._resting = FaceLayer(self._sitter, self._light, terms=True)
        row = shot.coefficients[photo]
        self._at_rest = self._resting.draw(row[EXPRESSION], rotation(row[ANGLES]), row[TRANSLATION])
        self._own_exposure = self._exposure(photo, image)

    def face(self, renderer: NeuralRenderer, moving: bool) -> FaceLayer:
        """What draws the face's buffers for `renderer`, with the moving texture or the photo's alone."""
        layer = FaceLayer(self._sitter, self._light, terms=True, living=self._learned.texture if moving else None)
        layer.divide_photo(renderer.photo_gain(self._at_rest))
        return layer

    def drawn(
        self, faces: Sequence[FaceLayer], indices: Sequence[int]
    ) -> Iterator[tuple[int, list[Buffers], Float32Array, Float32Array]]:
        """Of each picture: its number, the buffers of every one of `faces`, the picture's colours (H, W, 3) in their
        tile at the photo's exposure, and how well it shows each pixel, (H, W). Buffers are valid until the next.
        """
        view = self._sitter.view
        for index, image in self._shot.pictures(indices):
            row = self._shot.coefficients[index]
            buffers = [face.draw(row[EXPRESSION], rotation(row[ANGLES]), row[TRANSLATION]) for face in faces]
            top, left, side = faces[0].tile
            shown = view.window.pixels(image, view.size).astype(np.float32)[top : top + side, left : left + side]
            shown = shown * (self._own_exposure / self._exposure(index, image))
            yield index, buffers, shown, visibility(buffers[0]) * np.float32(self._shot.steadiness(index))

    def lessons(self, renderer: NeuralRenderer, indices: Sequence[int]) -> list[TuningPicture]:
        """The pictures `indices` with the moving texture, as `renderer` meets them."""
        found = self.drawn([self.face(renderer, moving=True)], indices)
        return [lesson(buffers[0], self._numbers, shown, weight) for _, buffers, shown, weight in found]

    def _exposure(self, index: int, image: NDArray[np.uint8]) -> Float32Array:
        seen = self._observer(index, image)
        return exposure(seen.texture.reshape(-1, 3), seen.weight.ravel(), self._few)


def visibility(buffers: Buffers) -> Float32Array:
    """(H, W) 0..1: the face's share, of skin weighed by how it faces the viewer, as in the projection."""
    alpha = np.maximum(buffers.alpha, 1e-3)
    low, high = GRAZING
    across = buffers.rays[0] + buffers.rays[2] * np.arange(buffers.alpha.shape[1])[None]
    down = buffers.rays[1] - buffers.rays[3] * np.arange(buffers.alpha.shape[0])[:, None]
    normal = buffers.normal / np.maximum(np.linalg.norm(buffers.normal, axis=2, keepdims=True), 1e-6)
    length = np.sqrt(across**2 + down**2 + 1)
    facing = (normal[..., 2] - across * normal[..., 0] - down * normal[..., 1]) / length
    skin = buffers.parts[..., :OUTER].sum(axis=2) / alpha
    return np.asarray(buffers.alpha * (1 - skin * (1 - smooth_step((facing - low) / (high - low)))), np.float32)


def lesson(buffers: Buffers, numbers: LightNumbers, shown: Float32Array, weight: Float32Array) -> TuningPicture:
    """`buffers` and what the picture has `shown` (H, W, 3) there, which counts by `weight` (H, W)."""
    prepared = prepare(buffers, numbers)
    height, width = weight.shape
    wide = (0, -width % STEP, 0, -height % STEP)
    target = (buffers.alpha[..., None] * shown / (255 * prepared.scale)).transpose(2, 0, 1)
    assert buffers.terms is not None

    def padded(planes: NDArray[np.floating]) -> Tensor:
        planes = np.array(planes, np.float32).reshape(1, -1, height, width)
        return F.pad(torch.from_numpy(planes), wide)

    channels, own, spread = padded(prepared.channels), padded(buffers.terms[..., 5]), max(EVENED / buffers.pixel, 0.5)
    return TuningPicture(
        channels,
        torch.from_numpy(prepared.globals[None].copy()),
        padded(target),
        padded(weight),
        own,
        blurred(channels[:, :3] * own, spread),
        spread,
        CLEAR / prepared.scale,
    )


def composed(made: Tensor, picture: TuningPicture) -> Tensor:
    """(1, 3, H, W): what `NeuralRenderer` draws where the network has `made` (1, 3, H, W) of a picture."""
    guess, alpha = picture.channels[:, :3], picture.channels[:, 32:33]
    over, under = blurred(made * picture.own, picture.spread), picture.under
    known = (under / picture.least).clamp(0, 1)
    gain = 1 + known * (((over + picture.least / 10) / (under + picture.least / 10)).clamp(*GAINS) - 1)
    share = (picture.own / alpha.clamp(min=1e-3)).clamp(0, 1)
    return made + share * (guess * gain - made)


def blurred(planes: Tensor, spread: float) -> Tensor:
    """(B, C, H, W) by a Gaussian of `spread` pixels, mirrored at the borders."""
    reach = min(round(4 * spread), min(planes.shape[2:]) - 1)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / spread) ** 2)
    weights = weights / weights.sum()
    count = planes.shape[1]
    across = weights.reshape(1, 1, 1, -1).repeat(count, 1, 1, 1)
    wide = F.pad(planes, (reach, reach, reach, reach), mode="reflect")
    return F.conv2d(F.conv2d(wide, across, groups=count), across.transpose(2, 3), groups=count)
