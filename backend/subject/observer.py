"""What a picture of the subject says about their texture: colours on the UV square, the light taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.subject.shot import Shot
from backend.texture.photo_view import LIGHT_RANGE
from backend.texture.projection import Projector, Seen
from backend.texture.unwrap import uv_raster
from models.coefficients import GAMMA
from models.face.model import FaceModel
from models.face.shading import VertexNormals, irradiance

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

SKIN: Final = ("skin", "lips")
HAIR: Final = ("brows", "lashes")


class Observer:
    """Looks at one shot's pictures, texture by texture of `size` texels a side."""

    def __init__(self, shot: Shot, size: int) -> None:
        self._shot, self._view = shot, shot.view
        model = bare(shot.face_model)
        self._model, self._size = model, size
        self._project = Projector(model, size, self._view.size, parts=SKIN)
        self._normals = VertexNormals(model.triangles, model.vertex_count)
        self._raster = uv_raster(model, size)

    def __call__(self, index: int, image: UInt8Array) -> Seen:
        """De-lit sRGB colours and their weights from picture `index`, which is `image` (H, W, 3); less if it moves."""
        world = self._shot.world(index)
        picture = self._view.window.pixels(image, self._view.size).astype(np.float32)
        seen = self._project(picture, world, self._view, self.inside(image.shape))
        light = irradiance(self._normals(world), self._shot.coefficients[index, GAMMA])
        fall = self._raster.interpolate(light.astype(np.float32), self._model.triangles, 1.0)
        return Seen(seen.texture / np.clip(fall, *LIGHT_RANGE), seen.weight * np.float32(self._shot.steadiness(index)))

    def skin_texels(self) -> tuple[NDArray[np.int32], Float32Array, tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Vertices (n, 3), shares (n, 3), and (rows, columns) of the texels that are skin or lips."""
        faces = self._raster.triangle_ids
        skin = [i for i, name in enumerate(self._model.part_names) if name in SKIN]
        rows, columns = np.nonzero(self._raster.covered & np.isin(self._model.triangle_part[faces], skin))
        return (
            self._model.triangles[faces[rows, columns]],
            self._raster.barycentrics[rows, columns],
            (rows, columns),
        )

    def inside(self, shape: tuple[int, ...]) -> Float32Array:
        """(P, P) 1 where the window lies inside of the picture."""
        window, size = self._view.window, self._view.size
        centres = window.to_picture(np.arange(size)[:, None] + np.array([0.5, 0.5]), size)
        columns, rows = ((centres > 0.5) & (centres < np.array([shape[1], shape[0]]) - 0.5)).T
        return np.asarray(rows[:, None] & columns, dtype=np.float32)


def bare(face_model: FaceModel) -> FaceModel:
    """`face_model` without the hair of its own, which the subject does not have."""
    keep = ~np.isin(face_model.triangle_part, [i for i, n in enumerate(face_model.part_names) if n in HAIR])
    return replace(
        face_model,
        triangles=face_model.triangles[keep],
        uv_triangles=face_model.uv_triangles[keep],
        triangle_part=face_model.triangle_part[keep],
    )
