"""The face as the rasteriser sees it: the photo on the moving mesh, model colours where the photo shows nothing."""

from __future__ import annotations

from itertools import cycle
from typing import Any, Final

import cv2
import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.crop import Crop
from backend.lighting.light import Light, photo_light
from backend.raster.rasterizer import Rasterizer
from backend.render import kernels, term_kernels
from backend.render.blend_mask import Tile, blend_mask, face_width, tile_around
from backend.render.buffers import GROUP_OF, GROUPS, TERMS, Buffers
from backend.render.lamp_light import CASTERS, LampLight
from backend.render.photo_colours import OUTER, PhotoColours, part_vertices
from backend.render.shut_lashes import ShutLashes, softened
from backend.render.sitter import OVERSAMPLED, Sitter, enlarged
from backend.render.view import View
from backend.texture.photo_view import LIGHT_RANGE
from models.coefficients import EXPRESSION, GAMMA, IDENTITY
from models.face.camera import DISTANCE
from models.face.model import FaceModel
from models.face.shading import VertexNormals
from models.texture.dynamic import DynamicTexture

Float32Array = NDArray[np.float32]

SAMPLES: Final = 3  # along a side of a pixel: the lips' edges are the sharpest in the frame
LEFT_OUT: Final = ("brows",)  # the photo has the person's own
TWO_SIDED: Final = ("lashes",)
NEAR: Final = 0.06  # frame sides around the blend in which the skin may come to show
BEHIND: Final = -0.3  # cosine to the viewer below which skin will not


