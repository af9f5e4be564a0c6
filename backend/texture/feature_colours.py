"""Colours of irises, brows and hair, read off the photo; they tint the parts that keep the model's own detail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.fitting.fit import Fit
from backend.texture.photo_view import VIEW_SIZE, PhotoView
from backend.texture.scalp import scalp_mask
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

IRIS_RADIUS: Final = 0.058  # decimetres; nearly the same in all adults
SMALLEST_IRIS: Final = 2.0  # photo pixels across its radius, below which its colour is not read
HAIR_COVER: Final = 0.85  # how much of the scalp's colour close-cropped hair makes
_IRIS_CENTRES: Final = (468, 473)  # in MediaPipe's scheme
_SKIN: Final = ("skin", "lips")


@dataclass(frozen=True, eq=False)
class FeatureColours:
    """De-lit sRGB colours (3,), None where the photo does not show them."""

    hair: Float32Array | None
    brows: Float32Array | None
    iris: Float32Array | None

    def paint(self, face_model: FaceModel, albedo: Float32Array) -> Float32Array:
        """Vertex colours (V, 3): skin by the albedo coefficients (80,), all else the mean, tinted."""
        base = face_model.albedo().copy()
        skin = _part_vertices(face_model, *_SKIN)
        base[skin] = face_model.albedo(albedo)[skin]
        if self.brows is not None:
            base[_part_vertices(face_model, "brows")] = self.brows
            base[_part_vertices(face_model, "lashes")] = 0.5 * self.brows
        if self.iris is not None:
            iris = _iris_vertices(face_model)
            tint = self.iris / np.maximum(face_model.mean_albedo[iris].mean(axis=0), 1.0)
            base[iris] = np.clip(base[iris] * np.clip(tint, 0.3, 2.5), 0, 255)
        return base.astype(np.float32)

    def facts(self) -> dict[str, list[int]]:
        """The colours that are known, by name, as whole numbers: for the take, where Blender's hair finds them."""
        known = {"hair": self.hair, "brows": self.brows, "iris": self.iris}
        return {name: [round(float(value)) for value in one] for name, one in known.items() if one is not None}

    def cropped_hair(self, skin: Float32Array, scalp: Float32Array) -> Float32Array:
        """`skin` colours (n, 3) with close-cropped hair where `scalp` (n,) says; unchanged if the photo shows none.

        A fixed grain thins the hair out at the hairline and keeps the rest from looking like a cap.
        """
        if self.hair is None:
            return skin
        grain = np.random.default_rng(0).random(len(skin), dtype=np.float32)
        cover = HAIR_COVER * np.clip(1.6 * scalp - 0.6 * grain, 0, 1)[:, None]
        return skin + cover * (self.hair * (0.86 + 0.2 * grain[:, None]) - skin)


def measure_features(view: PhotoView, fit: Fit, face_model: FaceModel) -> FeatureColours:
    """Read the colours off the photo behind `view`."""
    return FeatureColours(_hair(view, face_model), _brows(view, face_model), _iris(view, fit, face_model))


def _hair(view: PhotoView, face_model: FaceModel) -> Float32Array | None:
    """The darker half of what hides the scalp: strands in shade show the colour, their gloss does not."""
    if not view.hairy:
        return None
    places = view.places[(scalp_mask(face_model) > 0.6) & (view.places[:, 3] > 0.3)]
    places = places[np.all((places[:, :2] > 0) & (places[:, :2] < VIEW_SIZE), axis=1)]
    column, row = places[:, :2].astype(int).T
    places = places[view.hair[row, column]]
    return _of_brightness(view.delit(places), 0.15, 0.5) if len(places) else None


def _brows(view: PhotoView, face_model: FaceModel) -> Float32Array | None:
    """The dark third of what lies under the model's brow strands."""
    brows = _part_vertices(face_model, "brows")
    if not brows.size:
        return None
    return 0.85 * _of_brightness(view.delit(view.places[brows]), 0.0, 0.2)


def _iris(view: PhotoView, fit: Fit, face_model: FaceModel) -> Float32Array | None:
    """The middle colour of both irises between pupil and rim, sparing the lid above and highlights."""
    if fit.face.scheme != "mediapipe478" or view.grey:
        return None
    radius = IRIS_RADIUS * 1015 / 10 * fit.crop.side / 224  # photo pixels
    if radius < SMALLEST_IRIS:
        return None
    eyes = _part_vertices(face_model, "eye_left", "eye_right")
    if not eyes.size:
        return None
    light = view.places[eyes, 4:7].mean(axis=0)
    turn = np.linspace(-0.15 * np.pi, 1.15 * np.pi, 25)  # y runs down: from side to side past the bottom
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    centres = fit.face.points[list(_IRIS_CENTRES)]
    points = (centres[:, None, None] + radius * np.array([0.55, 0.7])[:, None, None] * ring).reshape(-1, 2)
    places = np.zeros((len(points), 7), np.float32)
    places[:, :2] = view.from_photo(points)
    places[:, 4:7] = light
    return _of_brightness(view.delit(places), 0.0, 0.7)


def _iris_vertices(face_model: FaceModel) -> NDArray[np.intp]:
    eyes = _part_vertices(face_model, "eye_left", "eye_right")
    if face_model.landmarks478 is None or not eyes.size:
        return np.zeros(0, np.intp)
    centres = face_model.landmarks478.of(face_model.mean_shape)[list(_IRIS_CENTRES)]
    distance = np.linalg.norm(face_model.mean_shape[eyes][:, None] - centres, axis=2).min(axis=1)
    bright = face_model.mean_albedo[eyes].mean(axis=1)
    return eyes[(distance < 1.1 * IRIS_RADIUS) & (bright > 20) & (bright < 150)]  # neither pupil nor white


def _of_brightness(colours: Float32Array, low: float, high: float) -> Float32Array:
    """The mean (3,) of those `colours` (n, 3) whose brightness lies between two quantiles."""
    bright = colours.mean(axis=1)
    chosen = (bright >= np.quantile(bright, low)) & (bright <= np.quantile(bright, high))
    return np.clip(colours[chosen].mean(axis=0), 0, 255).astype(np.float32)


def _part_vertices(face_model: FaceModel, *names: str) -> NDArray[np.intp]:
    chosen = [i for i, name in enumerate(face_model.part_names) if name in names]
    return np.unique(face_model.triangles[np.isin(face_model.triangle_part, chosen)]).astype(np.intp)
