"""Where hair grows on a face model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.face.model import FaceModel

Float32Array = NDArray[np.float32]


def scalp_mask(face_model: FaceModel) -> Float32Array:
    """(V,) 0..1: the hairy part of the skin, placed by the 68 points of the mean head.

    Its edge runs a third of the face's height above the brows, and from the temples down behind the ears to the nape.
    """
    points = face_model.landmarks68.of(face_model.mean_shape)
    brow, chin, ear = points[17:27, 1].max(), points[8, 1], points[[0, 16]].mean(axis=0)
    front = points[[21, 22]].mean(axis=0)
    height = brow - chin
    shape = face_model.mean_shape
    back = np.clip((front[2] - shape[:, 2]) / max(front[2] - ear[2], 1e-3), 0.0, 2.0)  # 0 at the brow, 1 at the ear
    line = brow + 0.33 * height - height * (0.05 * np.minimum(back, 0.6) + 0.62 * np.clip(back - 0.6, 0, 1))
    skin = np.zeros(face_model.vertex_count, bool)
    skin[face_model.part_triangles("skin")] = True
    inner = np.abs(shape[:, 0]) < 0.97 * np.abs(shape[:, 0]).max()  # not the rims of the ears
    return (skin * inner / (1 + np.exp(-(shape[:, 1] - line) / (0.045 * height)))).astype(np.float32)
