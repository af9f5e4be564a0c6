"""A photo becomes coefficients: who it is, how it is lit, how the head is turned and what the face does.

First geometry from landmarks (`backend.fitting.landmark_fit`), then light and skin colour from pixels
(`backend.fitting.photometric_fit`), all in the square frame that the coefficients' camera sees (SPEC 5.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.fitting.landmark_fit import Geometry, Observation, fit_landmarks, weak_perspective
from backend.fitting.photometric_fit import fit_appearance
from backend.landmarks import Detector, Face, MediaPipeDetector, is_cut_off, largest_face
from backend.photo import PhotoError, check_image
from backend.progress import Progress, silent
from models.coefficients import assemble
from models.face.camera import DISTANCE, PAPER_FOCAL, PAPER_SIZE, place
from models.face.model import FaceModel, Landmarks

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

SMALLEST_FACE: Final = 64  # pixels

_PIXELS_PER_DECIMETRE: Final = PAPER_FOCAL / DISTANCE  # of the 224 frame, at the origin


class FitError(PhotoError):
    """A photo cannot be fitted; the message says what to do."""


class NoFaceError(FitError):
    """No face was found in the photo."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What a photo says about a head.

    coefficients: (257,) float32; crop: where the coefficients' 224 frame lies in the photo; face: the landmarks used;
    face_model: its name; landmark_error: root mean square, pixels of the 224 frame; colour_error: mean absolute, sRGB
    steps of 255 on the skin that counts.
    """

    coefficients: Float32Array
    crop: Crop
    face: Face
    face_model: str
    landmark_error: float
    colour_error: float


def fit_photo(
    image: UInt8Array, face_model: FaceModel, detector: Detector | None = None, progress: Progress = silent
) -> Fit:
    """Fit `face_model` to the largest face of `image` (H, W, 3) uint8.

    Raises:
        PhotoError: `image` is not a picture.
        NoFaceError: there is no face in it.
        FitError: the face is smaller than 64 pixels or cut off by the edge, or the model has no such landmarks.
    """
    image = check_image(image)
    stage = "fit photo"
    progress(stage, 0, 3)
    face = largest_face(detector or MediaPipeDetector(), image)
    _check_face(face, image)
    assert face is not None
    progress(stage, 1, 3)

    landmarks = landmarks_of(face_model, face)
    crop, geometry = fit_geometry(face, landmarks, face_model)
    progress(stage, 2, 3)

    shape = face_model.shape(geometry.identity.astype(np.float32), geometry.expression.astype(np.float32))
    world = place(shape, geometry.angles, geometry.translation).astype(np.float32)
    looks = fit_appearance(image, crop, world, face_model)
    progress(stage, 3, 3)
    return Fit(
        coefficients=assemble(
            geometry.identity.astype(np.float32),
            geometry.expression.astype(np.float32),
            looks.albedo,
            geometry.angles.astype(np.float32),
            looks.gamma,
            geometry.translation.astype(np.float32),
        )[0],
        crop=crop,
        face=face,
        face_model=face_model.name,
        landmark_error=geometry.error,
        colour_error=looks.error,
    )


def _check_face(face: Face | None, image: UInt8Array) -> None:
    if face is None:
        message = "no face was found in the photo; use one that shows a face from the front, well lit"
        raise NoFaceError(message, "photo_no_face")
    if face.size < SMALLEST_FACE:
        raise FitError(
            f"the largest face in the photo is {face.size:.0f} pixels high, at least {SMALLEST_FACE} are needed; "
            "use a larger photo or one taken from nearer",
            "photo_small_face",
            pixels=round(face.size),
            least=SMALLEST_FACE,
        )
    if is_cut_off(face.points, image):
        raise FitError(
            "the face is cut off by the edge of the photo; use one that shows it whole, with some room around",
            "photo_face_cut_off",
        )


def landmarks_of(face_model: FaceModel, face: Face) -> Landmarks:
    """The points of `face_model` that `face` names.

    Raises:
        FitError: the model has no such landmarks.
    """
    landmarks = face_model.landmarks478 if face.scheme == "mediapipe478" else face_model.landmarks68
    if landmarks is None:
        raise FitError(
            f"the face model {face_model.name} has no landmarks for {face.scheme}; use the face-alignment detector"
        )
    return landmarks


def fit_geometry(face: Face, landmarks: Landmarks, face_model: FaceModel) -> tuple[Crop, Geometry]:
    """The frame that puts the head of `face` at the origin, and the geometry fitted in it to its points.

    The frame's scale follows from the mean head; a second pass corrects it for the head that was found, so that size is
    explained by the frame rather than by a far translation.
    """
    weight = landmarks.confidence.astype(np.float64)
    points = face.points.astype(np.float64)
    model_points = landmarks.of(face_model.mean_shape).astype(np.float64)
    for _ in range(2):
        scale, turn, origin = weak_perspective(model_points, points, weight)
        crop = Crop.around(origin[0], origin[1], PAPER_SIZE * scale / _PIXELS_PER_DECIMETRE)
        depth = None if face.depth is None else face.depth.astype(np.float64) / scale
        seen = Observation(crop.from_picture(points, PAPER_SIZE), depth, weight)
        geometry = fit_landmarks(seen, landmarks, face_model, turn)
        shape = face_model.shape(geometry.identity.astype(np.float32), geometry.expression.astype(np.float32))
        model_points = landmarks.of(shape).astype(np.float64)
    return crop, geometry
