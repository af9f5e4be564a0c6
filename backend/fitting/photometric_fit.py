"""Pixels to light and skin colour: spherical-harmonics light and albedo coefficients for a known geometry.

Colour = albedo · (SH basis · light) (SPEC 5.5), solved by Gauss-Newton for both together: in turns, whichever comes
first would take all the brightness. How bright skin is against how bright the light is, only their priors can tell.
Pixels that the model cannot explain (hair, glasses, highlights) lose their weight (Cauchy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.crop import Crop
from backend.raster.rasterizer import rasterize
from models.face.camera import Camera
from models.face.model import FaceModel
from models.face.shading import VertexNormals, gamma_of, sh_basis

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

SKIN: Final = ("skin", "lips")
VIEW_SIZE: Final = 160  # pixels; smooth unknowns need few
ROUNDS: Final = 8
LIGHT_FIRST: Final = 3  # rounds with the mean albedo, to find hair out before the albedo imitates it
NOISE: Final = 12.0  # sRGB steps: pores, beard, the model's simplicity
INDEPENDENT_PIXELS: Final = 60
STEEPEST: Final = 0.25  # cosine to the viewer below which a pixel mixes with what is behind

# The unknowns: nine numbers of light, a tint of it for each colour (light is nearly white: skin takes the colour), and
# the albedo. Photos are exposed for white, so the constant band is rather well known: dark skin is not taken for shade.
_ALBEDO: Final = slice(36, 116)
_START: Final = np.zeros(116)
_START[0] = 1.15
_SIGMA: Final = np.concatenate([[0.12], [0.35] * 3, [0.12] * 5, np.full(27, 0.06), np.ones(80)])


@dataclass(frozen=True, eq=False)
class Appearance:
    """gamma (27,), albedo (80,), and the mean absolute error in sRGB steps over the pixels that count."""

    gamma: Float32Array
    albedo: Float32Array
    error: float


def fit_appearance(image: UInt8Array, crop: Crop, world: Float32Array, face_model: FaceModel) -> Appearance:
    """Light and albedo that make the placed head `world` (V, 3) look like `image`.

    crop: the 224 frame in the picture. Only what lies between jaw line and brows is looked at: above there may be hair.
    """
    pixels = _skin_pixels(image, crop, world, face_model)
    weight = pixels.trust
    unknown = _START.copy()
    for turn in range(ROUNDS):
        unknown = _step(pixels, unknown, weight, light_only=turn < LIGHT_FIRST)
        wrong = np.abs(pixels.shaded(unknown) - pixels.colour).mean(axis=1)
        weight = pixels.trust / (1.0 + (wrong / (2 * NOISE)) ** 2)
    error = float(np.average(wrong, weights=np.maximum(weight, 1e-9)))
    return Appearance(gamma_of(_light(unknown)), unknown[_ALBEDO].astype(np.float32), error)


@dataclass(frozen=True, eq=False)
class _Pixels:
    """Skin pixels: colour (n, 3), SH basis (n, 9), mean albedo (n, 3) and its basis (80, n, 3), trust (n,)."""

    colour: NDArray[np.float64]
    basis: NDArray[np.float64]
    mean_albedo: NDArray[np.float64]
    albedo_basis: NDArray[np.float64]
    trust: NDArray[np.float64]

    def albedo(self, unknown: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.mean_albedo + np.tensordot(unknown[_ALBEDO], self.albedo_basis, axes=1)

    def shaded(self, unknown: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.albedo(unknown) * (self.basis @ _light(unknown))


def _skin_pixels(image: UInt8Array, crop: Crop, world: Float32Array, face_model: FaceModel) -> _Pixels:
    camera = Camera.paper(VIEW_SIZE)
    raster = rasterize(camera.clip(world), face_model.triangles, VIEW_SIZE)
    photo = crop.pixels(image, VIEW_SIZE)
    skin = np.isin(
        face_model.triangle_part, [face_model.part_names.index(p) for p in SKIN if p in face_model.part_names]
    )
    rows, columns = np.nonzero(raster.covered)
    keep = skin[raster.triangle_ids[rows, columns]]
    rows, columns = rows[keep], columns[keep]
    corners = face_model.triangles[raster.triangle_ids[rows, columns]]
    share = raster.barycentrics[rows, columns].astype(np.float64)

    normals = VertexNormals(face_model.triangles, face_model.vertex_count)(world)
    normal = np.einsum("nk,nkc->nc", share, normals[corners])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    to_viewer = np.array([0, 0, camera.distance]) - np.einsum("nk,nkc->nc", share, world[corners])
    facing = np.einsum("nc,nc->n", normal, to_viewer / np.linalg.norm(to_viewer, axis=1, keepdims=True))

    place = crop.to_picture(np.stack([columns + 0.5, rows + 0.5], axis=1), VIEW_SIZE)
    inside = np.all((place > 0) & (place < [image.shape[1], image.shape[0]]), axis=1)
    outline = camera.image_points(face_model.landmarks68.of(world))
    hull = cv2.convexHull(outline.round().astype(np.int32))
    face = np.asarray(cv2.fillConvexPoly(np.zeros((VIEW_SIZE, VIEW_SIZE), np.uint8), hull, (1,)))
    good = inside & (facing > STEEPEST) & (face[rows, columns] > 0)
    corners, share = corners[good], share[good]
    basis = np.stack([np.einsum("nk,nkc->nc", share, each[corners]) for each in face_model.albedo_basis])
    return _Pixels(
        colour=photo[rows[good], columns[good]].astype(np.float64),
        basis=sh_basis(normal[good]).astype(np.float64),
        mean_albedo=np.einsum("nk,nkc->nc", share, face_model.mean_albedo[corners]),
        albedo_basis=basis,
        trust=facing[good],
    )


def _light(unknown: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light (9, 3): what is common to the colours and a small tint of each."""
    return unknown[:9, None] + unknown[9:36].reshape(3, 9).T


def _step(
    pixels: _Pixels, unknown: NDArray[np.float64], weight: NDArray[np.float64], light_only: bool
) -> NDArray[np.float64]:
    """One Gauss-Newton step of light (9), tints (27) and albedo (80), each with its Gaussian prior."""
    normal = np.diag(1.0 / _SIGMA**2)
    target = (_START - unknown) / _SIGMA**2
    certain = weight * _share(weight) / NOISE**2
    albedo, shading = pixels.albedo(unknown), pixels.basis @ _light(unknown)
    missing = pixels.colour - albedo * shading
    for channel in range(3):
        lit = pixels.basis * albedo[:, channel : channel + 1]
        rows = np.zeros((len(lit), len(unknown)))
        rows[:, :9] = lit
        rows[:, 9 + 9 * channel : 18 + 9 * channel] = lit
        if not light_only:
            rows[:, _ALBEDO] = (pixels.albedo_basis[:, :, channel] * shading[:, channel]).T
        weighted = rows * certain[:, None]
        normal += rows.T @ weighted
        target += weighted.T @ missing[:, channel]
    moved = unknown + np.linalg.solve(normal, target)
    moved[_ALBEDO] = np.clip(moved[_ALBEDO], -3.0, 3.0)
    return moved


def _share(weight: NDArray[np.float64]) -> float:
    """Neighbouring pixels err together: all of them count like `INDEPENDENT_PIXELS`."""
    return min(1.0, INDEPENDENT_PIXELS / max(float(weight.sum()), 1.0))
