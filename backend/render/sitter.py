"""The person who sat for the photo: the fit, the picture around the head, who is in it and what is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compositing.matte import person_alpha
from backend.compositing.plate import clean_plate
from backend.crop import Crop, at_most
from backend.fitting.fit import Fit, fit_photo
from backend.landmarks import Detector
from backend.photo import PhotoError, check_image
from backend.progress import Progress, silent
from backend.render.view import View, window_of
from backend.texture.photo_view import VIEW_SIZE, PhotoView
from backend.texture.unwrap import unwrap_texture
from models.coefficients import ANGLES, EXPRESSION, IDENTITY, TRANSLATION
from models.face.camera import place
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

SMALLEST_PHOTO: Final = 64  # pixels a side
OVERSAMPLED: Final = 2  # source pixels along a side of a frame's: what is warped is averaged from four
MATTED_AT: Final = 640  # pixels a side at most: hair needs no more, and the time grows faster than the picture
TEXTURE_SIZE: Final = 1024


@dataclass(frozen=True, eq=False)
class Sitter:
    """What is known about a photo before anything moves.

    view: the frames' camera; source: (2S, 2S, 3) uint8, the window of the photo at twice the frames' size; alpha:
    (S, S) float32, how much of it is the person; plate: (2S, 2S, 3) uint8, the same window without the person; skin:
    (S, S) float32 0..1, where the photo shows bare skin; trust: (V,) 0..1, which vertices the photo shows; texture:
    (1024, 1024, 3) uint8 UV albedo for those that it does not show; world: (V, 3) the head as fitted.
    """

    face_model: FaceModel
    fit: Fit
    view: View
    source: UInt8Array
    alpha: Float32Array
    plate: UInt8Array
    skin: Float32Array
    trust: Float32Array
    texture: UInt8Array
    world: Float32Array


def meet_sitter(
    image: UInt8Array,
    face_model: FaceModel,
    size: int,
    framing: str = "head",
    detector: Detector | None = None,
    progress: Progress = silent,
    fit: Fit | None = None,
) -> Sitter:
    """Fit, cut out and unwrap the largest head in `image` (H, W, 3), for frames of `size` pixels a side.

    fit: what is known of the photo already (None: it is fitted here).

    Raises:
        PhotoError: the photo is smaller than 64 pixels, shows no face, one that is too small or cut off by the edge, or
            nobody who could be told from the background.
    """
    image = check_image(image)
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_PHOTO:
        raise PhotoError(
            f"the photo is {width} x {height} pixels, at least {SMALLEST_PHOTO} x {SMALLEST_PHOTO} are needed; "
            "use a larger one"
        )
    fit = fit or fit_photo(image, face_model, detector, progress)
    view = View(fit.crop, window_of(image.shape, fit.crop, framing), size)

    progress("cut out", 0, 2)
    source = window_pixels(image, view.window, OVERSAMPLED * size)
    alpha = person_in(source, view)
    progress("cut out", 1, 2)
    plate = clean_plate(source, enlarged(alpha, source))
    progress("cut out", 2, 2)

    progress("texture", 0, 1)
    photo_view = PhotoView(image, fit, face_model)
    _, trust = photo_view.look(photo_view.places)
    texture = unwrap_texture(image, fit, face_model, TEXTURE_SIZE)
    progress("texture", 1, 1)
    coefficients = fit.coefficients
    shape = face_model.shape(coefficients[IDENTITY], coefficients[EXPRESSION])
    world = place(shape, coefficients[ANGLES], coefficients[TRANSLATION]).astype(np.float32)
    skin = _skin(photo_view, view)
    return Sitter(face_model, fit, view, source, alpha, plate, skin, trust, texture, world)


def window_pixels(image: UInt8Array, window: Crop, size: int) -> UInt8Array:
    """`window` of `image` as (size, size, 3): averaged where it shrinks, cubic where it grows."""
    if window.side >= size:
        return window.pixels(image, size)
    step = window.side / size
    matrix = np.array([[step, 0, window.left + 0.5 * step - 0.5], [0, step, window.top + 0.5 * step - 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def enlarged(mask: Float32Array, source: UInt8Array) -> Float32Array:
    """`mask` (S, S) in the size of a sitter's `source`."""
    return np.asarray(cv2.resize(mask, source.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def person_in(source: UInt8Array, view: View) -> Float32Array:
    """(S, S) alpha of the person in the window."""
    small = at_most(source, min(MATTED_AT, view.size))
    scale = small.shape[0] / view.window.side
    frame, window = view.frame, view.window
    middle = np.array([frame.left - window.left, frame.top - window.top]) + frame.side / 2
    x, y = middle * scale
    head = Crop.around(float(x), float(y), 1.5 * frame.side * scale)
    alpha = person_alpha(small, head)
    return np.asarray(cv2.resize(alpha, (view.size, view.size), interpolation=cv2.INTER_CUBIC).clip(0, 1))


def _skin(photo_view: PhotoView, view: View) -> Float32Array:
    """(S, S) where the frame's window shows bare skin."""
    centres = (np.arange(view.size) + 0.5) * view.window.side / view.size
    photo = np.stack(np.meshgrid(centres + view.window.left, centres + view.window.top), axis=-1)
    places = photo_view.from_photo(photo)
    assert photo_view.trust.shape == (VIEW_SIZE, VIEW_SIZE)
    return np.asarray(cv2.remap(photo_view.trust, places - np.float32(0.5), np.empty(0), cv2.INTER_LINEAR))
