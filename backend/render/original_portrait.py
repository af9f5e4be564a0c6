"""The original's networks draw a take, and their face goes into the photo: `render --renderer original`.

The published demo shows the face on mid grey and pastes it nowhere (SPEC 12, 13.6). Here it is blended into the photo
that the face was read from, where the R-Net sees it, and all else of the photo stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend import model_store
from backend.compositing.backgrounds import KEEP, background
from backend.compositing.cut_out import cut_out
from backend.compositing.multi_band import multi_band
from backend.compositing.plate import clean_plate
from backend.landmarks import Detector
from backend.model_kinds import load_r_net
from backend.original import OriginalPerson, meet
from backend.original_delivery import RENDERER, load_renderer
from backend.original_frames import neural_frames, outside_of, paper_texture, placed
from backend.progress import Progress, silent
from backend.raster.compat_images import uv_image
from backend.render.portrait import straight
from backend.render.renderers import RendererError
from backend.render.sitter import person_in, window_pixels
from backend.render.view import View, window_of
from models.face import bfm09_file
from models.face.bfm09 import Bfm09
from models.face.camera import PAPER_SIZE
from models.reconstruction.r_net import RNet
from models.render.renderer import NeuralRenderer
from models.take import Take

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

INSET: Final = 4.0  # pixels of the 224 by which the blend stays inside of the mesh's outline
FEATHER: Final = 3.0  # and over which it fades


@dataclass(frozen=True, eq=False)
class OriginalDrawer:
    """The user's models that see a face and draw it."""

    face: Bfm09
    reconstruction: RNet
    standard_face: NDArray[np.float64]
    renderer: NeuralRenderer


def load_drawer() -> OriginalDrawer:
    """The models that the user has added.

    Raises:
        ModelStoreError: one is missing or damaged; the message says how to add it.
    """
    from safetensors.numpy import load_file

    face = bfm09_file.load(model_store.installed("bfm09"))
    r_net = load_r_net(model_store.installed("r-net"))
    points = load_file(model_store.installed("standard-face"))["points"]
    model_store.installed(RENDERER)
    renderer = load_renderer()
    assert renderer is not None
    return OriginalDrawer(face, r_net, points, renderer)


def check_take(take: Take, face: Bfm09) -> None:
    """Accept a take of the original's face model.

    Raises:
        RendererError: it belongs to another one.
    """
    made_for = take.meta["face_model"]
    if made_for["sha256"] != face.model.sha256:
        raise RendererError(
            f"the take is for the face model {made_for['name']}, the original's renderer draws {face.model.name} as "
            "you added it; make the take with `style-avatar animate --family original`, or choose another --renderer"
        )


class OriginalPortrait:
    """One photo, and where in its frames the drawn face goes."""

    def __init__(self, photo: UInt8Array, person: OriginalPerson, size: int, framing: str, behind: str) -> None:
        """photo: (H, W, 3); size: pixels a side of the frames; behind: what `compositing.backgrounds` takes.

        Raises:
            PhotoError: the background cannot be read, or nobody can be told from the photo's.
        """
        crop = person.fit.crop
        view = View(crop, window_of(photo.shape, crop, framing), size)
        source = window_pixels(photo, view.window, size)
        self._size = size
        self._person = np.dstack([source, np.full((size, size), 255)]).astype(np.float32)
        self._background: Float32Array | None = np.zeros((size, size, 3), np.float32)
        if behind != KEEP:
            alpha = person_in(source, view)
            plate = clean_plate(source, alpha)
            layers = cut_out(source, alpha, plate)
            self._person = layers.person
            self._background = background(behind, np.rint(layers.plate).astype(np.uint8))
        step = view.window.side / size * PAPER_SIZE / crop.side  # pixels of the 224 for one of the frame
        left, top = (view.window.left - crop.left), (view.window.top - crop.top)
        to_224 = PAPER_SIZE / crop.side
        self._from_224 = np.array(
            [[step, 0, left * to_224 + step / 2 - 0.5], [0, step, top * to_224 + step / 2 - 0.5]], np.float64
        )

    def frame(self, drawn: UInt8Array, alpha: Float32Array) -> UInt8Array:
        """(S, S, 3), or (S, S, 4) with straight alpha, of a face `drawn` (224, 224, 3) with its `alpha` (224, 224)."""
        above = self._enlarged(np.dstack([drawn * alpha[..., None], 255 * alpha]).astype(np.float32))
        share = np.clip(above[..., 3] / 255, 0, 1)
        person = multi_band(self._person, above, share)
        if self._background is None:
            return straight(person)
        shown = person[..., :3] + (1 - person[..., 3:] / 255) * self._background
        return np.asarray(np.clip(shown + 0.5, 0, 255), np.uint8)

    def _enlarged(self, image: Float32Array) -> Float32Array:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self._size, self._size)
        return np.asarray(cv2.warpAffine(image, self._from_224, size, flags=flags), np.float32)


def original_frames(
    take: Take,
    photo: UInt8Array,
    drawer: OriginalDrawer,
    detector: Detector,
    *,
    size: int,
    framing: str = "head",
    behind: str = KEEP,
    progress: Progress = silent,
) -> Iterator[UInt8Array]:
    """One frame for each row of `take`: the face of the photo (H, W, 3), blended into it.

    Raises:
        RendererError: the take belongs to another face model.
        ValueError: the photo cannot be used; the message says why.
    """
    check_take(take, drawer.face)
    person = meet(photo, drawer, detector, progress)
    portrait = OriginalPortrait(photo, person, size, framing, behind)
    texture = paper_texture(person.photo, person.fit.coefficients, drawer.face)
    frames = neural_frames(take, drawer.face, drawer.renderer, texture)
    return (
        portrait.frame(drawn, blend_of(row, drawer.face)) for drawn, row in zip(frames, take.coefficients, strict=True)
    )


def blend_of(coefficients: Float32Array, face: Bfm09) -> Float32Array:
    """(224, 224) how far each pixel shows the drawn face, faded inside of its outline."""
    model = face.model
    covered = uv_image(placed(coefficients, face), model.uv, model.triangles)[..., 2] > 0
    inside = (~outside_of(covered)).astype(np.uint8)
    away = cv2.distanceTransform(np.pad(inside, 1)[1:-1, 1:-1], cv2.DIST_L2, 5)
    return np.asarray(np.clip((away - INSET) / FEATHER, 0, 1), np.float32)
