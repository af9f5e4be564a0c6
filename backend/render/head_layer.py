"""Whole heads in their model's own colours, as buffers for a renderer: what is drawn without a photo."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.lighting.light import Light
from backend.raster.rasterizer import Rasterizer
from backend.render import term_kernels
from backend.render.buffers import GROUP_OF, GROUPS, TERMS, Buffers
from backend.render.lamp_light import CASTERS, LampLight
from backend.render.view import View
from models.face.camera import DISTANCE
from models.face.model import FaceModel
from models.face.shading import VertexNormals

Float32Array = NDArray[np.float32]

SAMPLES: Final = 3  # along a side of a pixel


class HeadLayer:
    """Draws heads of one face model into pictures of one size."""

    def __init__(self, model: FaceModel, size: int, *, device: str = "cpu") -> None:
        """size: pixels a side."""
        self._model, self._size = model, size
        self._normals = VertexNormals(model.triangles, model.vertex_count)
        cull = ~np.isin(np.array(model.part_names)[model.triangle_part], ("lashes", "brows"))  # seen from both sides
        self._drawer = Rasterizer(model.triangles, size * SAMPLES, cull_back=cull, device=device)
        self._lamps = LampLight(casters_of(model), device=device)
        groups = np.array([GROUP_OF.get(name, 0) for name in model.part_names], np.int32)
        with wp.ScopedDevice(self._drawer.device):
            self._group: Any = wp.array(groups[model.triangle_part], dtype=wp.int32)
            self._nowhere: Any = wp.zeros(model.vertex_count, dtype=wp.vec4)
            self._whole: Any = wp.array(np.ones((2, 2, 4), np.float32), dtype=wp.vec4)

    def draw(self, world: Float32Array, colours: Float32Array, view: View, light: Light) -> Buffers:
        """Buffers (S, S) of a head (V, 3) in sRGB colours (V, 3), 0..255, seen by `view` under `light`."""
        normals = self._normals(world).astype(np.float32)
        depth = DISTANCE - world[:, 2:3]
        terms = self._lamps.on(world, normals, light.lobes)
        open_ = self._lamps.openness(world, normals)[:, None]
        lit = colours * light.on(normals)
        attributes = np.concatenate([lit, colours, normals, depth, terms, np.zeros_like(depth), open_], axis=1)
        out = self._gathered(view.clip(world), np.ascontiguousarray(attributes, np.float32))
        first, alpha = 10, out[..., 10 + TERMS]
        return Buffers(
            lambert=out[..., 0:3],
            albedo=out[..., 3:6],
            normal=out[..., 6:9],
            depth=out[..., 9],
            alpha=alpha,
            parts=out[..., first + TERMS + 1 :],
            light=light,
            terms=out[..., first : first + TERMS],
            rays=view.rays(),
        )

    def _gathered(self, clip: Float32Array, attributes: Float32Array) -> Float32Array:
        drawer, device = self._drawer, self._drawer.device
        drawer.draw(clip, resolve=False)
        size, channels = self._size, attributes.shape[1] + 1 + len(GROUPS)
        out: Any = wp.zeros((size, size, channels), dtype=wp.float32, device=device)
        table: Any = wp.array(attributes, dtype=wp.float32, device=device)
        inputs = [drawer.keys, drawer.edges, drawer.triangles, self._group, self._nowhere, self._whole, table, SAMPLES]

        def gather(first: int, end: int) -> None:
            first, end = first // SAMPLES, end // SAMPLES
            wp.launch(
                term_kernels.gather_attributes,
                dim=(end - first, size),
                inputs=[*inputs, first],
                outputs=[out],
                device=device,
            )

        drawer.each_band(gather)
        return np.asarray(out.numpy(), np.float32)


def casters_of(model: FaceModel) -> NDArray[np.int32]:
    """The triangles (F, 3) that throw shadows."""
    return model.part_triangles(*(name for name in CASTERS if name in model.part_names))
