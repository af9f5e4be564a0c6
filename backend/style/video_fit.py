"""A followed face becomes coefficients: one identity for the clip, expression and pose for every frame.

Identity is the mean of single fits to frames spread over the clip. Then each frame is a bounded maximum a posteriori
fit of expression and pose alone, started from the frame before (`backend.fitting.landmark_fit` has the terms).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from backend.crop import Crop
from backend.fitting.fit import fit_geometry
from backend.fitting.landmark_fit import (
    DEPTH_SIGMA,
    INDEPENDENT_POINTS,
    OUTLIER,
    Geometry,
    Observation,
    centred,
    fit_landmarks,
    small_turn,
    turn_moves,
    unit_moves,
)
from backend.landmarks import Face
from backend.progress import Progress, silent
from backend.style.face_track import Track
from models.coefficients import FPS, Float32Array, assemble
from models.face.camera import DISTANCE, PAPER_FOCAL, PAPER_SIZE, Camera, angles_of, rotation
from models.face.model import FaceModel, FaceModelError, Landmarks

FloatArray = NDArray[np.float64]

KEY_FRAMES: Final = 8
FRAMING_FRAMES: Final = 3
ACTIVE_SET_STEPS: Final = 20
STEPS: Final = 3  # a frame resembles the one before, which it starts from
FOLLOWS: Final = 0.35  # deviation of a unit's change from frame to frame
SMOOTHING: Final = 0.6  # frames, deviation of the Gaussian over expression; a blink of five frames keeps its depth
POSE_SMOOTHING: Final = 1.5

# Deviations of the units about rest. What the points do not show stays still; what could be somebody's shape as well
# may move less than what only a movement explains.
_DEVIATIONS: Final = (
    (("tongue", "pupil", "neck", "lipBite", "cheekPuff", "nostril", "jawForward", "mouthRoll"), 0.01),
    (("jawLeft", "jawRight", "mouthLeft", "mouthRight", "noseSneer", "mouthShrug", "upperLipRaise"), 0.08),
    (("mouthPress", "mouthDimple", "mouthClose", "lipPress", "mouthStretch", "mouthFrown"), 0.15),
    (("lipFlare", "mouthFunnel", "eyeWide", "browOuter", "cheekSquint", "eyeSquint"), 0.2),
)
_DEVIATION: Final = 0.4
_TWINS: Final = 0.08  # deviation of left from right


@dataclass(frozen=True, eq=False)
class Followed:
    """A followed face, picture by picture and not smoothed.

    seconds: (T,); crop: where the coefficients' 224 frame lies in the pictures; identity: (80,); expression: (T, 64)
    in 0..1; angles, translation: (T, 3).
    """

    seconds: FloatArray
    crop: Crop
    identity: FloatArray
    expression: FloatArray
    angles: FloatArray
    translation: FloatArray

    def smoothed(self, expression: float, pose: float) -> Followed:
        """The same with curves smoothed by Gaussians of so many frames."""
        return replace(
            self,
            expression=np.clip(_smooth(self.expression, expression), 0, 1),
            angles=_smooth(np.unwrap(self.angles, axis=0), pose),
            translation=_smooth(self.translation, pose),
        )

    def coefficients(self, seconds: FloatArray | None = None) -> Float32Array:
        """(T, 257) at its own times or at other `seconds` in between; albedo and light are 0."""

        def at(curves: FloatArray) -> Float32Array:
            if seconds is None:
                return curves.astype(np.float32)
            columns = [np.interp(seconds, self.seconds, column) for column in curves.T]
            return np.stack(columns, axis=1).astype(np.float32)

        return assemble(
            self.identity.astype(np.float32),
            at(self.expression),
            np.zeros(80, np.float32),
            at(self.angles),
            np.zeros(27, np.float32),
            at(self.translation),
        )


def fit_track(track: Track, face_model: FaceModel, progress: Progress = silent) -> Float32Array:
    """Coefficients (T, 257) at 25 frames a second of a followed face; albedo and light stay 0.

    Raises:
        FaceModelError: the face model has no MediaPipe landmarks or no named expression units.
    """
    times = track.seconds
    followed = fit_pictures(track, face_model, progress).smoothed(SMOOTHING, POSE_SMOOTHING)
    return followed.coefficients(np.arange(times[0], times[-1] + 1e-6, 1 / FPS))


def fit_pictures(
    track: Track, face_model: FaceModel, progress: Progress = silent, *, known: int | None = None
) -> Followed:
    """Expression and pose in every picture of a followed face, with one identity, that of the first `known` pictures.

    Raises:
        FaceModelError: the face model has no MediaPipe landmarks or no named expression units.
    """
    landmarks = face_model.landmarks478
    if landmarks is None or "jawOpen" not in face_model.expression_names:
        raise FaceModelError(
            f"{face_model.name} cannot be fitted to footage: it lacks MediaPipe's points or ARKit's units"
        )
    crop, scale, identity, start = _who(track.points[:known], landmarks, face_model)
    fitter = _FrameFit(landmarks, face_model, identity, start)
    rows = []
    for done, points in enumerate(track.points, start=1):
        seen = crop.from_picture(points[:, :2], PAPER_SIZE)
        rows.append(fitter.follow(seen, points[:, 2] / scale))
        progress("expression", done, len(track.points))
    expression, angles, translation = (np.array(part) for part in zip(*rows, strict=True))
    return Followed(np.array(track.seconds), crop, identity, expression, angles, translation)


def _who(
    track: list[FloatArray], landmarks: Landmarks, face_model: FaceModel
) -> tuple[Crop, float, FloatArray, Geometry]:
    """The frame in which the clip is fitted, its pixels per decimetre, the identity (80,), and the first geometry."""
    chosen = np.unique(np.linspace(0, len(track) - 1, KEY_FRAMES).astype(int))
    faces = [
        Face(points[:, :2].astype(np.float32), points[:, 2].astype(np.float32), "mediapipe478", 1.0)
        for points in (track[i] for i in chosen)
    ]
    framing = faces[:: max(1, len(faces) // FRAMING_FRAMES)]
    crops = [fit_geometry(face, landmarks, face_model)[0] for face in framing]
    left, top, side = np.median([(crop.left, crop.top, crop.side) for crop in crops], axis=0)
    crop = Crop(float(left), float(top), float(side))
    scale = crop.side / PAPER_SIZE * PAPER_FOCAL / DISTANCE
    weight = landmarks.confidence.astype(np.float64)
    turn: FloatArray = np.eye(3)
    fits = []
    for face in faces:
        assert face.depth is not None
        points = crop.from_picture(face.points.astype(np.float64), PAPER_SIZE)
        fits.append(
            fit_landmarks(
                Observation(points, face.depth.astype(np.float64) / scale, weight), landmarks, face_model, turn
            )
        )
        turn = np.asarray(rotation(fits[-1].angles))
    return crop, scale, np.mean([fit.identity for fit in fits], axis=0), fits[0]


class _FrameFit:
    """Expression and pose, frame after frame, of a head whose shape is known."""

    def __init__(self, landmarks: Landmarks, face_model: FaceModel, identity: FloatArray, start: Geometry) -> None:
        self._base = landmarks.of(face_model.shape(identity.astype(np.float32))).astype(np.float64)
        self._basis = landmarks.of(face_model.expression_basis).astype(np.float64)  # (64, n, 3)
        weight = landmarks.confidence.astype(np.float64)
        self._certain = np.sqrt(weight * min(1.0, INDEPENDENT_POINTS / max(np.count_nonzero(weight), 1)))
        self._prior = unit_precision(face_model.expression_names)
        self._expression = start.expression.copy()
        self._turn = np.asarray(rotation(start.angles), dtype=np.float64)
        self._translation = start.translation.copy()

    def follow(self, points: FloatArray, depth: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Expression (64,), angles (3,) and translation (3,) of the next frame: points (n, 2), depth (n,)."""
        before = self._expression.copy()
        for _ in range(STEPS):
            step = self._step(points, depth, before)
            self._expression = np.clip(self._expression + step[:64], 0.0, 1.0)
            self._turn = small_turn(step[64:67]) @ self._turn
            self._translation = self._translation + step[67:]
            if np.abs(step).max() < 1e-3:
                break
        return self._expression, angles_of(self._turn).astype(np.float64), self._translation

    def _step(self, points: FloatArray, depth: FloatArray, before: FloatArray) -> FloatArray:
        turned = (self._base + np.tensordot(self._expression, self._basis, axes=1)) @ self._turn.T
        world = turned + self._translation
        x, y, z = world.T
        wrong = points - Camera.paper().image_points(world)
        root = self._certain / np.hypot(1.0, np.linalg.norm(wrong, axis=1) / OUTLIER)
        moves = np.concatenate([self._basis @ self._turn.T, turn_moves(turned), unit_moves(len(turned))])  # (70, n, 3)
        gain = PAPER_FOCAL / (DISTANCE - z)
        across = gain * (moves[..., 0] + moves[..., 2] * x / (DISTANCE - z)) * root
        down = -gain * (moves[..., 1] + moves[..., 2] * y / (DISTANCE - z)) * root
        along = centred(moves[..., 2], root) * (root / DEPTH_SIGMA)
        rows = np.concatenate([across, down, along], axis=1)
        residual = np.concatenate(
            [wrong[:, 0] * root, wrong[:, 1] * root, centred(depth - z, root) * (root / DEPTH_SIGMA)]
        )
        normal = rows @ rows.T
        target = rows @ residual
        normal[:64, :64] += self._prior + np.eye(64) / FOLLOWS**2
        target[:64] -= self._prior @ self._expression + (self._expression - before) / FOLLOWS**2
        return bounded_step(normal, target, self._expression)


