"""Pose and expression of every picture from its pixels: the landmarks' fit, moved until the texture lies still.

Landmarks of brows and chin follow only part of what they do, and the rest is taken for a nod. Here points of the skin,
with the colours that the pictures have in the mean, are moved by Gauss-Newton so that the picture shows these colours
where the points are (Lucas and Kanade 1981, on the head's own modes of motion). Folds, which the mean texture does not
have, lose their weight (Cauchy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.fitting.landmark_fit import small_turn, turn_moves, unit_moves
from backend.progress import Progress, silent
from backend.style.video_fit import bounded_step, unit_precision
from backend.subject.observer import Observer
from backend.subject.shot import Shot
from backend.texture.photo_view import LIGHT_RANGE
from backend.texture.projection import sampled
from models.coefficients import ANGLES, EXPRESSION, GAMMA, IDENTITY, TRANSLATION
from models.face.camera import DISTANCE, PAPER_FOCAL, PAPER_SIZE, angles_of, rotation
from models.face.shading import VertexNormals, irradiance

Float32Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]
UInt8Array = NDArray[np.uint8]

TEXELS: Final = 160  # along a side of the texture whose points are moved
STEPS: Final = 6
SOFT: Final = 1.0  # pixels over which the picture is smoothed before its slope is taken
NOISE: Final = 6.0  # sRGB steps
INDEPENDENT: Final = 700  # points: neighbours err together
TURN: Final = 0.03  # radians, deviation of the pose from the landmarks'
SHIFT: Final = 0.05  # decimetres


def refine(
    shot: Shot, learn_from: Sequence[int], indices: Sequence[int], progress: Progress = silent, stage: str = "refine"
) -> Shot:
    """`shot` with the fits of the pictures `indices` refined against the mean of the pictures `learn_from`."""
    points = _Points(shot, mean_texture(shot, learn_from))
    coefficients = shot.coefficients.copy()
    for done, (index, image) in enumerate(shot.pictures(indices), start=1):
        coefficients[index] = points.refined(index, image)
        progress(stage, done, len(indices))
    return replace(shot, coefficients=coefficients)


def mean_texture(shot: Shot, indices: Sequence[int]) -> tuple[Float32Array, Float32Array]:
    """The mean texture (S, S, 3) of pictures and how often each texel was seen, (S, S)."""
    observer = Observer(shot, TEXELS)
    total, weight = np.zeros((TEXELS, TEXELS, 3), np.float32), np.zeros((TEXELS, TEXELS), np.float32)
    for index, image in shot.pictures(indices):
        seen = observer(index, image)
        total += seen.weight[..., None] * seen.texture
        weight += seen.weight
    return total / np.maximum(weight, 1e-6)[..., None], weight


class _Points:
    """Points of the skin with their colours, moved to where a picture shows them."""

    def __init__(self, shot: Shot, texture: tuple[Float32Array, Float32Array]) -> None:
        self._shot, self._view = shot, shot.view
        self._observer = Observer(shot, TEXELS)
        corners, share, self._texels = self._observer.skin_texels()
        known = texture[1][self._texels] > 1.0
        corners, share = corners[known], share[known]
        self._texels = self._texels[0][known], self._texels[1][known]
        self._grey = texture[0][self._texels].mean(axis=1).astype(np.float64)
        model = shot.face_model
        shape = model.shape(shot.coefficients[0, IDENTITY])
        self._base = np.einsum("nk,nkc->nc", share, shape[corners]).astype(np.float64)
        self._basis = np.stack([np.einsum("nk,nkc->nc", share, each[corners]) for each in model.expression_basis])
        self._basis = self._basis.astype(np.float32)
        self._corners, self._share = corners, share
        self._normals = VertexNormals(model.triangles, model.vertex_count)
        self._precision = unit_precision(model.expression_names)
        self._scale = shot.crop.side / PAPER_SIZE * self._view.size / self._view.window.side

    def refined(self, index: int, image: UInt8Array) -> Float32Array:
        """Coefficients (257,) of picture `index`, which is `image`."""
        row = self._shot.coefficients[index]
        seen = self._observer(index, image).weight[self._texels].astype(np.float64)
        if not seen.any():
            return row
        normals = self._normals(self._shot.world(index))
        light = np.clip(irradiance(normals, row[GAMMA]), *LIGHT_RANGE).mean(axis=1)
        lit = self._grey * np.einsum("nk,nk->n", self._share, light[self._corners])
        picture = self._view.window.pixels(image, self._view.size).astype(np.float32).mean(axis=2)
        soft = cv2.GaussianBlur(picture, (0, 0), SOFT)
        slopes = np.dstack([soft, *(cv2.Sobel(soft, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))])

        start = row[EXPRESSION].astype(np.float64)
        expression = start.copy()
        turn, shift = np.asarray(rotation(row[ANGLES]), np.float64), row[TRANSLATION].astype(np.float64)
        moved = np.zeros(6)
        for _ in range(STEPS):
            step = self._step(slopes, lit, seen, expression, turn, shift, start, moved)
            expression = np.clip(expression + step[:64], 0, 1)
            turn, shift = small_turn(step[64:67]) @ turn, shift + step[67:]
            moved += step[64:]
            if np.abs(step).max() < 2e-3:
                break
        better = row.copy()
        better[EXPRESSION], better[ANGLES], better[TRANSLATION] = expression, angles_of(turn), shift
        return better

    def _step(
        self,
        slopes: Float32Array,
        lit: FloatArray,
        seen: FloatArray,
        expression: FloatArray,
        turn: FloatArray,
        shift: FloatArray,
        start: FloatArray,
        moved: FloatArray,
    ) -> FloatArray:
        turned = ((self._base + np.tensordot(expression, self._basis, axes=1)) @ turn.T).astype(np.float64)
        world = turned + shift
        depth = DISTANCE - world[:, 2]
        at = sampled(slopes, self._view.points(world).astype(np.float32), cv2.INTER_LINEAR).astype(np.float64)
        well = seen > 0.5 * seen.max()
        gain = np.median(at[well, 0] / np.maximum(lit[well], 1.0))
        wrong = gain * lit - at[:, 0]
        weight = seen / (1 + (wrong / (2 * NOISE)) ** 2) / NOISE**2
        weight *= min(1.0, INDEPENDENT / max(float(seen.sum()), 1.0))
        # The picture's change at each point per step of it in the world, then per step of each unknown.
        zoom = PAPER_FOCAL * self._scale / depth
        right, down = zoom * at[:, 1], -zoom * at[:, 2]
        slope = np.column_stack([right, down, (right * world[:, 0] + down * world[:, 1]) / depth])
        rigid = [np.einsum("knc,nc->kn", moves, slope) for moves in (turn_moves(turned), unit_moves(len(turned)))]
        change = np.concatenate([self._moving(slope @ turn), *rigid]).astype(np.float32)  # (70, n)
        weighted = change * weight.astype(np.float32)
        normal, target = (weighted @ change.T).astype(np.float64), weighted @ wrong
        normal[:64, :64] += self._precision
        target[:64] -= self._precision @ (expression - start)
        pull = np.array([TURN**-2] * 3 + [SHIFT**-2] * 3)
        normal[range(64, 70), range(64, 70)] += pull
        target[64:] -= pull * moved
        return bounded_step(normal, target, expression)

    def _moving(self, slope: FloatArray) -> Float32Array:
        """(64, n) how the picture changes at each point with each unit, for its slope (n, 3) in the head's frame."""
        return np.einsum("knc,nc->kn", self._basis, slope.astype(np.float32), optimize=True)