class FaceLayer:
    """One face, drawn again and again into a square `tile` of the frame, which follows the head."""

    def __init__(
        self,
        sitter: Sitter,
        light: Light,
        *,
        terms: bool = False,
        living: DynamicTexture | None = None,
        device: str = "cpu",
    ) -> None:
        """light: what falls on the face in the video; terms: whether buffers have theirs, for a renderer that finds out
        itself how dark it is inside of openings; living: what expressions add to the colours, which in the photo are
        those of the photo's expression.
        """
        model, view = sitter.face_model, sitter.view
        points = view.points(sitter.world)
        outline = view.points(model.landmarks68.of(sitter.world)).astype(np.float32)
        normals = VertexNormals(model.triangles, model.vertex_count)(sitter.world)
        blend = blend_mask(sitter.skin, outline)
        self.tile: Tile = tile_around(blend > 0.01, face_width(outline))
        self._resting, self._middle = self.tile, outline.mean(axis=0)
        keep = _shown(model, points, blend, normals[:, 2])
        vertices = np.unique(model.triangles[keep])
        triangles = np.searchsorted(vertices, model.triangles[keep]).astype(np.int32)

        self._model, self._vertices = model, vertices
        self._shape = model.shape(sitter.fit.coefficients[IDENTITY])
        self._expressions = model.expression_basis.reshape(64, -1)
        self._normals = VertexNormals(triangles, len(vertices))
        self._view = view
        cull = ~np.isin(_parts(model)[keep], TWO_SIDED)
        self._drawer = Rasterizer(triangles, self.tile[2] * SAMPLES, cull_back=cull, device=device)
        self._lashes = ShutLashes(model)
        self._colours = PhotoColours(sitter, points, outline, normals[:, 2])
        self._seen = np.column_stack([OVERSAMPLED * points, np.zeros(len(points)), self._colours.light])[vertices]
        shot = np.clip(photo_light(sitter.fit.coefficients[GAMMA]).on(normals), *LIGHT_RANGE)
        self._lamps = LampLight(triangles[np.isin(_parts(model)[keep], CASTERS)], device=device) if terms else None
        self._tint = _without_colour(shot[part_vertices(model, "skin")].mean(axis=0))
        self._light = light
        self._living = living
        self._worn = living.activations(sitter.fit.coefficients[EXPRESSION]) if living else np.zeros(0, np.float32)
        groups = np.array([GROUP_OF.get(name, 0) for name in model.part_names], np.int32)
        with wp.ScopedDevice(self._drawer.device):
            self._mesh: list[Any] = [
                wp.array(model.uv_triangles[keep], dtype=wp.int32),
                wp.array(groups[model.triangle_part[keep]], dtype=wp.int32),
                wp.array(model.uv.astype(np.float32), dtype=wp.vec2),
            ]
            self._shot: Any = wp.array(shot[vertices].astype(np.float32), dtype=wp.vec3)
            self._photo = np.dstack([sitter.source, enlarged(blend, sitter.source)]).astype(np.float32)
            texture = sitter.texture.astype(np.float32)
            self._pictures: list[Any] = [
                wp.array(texture if terms else softened(texture, model), dtype=wp.vec3),  # a network softens itself
                wp.array(self._photo, dtype=wp.vec4),
                wp.array(light.bands, dtype=wp.vec3),
                wp.zeros((2, 2), dtype=wp.vec3),
            ]
            side = self.tile[2]
            channels = kernels.CHANNELS, TERMS + 1 + len(GROUPS)
            self._outs: Any = cycle([[wp.zeros((side, side, n), dtype=wp.float32) for n in channels] for _ in "ab"])

    def _change_skin(self, expression: Float32Array) -> None:
        """Have the skin's colours changed by what `expression` (64,) adds beyond the photo's own."""
        if self._living is None or not len(self._worn):
            return
        apart = self._living.activations(expression) - self._worn
        change = np.tensordot(apart, self._living.residuals, axes=1)
        self._pictures[3] = wp.array(change, dtype=wp.vec3, device=self._drawer.device)

    def divide_photo(self, gain: Float32Array) -> None:
        """Take a `gain` (side, side, 3), the tile's at rest, out of the photo's colours."""
        whole = np.ones((self._view.size, self._view.size, 3), np.float32)
        top, left, side = self._resting
        whole[top : top + side, left : left + side] = gain
        height, width = self._photo.shape[:2]
        self._photo[..., :3] /= cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR)
        self._pictures[1] = wp.array(self._photo, dtype=wp.vec4, device=self._drawer.device)

    def draw(self, expression: Float32Array, turn: Float32Array, shift: Float32Array) -> Buffers:
        """The tile's buffers for expression (64,), rotation (3, 3) and translation (3,).

        They last for one more call, so that the next frame can be drawn while these are being used.
        """
        drawn, terms = next(self._outs)
        self._change_skin(expression)
        active = np.flatnonzero(expression)
        shape = self._shape + (expression[active] @ self._expressions[active]).reshape(-1, 3)
        self.tile = self._follow(self._model.landmarks68.of(shape) @ turn.T + shift)
        shown = self._lashes.shortened(shape, expression)[self._vertices]
        world = (shown @ turn.T + shift).astype(np.float32)
        normals = self._normals(world).astype(np.float32)
        self._seen[:, 2] = self._colours.trust(expression)[self._vertices]
        seen = self._seen.astype(np.float32)
        inside = self._colours.inside(shape)
        if self._lamps is not None:
            seen[:, 3], inside = 1.0, 1.0
        self._drawer.draw(_tile_view(self._view, self.tile, SAMPLES).clip(world), resolve=False)
        device, side = self._drawer.device, self.tile[2]
        inputs = [
            self._drawer.keys,
            self._drawer.edges,
            self._drawer.triangles,
            *self._mesh,
            wp.array(seen, dtype=wp.vec4, device=device),
            self._shot,
            wp.array(normals, dtype=wp.vec3, device=device),
            wp.array(DISTANCE - world[:, 2], dtype=wp.float32, device=device),
            *self._pictures,
            float(self._light.power),
            wp.vec3(*self._tint.tolist()),
            inside,
            SAMPLES,
        ]

        def gather(first: int, end: int) -> None:
            first, end = first // SAMPLES, end // SAMPLES
            wp.launch(kernels.gather, dim=(end - first, side), inputs=[*inputs, first], outputs=[drawn], device=device)

        self._drawer.each_band(gather)
        rays = _tile_view(self._view, self.tile, 1).rays()
        return Buffers.of(drawn.numpy(), self._light, self._gathered_terms(world, normals, seen, terms), rays)

    def _gathered_terms(
        self, world: Float32Array, normals: Float32Array, seen: Float32Array, out: Any
    ) -> Float32Array | None:
        """(side, side, 7) of what the drawer holds, in `out`; None where nobody asked for them."""
        if self._lamps is None:
            return None
        device, side = self._drawer.device, self.tile[2]
        lamps = self._lamps.on(world, normals, self._light.lobes)
        table = np.column_stack([lamps, seen[:, 2], self._lamps.openness(world, normals)])
        inputs = [
            self._drawer.keys,
            self._drawer.edges,
            self._drawer.triangles,
            self._mesh[1],
            wp.array(seen, dtype=wp.vec4, device=device),
            self._pictures[1],
            wp.array(np.ascontiguousarray(table, np.float32), dtype=wp.float32, device=device),
            SAMPLES,
        ]

        def gather(first: int, end: int) -> None:
            first, end = first // SAMPLES, end // SAMPLES
            kernel, dim = term_kernels.gather_attributes, (end - first, side)
            wp.launch(kernel, dim=dim, inputs=[*inputs, first], outputs=[out], device=device)

        self._drawer.each_band(gather)
        return np.asarray(out.numpy()[..., :TERMS], np.float32)

    def _follow(self, landmarks: Float32Array) -> Tile:
        """The tile that lies around a head with `landmarks` (68, 3) as the first one did at rest, in whole pixels."""
        top, left, side = self._resting
        right, down = np.rint(self._view.points(landmarks).mean(axis=0) - self._middle).astype(int)
        last = self._view.size - side
        return int(np.clip(top + down, 0, last)), int(np.clip(left + right, 0, last)), side


def _tile_view(view: View, tile: Tile, samples: int) -> View:
    """The camera of a tile's samples, so many along a side of a pixel."""
    top, left, side = tile
    pixel = view.window.side / view.size
    window = Crop(view.window.left + left * pixel, view.window.top + top * pixel, side * pixel)
    return View(view.frame, window, side * samples)


def _shown(model: FaceModel, points: Float32Array, blend: Float32Array, front: Float32Array) -> NDArray[np.bool_]:
    """(F,) which triangles can show: the front of the skin near the blend, and what lies inside of openings."""
    size = len(blend)
    columns, rows = np.clip(points.astype(int), 0, size - 1).T
    reach = np.ones((2 * round(NEAR * size) + 1,) * 2, np.uint8)
    near = (cv2.dilate(blend, reach)[rows, columns] > 0.01) & (front > BEHIND)
    parts = _parts(model)
    return np.where(np.isin(parts, OUTER), near[model.triangles].any(axis=1), ~np.isin(parts, LEFT_OUT))


def _parts(model: FaceModel) -> NDArray[np.str_]:
    """(F,) the names of the parts that triangles belong to."""
    return np.array(model.part_names)[model.triangle_part]


def _without_colour(light: Float32Array) -> Float32Array:
    """What (3,) takes the colour out of the fitted `light` (3,), which may be the skin's: teeth do not blush."""
    return np.asarray(light.mean() / light, dtype=np.float32)
