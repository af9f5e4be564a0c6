"""What a fitted photo shows at points of the head: de-lit colour, and how far it can be trusted."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.fitting.fit import Fit
from backend.raster.rasterizer import rasterize
from backend.texture.sampling import sampled
from backend.texture.scalp import scalp_mask
from backend.texture.skin_mask import inset, skin_trust, strange_pixels
from models.coefficients import ALBEDO, ANGLES, EXPRESSION, GAMMA, IDENTITY, TRANSLATION
from models.face.camera import PAPER_FOCAL, PAPER_SIZE, Camera, place
from models.face.model import FaceModel
from models.face.shading import VertexNormals, irradiance, shade

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

WIDER: Final = 1.6  # the head reaches out of the 224 frame; the view is this much wider
VIEW_SIZE: Final = 1024
COLOURLESS: Final = 2.0  # mean difference between a photo's channels below which it is black and white
BEHIND: Final = 0.025  # decimetres a point may lie behind what is drawn and still count as seen
GRAZING: Final = (0.2, 0.55)  # cosines to the viewer between which trust rises from 0 to 1
HAIRY: Final = 0.3  # share of the scalp that must not look like skin before it counts as hair
LIGHT_RANGE: Final = (0.35, 2.0)  # what is divided by; darker shadows stay in the texture

_HAIR_PARTS: Final = ("lashes", "brows")


class PhotoView:
    """A photo seen through its fit.

    places: (V, 7) float32 per vertex: view x, y (pixels), depth (decimetres), facing (cosine), light (3); interpolate
    them over the mesh and hand them to `look`. hair: (VIEW_SIZE, VIEW_SIZE) bool, where the scalp does not
    look like skin; hairy: whether that is enough to call it hair. trust: (VIEW_SIZE, VIEW_SIZE) float32, 0..1, where
    the photo shows skin. grey: whether the photo is black and white.
    """

    def __init__(self, image: UInt8Array, fit: Fit, face_model: FaceModel) -> None:
        coefficients = fit.coefficients
        shape = face_model.shape(coefficients[IDENTITY], coefficients[EXPRESSION])
        world = place(shape, coefficients[ANGLES], coefficients[TRANSLATION]).astype(np.float32)
        normals = VertexNormals(face_model.triangles, face_model.vertex_count)(world)
        self._camera = Camera(VIEW_SIZE, PAPER_FOCAL * VIEW_SIZE / PAPER_SIZE / WIDER)
        crop = fit.crop
        self._window = Crop.around(crop.left + crop.side / 2, crop.top + crop.side / 2, crop.side * WIDER)
        self._photo = self._window.pixels(image, VIEW_SIZE)
        self.grey = bool(np.ptp(self._photo.astype(int), axis=2).mean() < COLOURLESS)
        self._photo_size = (image.shape[1], image.shape[0])

        to_viewer = np.array([0, 0, self._camera.distance], np.float32) - world
        to_viewer /= np.linalg.norm(to_viewer, axis=1, keepdims=True)
        self.places = np.column_stack(
            [
                self._camera.image_points(world),
                self._camera.distance - world[:, 2],
                np.einsum("vc,vc->v", normals, to_viewer),
                irradiance(normals, coefficients[GAMMA]),
            ]
        ).astype(np.float32)
        self._depth = self._depth_map(world, face_model)
        lit = shade(face_model.albedo(coefficients[ALBEDO]), normals, coefficients[GAMMA])
        self.trust, self.hair, self.hairy = self._judge_skin(world, lit.astype(np.float32), face_model)

    def look(self, places: Float32Array) -> tuple[Float32Array, Float32Array]:
        """De-lit sRGB colours (n, 3) and trust (n,) in 0..1 at interpolated `places` (n, 7)."""
        at = places[:, :2]
        nearest = sampled(self._depth, at, cv2.INTER_NEAREST)
        trust = sampled(self.trust, at, cv2.INTER_LINEAR)
        low, high = GRAZING
        facing = np.clip((places[:, 3] - low) / (high - low), 0, 1)
        facing = facing * facing * (3 - 2 * facing)
        seen = places[:, 2] < nearest + BEHIND
        return self.delit(places), (trust * facing * seen).astype(np.float32)

    def delit(self, places: Float32Array) -> Float32Array:
        """De-lit sRGB colours (n, 3) at interpolated `places` (n, 7), whatever is seen there."""
        return sampled(self._photo, places[:, :2], cv2.INTER_CUBIC) / np.clip(places[:, 4:7], *LIGHT_RANGE)

    def from_photo(self, points: Float32Array) -> Float32Array:
        """View positions (..., 2) of photo positions (..., 2)."""
        return self._window.from_picture(points, VIEW_SIZE).astype(np.float32)

    def _inside_of(self) -> NDArray[np.bool_]:
        """The view pixels that lie in the picture."""
        centres = self._window.to_picture(np.arange(VIEW_SIZE)[:, None] + np.array([0.5, 0.5]), VIEW_SIZE)
        columns, rows = (centres > 0).T & (centres < self._photo_size).T
        return np.asarray(rows[:, None] & columns)

    def _depth_map(self, world: Float32Array, face_model: FaceModel) -> Float32Array:
        """Distance along the view to the head's surface, hair aside, at every view pixel (0: nothing there)."""
        hair = [i for i, name in enumerate(face_model.part_names) if name in _HAIR_PARTS]
        solid = face_model.triangles[~np.isin(face_model.triangle_part, hair)]
        raster = rasterize(self._camera.clip(world), solid, VIEW_SIZE)
        distance = (self._camera.distance - world[:, 2:]).astype(np.float32)
        depth = raster.interpolate(distance, solid)[..., 0]
        return np.asarray(cv2.dilate(depth, np.ones((3, 3), np.uint8)))  # a pixel's grace where the surface is steep

    def _judge_skin(
        self, world: Float32Array, lit: Float32Array, face_model: FaceModel
    ) -> tuple[Float32Array, NDArray[np.bool_], bool]:
        """Trust in every view pixel, which pixels are hair, and whether the scalp is hairy at all."""
        raster = rasterize(self._camera.clip(world), face_model.triangles, VIEW_SIZE)
        features = self._camera.image_points(face_model.landmarks68.of(world))[17:]
        hull = cv2.convexHull(features.round().astype(np.int32))
        core = np.asarray(cv2.fillConvexPoly(np.zeros((VIEW_SIZE, VIEW_SIZE), np.uint8), hull, (1,)), dtype=bool)
        face_size = float(np.ptp(features, axis=0).max())

        expected = raster.interpolate(lit, face_model.triangles)
        strange = strange_pixels(self._photo, expected, raster.covered, core, face_size)
        inside = self._inside_of()
        scalp = raster.interpolate(scalp_mask(face_model)[:, None], face_model.triangles)[..., 0] > 0.5
        judged = inset(scalp & inside, face_size / 20)  # the outline is strange on any head: the wall blurs in
        hair = strange & judged
        hairy = judged.sum() > 0.01 * face_size**2 and hair.sum() > HAIRY * judged.sum()
        if hairy:
            strange = strange | scalp  # also the locks that pass for skin
        return skin_trust(strange, raster.covered, core, inside, face_size), hair, bool(hairy)
