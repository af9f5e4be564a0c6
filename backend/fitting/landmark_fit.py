"""Landmarks to geometry: identity, expression and pose by regularised Gauss-Newton.

The maximum a posteriori estimate under Gaussian priors (as in Blanz and Vetter 1999, with expression beside identity as
in Cao et al. 2014); expressions of a model with named units stay within 0..1 (a bounded linear least-squares problem
per step). Everything happens in the 224-pixel frame of the coefficients' camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from models.face.camera import DISTANCE, PAPER_FOCAL, Camera, angles_of
from models.face.model import FaceModel, Landmarks

Float64Array = NDArray[np.float64]

STEPS: Final = 12
TRUSTING_STEPS: Final = 4  # before outliers are told from a bad start
POINT_SIGMA: Final = 1.0  # pixels of the 224 frame: the detector's own error
OUTLIER: Final = 4.0  # pixels; a point further off (hidden, misplaced on the model) loses its say (Cauchy)
DEPTH_SIGMA: Final = 0.25  # decimetres: MediaPipe's depth is a learned guess
INDEPENDENT_POINTS: Final = 60  # neighbouring mesh points err together; this many carry the information
TRANSLATION_SIGMA: Final = (0.5, 0.5, 1.0)  # decimetres around where the crop puts the head

_STILL: Final = ("tongue", "pupil", "neckTense", "lipBite", "cheekPuff", "nostril", "jawForward")
# What also thins or thickens lips and nose: with little room here, a photo's lips become those of the person.
_SHAPE_LIKE: Final = (
    *("mouthRoll", "mouthPress", "mouthShrug", "mouthPucker", "mouthFunnel", "mouthFrown", "mouthDimple", "mouthClose"),
    *("lipPress", "lipFlare", "upperLipRaise", "noseSneer", "browOuter", "eyeWide"),
)
_SIDEWAYS: Final = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")


@dataclass(frozen=True, eq=False)
class Observation:
    """Landmarks in the 224 frame.

    points: (n, 2) x right, y down, edges on whole numbers; depth: (n,) decimetres towards the camera up to an offset,
    or None; weight: (n,) 0..1.
    """

    points: Float64Array
    depth: Float64Array | None
    weight: Float64Array


@dataclass(frozen=True, eq=False)
class Geometry:
    """identity (80,), expression (64,), angles (3,), translation (3,), and the root-mean-square error of the
    points in pixels, each by the weight it had."""

    identity: Float64Array
    expression: Float64Array
    angles: Float64Array
    translation: Float64Array
    error: float


def weak_perspective(
    model_points: Float64Array, image_points: Float64Array, weight: Float64Array
) -> tuple[float, Float64Array, Float64Array]:
    """Scale (pixels per unit), rotation (3, 3) and image offset (2,) that best map points (n, 3) to the image (n, 2).

    The image's y runs down. Least squares for an affine camera, made a rotation by its polar decomposition.
    """
    upright = image_points * [1.0, -1.0]
    root = np.sqrt(weight)[:, None]
    homogeneous = np.column_stack([model_points, np.ones(len(model_points))])
    affine = np.linalg.lstsq(homogeneous * root, upright * root, rcond=None)[0].T
    scale = float(np.linalg.norm(affine[:, :3], axis=1).mean())
    rows = affine[:, :3] / scale
    u, _, vt = np.linalg.svd(np.vstack([rows, np.cross(rows[0], rows[1])]))
    turn = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    return scale, turn, affine[:, 3] * [1.0, -1.0]


def fit_landmarks(
    observation: Observation, landmarks: Landmarks, face_model: FaceModel, start_turn: Float64Array
) -> Geometry:
    """Fit `face_model` to its `landmarks` as seen; `start_turn` is a first guess of the rotation (3, 3)."""
    return _Problem(observation, landmarks, face_model).solve(start_turn)


class _Problem:
    """One fit: the linear model at the landmarks, what was seen, and the priors."""

    def __init__(self, observation: Observation, landmarks: Landmarks, face_model: FaceModel) -> None:
        basis = np.concatenate([face_model.identity_basis, face_model.expression_basis])
        self.mean = landmarks.of(face_model.mean_shape).astype(np.float64)
        self.basis = landmarks.of(basis).astype(np.float64)  # (144, n, 3)
        self.seen = observation
        share = min(1.0, INDEPENDENT_POINTS / max(np.count_nonzero(observation.weight), 1))
        self.certain = np.sqrt(observation.weight * share)
        self.root = self.certain
        self.prior, self.low, self.high = expression_prior(face_model.expression_names)

    def solve(self, turn: Float64Array) -> Geometry:
        coefficients = np.zeros(144)
        translation = np.zeros(3)
        for done in range(STEPS):
            if done >= TRUSTING_STEPS:
                self.root = self.certain / np.hypot(1.0, self._misses(coefficients, turn, translation) / OUTLIER)
            rows, residual = self._linearise(coefficients, turn, translation)
            step = self._bounded_step(rows, residual, coefficients, translation)
            coefficients = coefficients + step[:144]
            turn = small_turn(step[144:147]) @ turn
            translation = translation + step[147:]
            if np.abs(step).max() < 1e-4:
                break
        misses = self._misses(coefficients, turn, translation)
        error = float(np.sqrt(np.average(misses**2, weights=self.root**2)))
        angles = angles_of(turn).astype(np.float64)
        return Geometry(coefficients[:80], coefficients[80:], angles, translation, error)

    def _world(
        self, coefficients: Float64Array, turn: Float64Array, translation: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        turned = (self.mean + np.tensordot(coefficients, self.basis, axes=1)) @ turn.T
        return turned, turned + translation

    def _linearise(
        self, coefficients: Float64Array, turn: Float64Array, translation: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        """Rows (m, 150) and residual (m,) of the landmark terms: identity, expression, turn, translation."""
        turned, world = self._world(coefficients, turn, translation)
        moves = np.concatenate([self.basis @ turn.T, turn_moves(turned), unit_moves(len(turned))])  # (150, n, 3)
        x, y, z = world.T
        depth = DISTANCE - z
        gain = PAPER_FOCAL / depth
        across = gain * (moves[..., 0] + moves[..., 2] * x / depth)
        down = -gain * (moves[..., 1] + moves[..., 2] * y / depth)
        wrong = (self.seen.points - Camera.paper().image_points(world)) * (self.root / POINT_SIGMA)[:, None]
        rows = [across * (self.root / POINT_SIGMA), down * (self.root / POINT_SIGMA)]
        residual = [wrong[:, 0], wrong[:, 1]]
        if self.seen.depth is not None:
            weight = self.root / DEPTH_SIGMA
            rows.append(centred(moves[..., 2], self.root) * weight)
            residual.append(centred(self.seen.depth - z, self.root) * weight)
        return np.concatenate(rows, axis=1).T, np.concatenate(residual)

    def _bounded_step(
        self, rows: Float64Array, residual: Float64Array, coefficients: Float64Array, translation: Float64Array
    ) -> Float64Array:
        """The step that minimises landmark and prior terms with the expression kept within its bounds."""
        prior_rows, prior_residual = self._prior_terms(coefficients, translation)
        normal = rows.T @ rows + prior_rows.T @ prior_rows
        target = rows.T @ residual + prior_rows.T @ prior_residual
        root = np.linalg.cholesky(normal + 1e-9 * np.eye(len(normal)))
        low = np.concatenate([np.full(80, -3.0), self.low, np.full(6, -np.inf)])
        high = np.concatenate([np.full(80, 3.0), self.high, np.full(6, np.inf)])
        now = np.concatenate([coefficients, np.zeros(6)])
        solution = lsq_linear(
            root.T, np.linalg.solve(root, target), (low - now - 1e-9, high - now + 1e-9), method="bvls"
        )
        return np.asarray(solution.x)

    def _prior_terms(self, coefficients: Float64Array, translation: Float64Array) -> tuple[Float64Array, Float64Array]:
        rows = np.zeros((80 + len(self.prior) + 3, 150))
        rows[:80, :80] = np.eye(80)
        rows[80:-3, 80:144] = self.prior
        rows[-3:, 147:] = np.diag(1.0 / np.array(TRANSLATION_SIGMA))
        residual = -rows @ np.concatenate([coefficients, np.zeros(3), translation])
        return rows, residual

    def _misses(self, coefficients: Float64Array, turn: Float64Array, translation: Float64Array) -> Float64Array:
        """How many pixels each point (n,) is off."""
        _, world = self._world(coefficients, turn, translation)
        return np.asarray(np.linalg.norm(self.seen.points - Camera.paper().image_points(world), axis=1))


def expression_prior(names: tuple[str, ...]) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Prior rows (k, 64) of unit variance, and bounds (64,), (64,).

    Named units run 0..1, rest at 0, and act alike on both sides unless the picture insists; what a photo hardly shows
    (tongue, neck) stays still. An unnamed basis is standard normal.
    """
    if "jawOpen" not in names:
        return np.eye(64), np.full(64, -3.0), np.full(64, 3.0)
    sigma = np.full(64, 0.4)
    for i, name in enumerate(names):
        if name.startswith(_STILL):
            sigma[i] = 0.01
        elif name.startswith((*_SIDEWAYS, *_SHAPE_LIKE)):
            sigma[i] = 0.13
    rows = [np.diag(1.0 / sigma)]
    for i, name in enumerate(names):
        twin = name[:-4] + "Right" if name.endswith("Left") else ""
        if twin in names and not name.startswith((*_SIDEWAYS, "eyeLook")):
            row = np.zeros((1, 64))
            row[0, [i, names.index(twin)]] = 1 / 0.12, -1 / 0.12
            rows.append(row)
    return np.concatenate(rows), np.zeros(64), np.ones(64)


def centred(values: Float64Array, root: Float64Array) -> Float64Array:
    """`values` (..., n) without their weighted mean."""
    return values - np.average(values, weights=root**2, axis=-1)[..., None]


def turn_moves(turned: Float64Array) -> Float64Array:
    """How points (n, 3) move per radian about x, y, z: (3, n, 3)."""
    return np.stack([np.cross(axis, turned) for axis in np.eye(3)])


def unit_moves(count: int) -> Float64Array:
    """How `count` points move per unit along x, y, z: (3, count, 3)."""
    return np.repeat(np.eye(3)[:, None, :], count, axis=1)


def small_turn(vector: Float64Array) -> Float64Array:
    """The rotation about `vector` by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
