"""The subject's pictures drawn again from a texture, to see how near they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.raster.rasterizer import Rasterizer
from backend.subject.observer import SKIN
from backend.subject.shot import Shot
from backend.texture.photo_view import LIGHT_RANGE
from models.coefficients import GAMMA
from models.face.shading import VertexNormals, irradiance

Float32Array = NDArray[np.float32]

SAMPLES: Final = 2  # along a side of a pixel


@dataclass(frozen=True, eq=False)
class Placed:
    """One picture's head before it has a texture.

    uv: (n, 2) and light: (n, 3) of the n samples that show it; shown: (2P, 2P) which these are; head: (P, P) 0..1, the
    share of each pixel that is head; skin: (P, P) 0..1, skin and lips alone.
    """

    uv: Float32Array
    light: Float32Array
    shown: NDArray[np.bool_]
    head: Float32Array
    skin: Float32Array

    def sampled(self, image: Float32Array) -> Float32Array:
        """(P, P, C) what the pixels show of a UV image (S, S) or (S, S, C), 0 beside the head."""
        size = len(image)
        at = self.uv * [size, -size] + [0, size] - 0.5
        colours = _remap(image, at.astype(np.float32))
        full = np.zeros((*self.shown.shape, *image.shape[2:]), np.float32)
        full[self.shown] = colours
        return shrunk(full)

    def drawn(self, texture: Float32Array, gain: Float32Array) -> Float32Array:
        """(P, P, 3) lit colours of a texture (S, S, 3), premultiplied by `head`."""
        size = len(texture)
        at = self.uv * [size, -size] + [0, size] - 0.5
        full = np.zeros((*self.shown.shape, 3), np.float32)
        full[self.shown] = _remap(texture, at.astype(np.float32)) * self.light * gain
        return shrunk(np.clip(full, 0, 255))


class Redrawer:
    """Places the head of one shot again and again."""

    def __init__(self, shot: Shot) -> None:
        self._shot, self.view = shot, shot.view
        model = shot.face_model
        strands = [i for i, name in enumerate(model.part_names) if name in ("brows", "lashes")]
        self._drawer = Rasterizer(
            model.triangles, SAMPLES * self.view.size, cull_back=~np.isin(model.triangle_part, strands)
        )
        self._normals = VertexNormals(model.triangles, model.vertex_count)
        self._skin = np.isin(model.triangle_part, [i for i, name in enumerate(model.part_names) if name in SKIN])

    def place(self, index: int) -> Placed:
        """The head of picture `index`."""
        shot, model = self._shot, self._shot.face_model
        world = shot.world(index)
        raster = self._drawer(self.view.clip(world))
        light = np.clip(irradiance(self._normals(world), shot.coefficients[index, GAMMA]), *LIGHT_RANGE)
        shown = raster.covered
        faces, share = raster.triangle_ids[shown], raster.barycentrics[shown]
        skin = np.zeros(shown.shape, np.float32)
        skin[shown] = self._skin[faces]
        return Placed(
            np.einsum("nk,nkc->nc", share, model.uv[model.uv_triangles[faces]]).astype(np.float32),
            np.einsum("nk,nkc->nc", share, light[model.triangles[faces]]).astype(np.float32),
            shown,
            shrunk(shown.astype(np.float32)),
            shrunk(skin),
        )


def shrunk(image: Float32Array) -> Float32Array:
    """Means over each pixel's samples."""
    side = image.shape[0] // SAMPLES
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _remap(image: Float32Array, at: Float32Array) -> Float32Array:
    count, row = len(at), 8192
    folded = np.zeros((-(-count // row) * row, 2), np.float32)
    folded[:count] = at
    result = cv2.remap(
        image, folded.reshape(-1, row, 2), np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(result, dtype=np.float32).reshape(-1, *image.shape[2:])[:count]
