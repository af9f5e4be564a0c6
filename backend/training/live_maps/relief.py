"""Height of grooves at texels, in millimetres: many lines across the strain, or one fold along landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d, map_coordinates
from scipy.spatial import cKDTree

from backend.texture.unwrap import smooth_step
from backend.training.live_maps.recipes import Fold, Lines
from backend.training.live_maps.strain import Skin, Strain
from models.face.model import FaceModel

Floats = NDArray[np.float64]

MM: float = 0.01  # decimetres
NOISE_CELLS: int = 48
SAMPLES: int = 200


def line_height(
    face_model: FaceModel, skin: Skin, strain: Strain, lines: Lines, points: Floats, corners: tuple[Floats, Floats]
) -> Floats:
    """(n,) at texels that rest at `points` (n, 3), decimetres, and lie between vertices `corners` ((n, 3), (n, 3)
    indices and shares)."""
    index, share = corners
    pull = _pull(skin, strain, lines)
    amount = (pull[1][index.astype(int)] * share).sum(axis=1)
    places = _landmarks(face_model, lines.places)
    distance = cKDTree(places).query(points)[0] / MM
    amount = smooth_step(amount / 0.6) * (1 - smooth_step((distance - lines.near) / (lines.far - lines.near)))
    if lines.dimples:
        pits = noise(points, lines.spacing * MM, 3)
        return -lines.depth * amount * smooth_step((pits + 0.3) / 1.2)
    phase = (skin.phase(*_steps(skin, pull[0], pull[2], lines))[index.astype(int)] * share).sum(axis=1)
    phase = phase + 0.22 * noise(points, 16 * MM, 1) + 0.1 * noise(points, 6 * MM, 2)
    away = np.abs(phase - np.rint(phase))  # 0 in the ground of a groove, 0.5 between two
    groove = np.exp(-((away / (lines.width / 2)) ** 2))
    pad = 0.25 * (0.5 - np.cos(2 * np.pi * away) / 2)
    uneven = np.clip(0.7 + 0.75 * noise(points, 14 * MM, 4), 0.1, 1.3)
    return lines.depth * amount * uneven * (pad - groove)


def fold_height(face_model: FaceModel, skin: Skin, strain: Strain, fold: Fold, points: Floats) -> Floats:
    """(n,) at texels that rest at `points` (n, 3): both sides of the face, deeper where skin is pressed together."""
    pressed = skin.diffused(strain.pressed[:, None], 3 * MM)[:, 0]
    total = np.zeros(len(points))
    for side in (1.0, -1.0):
        curve = _curve(face_model, skin, fold.path, side)
        force = pressed[cKDTree(skin.shape).query(curve)[1]]
        force = 0.75 + 0.25 * np.clip(force / max(np.quantile(force, 0.8), 1e-6), 0, 1)
        along = np.linspace(0, 1, SAMPLES)
        ends = smooth_step(np.minimum(along, 1 - along) / 0.17)
        distance, nearest = cKDTree(curve).query(points)
        distance = distance / MM * (1 + 0.12 * noise(points, 8 * MM, 5))
        depth = (force * ends)[nearest]
        groove = np.exp(-((distance / fold.width) ** 2))
        pad = fold.rise * np.exp(-(((distance - 2.6 * fold.width) / (1.3 * fold.width)) ** 2))
        here = fold.depth * depth * (pad - groove)
        total = np.where(np.abs(here) > np.abs(total), here, total)
    return total


def noise(points: Floats, size: float, seed: int) -> Floats:
    """(n,) smooth noise of about -1..1 in space, with bumps of about `size` decimetres."""
    lattice = np.random.default_rng(seed).uniform(-1.5, 1.5, (NOISE_CELLS,) * 3)
    where = (points / size + NOISE_CELLS / 2).T
    return np.clip(map_coordinates(lattice, where, order=3, mode="grid-wrap"), -1, 1)


def _pull(skin: Skin, strain: Strain, lines: Lines) -> tuple[Floats, Floats, Floats]:
    """Direction (F, 3) of the pressing, spread beyond the mesh's own, its amount (V,) at most about 1, and (F,)."""
    d = strain.direction
    tensors = strain.pressed[:, None] * np.einsum("fi,fj->fij", d, d).reshape(-1, 9)
    spread = skin.diffused(tensors, lines.spread * MM)
    amount = np.trace(spread.reshape(-1, 3, 3), axis1=1, axis2=2)
    amount = amount / max(np.quantile(amount[amount > 0], 0.97), 1e-9)
    directions = np.linalg.eigh(skin.at_triangles(spread).reshape(-1, 3, 3))[1][:, :, 2]
    return skin.tangent(directions), amount, skin.at_triangles(amount)


def _steps(skin: Skin, direction: Floats, amount: Floats, lines: Lines) -> tuple[Floats, Floats]:
    """What the phase's gradient should be (F, 3), one a spacing, all counted the same way, and how much so (F,)."""
    sign = np.sign(direction @ np.array(lines.up))
    return direction * sign[:, None] / (lines.spacing * MM), np.clip(amount, 0, 1)


def _curve(face_model: FaceModel, skin: Skin, path: tuple[int, ...], side: float) -> Floats:
    """(SAMPLES, 3) along the landmarks, on the resting skin; of the other side where `side` is -1."""
    points = _landmarks(face_model, path, both=False).astype(np.float64)
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    curve = CubicSpline(length, points)(np.linspace(0, length[-1], SAMPLES)) * [side, 1, 1]
    used = np.unique(skin.triangles)
    distance, nearest = cKDTree(skin.shape[used]).query(curve, k=4)
    share = 1 / (distance + 1e-4)
    on_skin = (skin.shape[used][nearest] * (share / share.sum(1, keepdims=True))[..., None]).sum(axis=1)
    return np.asarray(gaussian_filter1d(on_skin, SAMPLES / 16, axis=0, mode="nearest"))


def _landmarks(face_model: FaceModel, indices: tuple[int, ...], *, both: bool = True) -> Floats:
    assert face_model.landmarks478 is not None
    points = face_model.landmarks478.of(face_model.mean_shape)[list(indices)].astype(np.float64)
    return np.concatenate([points, points * [-1, 1, 1]]) if both else points