def bounded_step(normal: FloatArray, target: FloatArray, expression: FloatArray) -> FloatArray:
    """The step (70,) that solves the normal equations with the expression kept within 0..1 (an active-set method)."""
    low, high = np.full(70, -np.inf), np.full(70, np.inf)
    low[:64], high[:64] = -expression, 1 - expression
    step, held = np.zeros(70), np.zeros(70, dtype=bool)
    for _ in range(ACTIVE_SET_STEPS):
        free = ~held
        known = target[free] - normal[np.ix_(free, held)] @ step[held]
        step[free] = np.linalg.solve(normal[np.ix_(free, free)], known)
        outside = (step < low) | (step > high)
        if outside.any():
            step, held = np.clip(step, low, high), held | outside
            continue
        pull = target - normal @ step
        released = held & np.where(step <= low, pull > 1e-9, pull < -1e-9)
        if not released.any():
            break
        held &= ~released
    return np.clip(step, low, high)


def unit_precision(names: tuple[str, ...]) -> FloatArray:
    """Precision (64, 64) of the units about rest: each alone, and left against right."""
    deviation = np.full(64, _DEVIATION)
    for prefixes, value in _DEVIATIONS:
        deviation[[i for i, name in enumerate(names) if name.startswith(prefixes)]] = value
    precision = np.diag(deviation**-2)
    for i, name in enumerate(names):
        twin = name[:-4] + "Right" if name.endswith("Left") else ""
        if twin in names and not name.startswith(("jaw", "mouthLeft", "eyeLook")):
            row = np.zeros(64)
            row[[i, names.index(twin)]] = 1 / _TWINS, -1 / _TWINS
            precision += np.outer(row, row)
    return precision


def _smooth(curves: FloatArray, deviation: float) -> FloatArray:
    return np.asarray(gaussian_filter1d(curves, deviation, axis=0, mode="nearest")) if deviation else curves
