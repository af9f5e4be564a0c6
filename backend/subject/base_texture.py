"""The subject's resting texture: what pictures show, and the calmest picture's unwrapping where they show nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.subject.shot import Shot
from backend.texture.photo_view import PhotoView
from backend.texture.unwrap import rim_weight, smooth_step, unwrap_texture, uv_raster

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

FEATHER: Final = 0.012  # texture sides over which trust fades
OFTEN: Final = (0.5, 3.0)  # pictures' worth of sight between which a texel comes to be believed
REACH: Final = (0.01, 0.03, 0.1, 0.3)  # texture sides over which a difference of colour spreads into what is not seen


class SkinJudge:
    """Tells skin from hair, brows, glasses and what is behind, in a few of a shot's pictures."""

    def __init__(self, shot: Shot, indices: Sequence[int]) -> None:
        self._model = shot.face_model
        self._views = [
            PhotoView(image, shot.fit(index), shot.face_model) for index, image in shot.pictures(_judged(shot, indices))
        ]

    def trust(self, size: int) -> Float32Array:
        """(S, S) 0..1: skin in one of the pictures, away from lids and lip line."""
        model = self._model
        raster = uv_raster(model, size)
        rows, columns = np.nonzero(raster.covered)
        corners = model.triangles[raster.triangle_ids[rows, columns]]
        share = raster.barycentrics[rows, columns]
        skin = np.isin(model.triangle_part, [i for i, n in enumerate(model.part_names) if n in ("skin", "lips")])
        best = np.zeros(len(rows), np.float32)
        for view in self._views:
            _, trust = view.look(np.einsum("nk,nkc->nc", share, view.places[corners]))
            best = np.maximum(best, trust)
        rims = np.einsum("nk,nk->n", share, rim_weight(model)[corners])
        trusted = np.zeros((size, size), np.float32)
        trusted[rows, columns] = best * rims * skin[raster.triangle_ids[rows, columns]]
        return np.minimum(trusted, cv2.GaussianBlur(trusted, (0, 0), max(0.5, FEATHER * size / 2)))


class SubjectBase:
    """trust: (S, S) 0..1, which texels are skin that pictures show."""

    def __init__(self, shot: Shot, indices: Sequence[int], judge: SkinJudge, size: int) -> None:
        self.trust = judge.trust(size)
        calmest = shot.calmest(indices)
        image = next(shot.pictures([calmest]))[1]
        self._unwrapped = unwrap_texture(image, shot.fit(calmest), shot.face_model, size).astype(np.float32)

    def completed(self, seen: Float32Array, weight: Float32Array) -> UInt8Array:
        """(S, S, 3) uint8: `seen` (S, S, 3) where `weight` (S, S) and trust say so, fading into the unwrapped photo.

        The photo's colours are shifted by the difference at the border, which fades out with distance.
        """
        low, high = OFTEN
        share = self.trust * smooth_step((weight - low) / (high - low)).astype(np.float32)
        apart = (seen - self._unwrapped) * share[..., None]
        size = len(seen)
        shift, known = np.zeros_like(apart), np.zeros(share.shape, np.float32)
        for reach in REACH:
            near = cv2.GaussianBlur(share, (0, 0), reach * size)
            colour = cv2.GaussianBlur(apart, (0, 0), reach * size) / np.maximum(near, 1e-4)[..., None]
            fresh = np.clip(near / 0.1, 0, 1) * (1 - known)
            shift += fresh[..., None] * colour
            known += fresh
        filled = self._unwrapped + share[..., None] * (seen - self._unwrapped) + (1 - share[..., None]) * shift
        return np.asarray(np.clip(np.rint(filled), 0, 255), dtype=np.uint8)


def _judged(shot: Shot, indices: Sequence[int]) -> list[int]:
    """The calmest picture, and those that are turned farthest to either side."""
    turns = [float(shot.coefficients[i, 225]) for i in indices]
    picks = {shot.calmest(indices), indices[int(np.argmin(turns))], indices[int(np.argmax(turns))]}
    return sorted(picks)
