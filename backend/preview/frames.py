"""The preview: a take as frames of a lit, textured head in a studio, from the rasteriser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.photo import check_image
from backend.preview import kernels
from backend.preview.studio import HAIR, backdrop, light_reach, part_looks, studio_light
from backend.raster.rasterizer import Rasterizer
from models.coefficients import ANGLES, EXPRESSION, IDENTITY, TRANSLATION
from models.face.camera import Camera, place
from models.face.model import FaceModel
from models.face.shading import VertexNormals
from models.take import Take

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


SAMPLES: Final = 2  # along a side of a pixel
_ABOVE: Final = 0.09  # room over the head, in head heights
_CUT: Final = 0.08  # how much of the bottom, where the neck ends, stays out of the picture


def render_frames(
    take: Take, face_model: FaceModel, texture: UInt8Array, size: int = 512, *, device: str = "cpu"
) -> Iterator[UInt8Array]:
    """Frames (size, size, 3) uint8 of `take`, one per row of its coefficients.

    texture: (H, W, 3) uint8 sRGB albedo in the model's UV. The head is framed by its own size, not by the photo's crop:
    its mean translation is left out. Identity is taken from the first frame.

    Raises:
        ValueError: the take belongs to another face model.
        PhotoError: the texture is not a picture.
    """
    made_for = take.meta["face_model"]["name"]
    if made_for != face_model.name:
        raise ValueError(f"the take is for the face model {made_for}, not {face_model.name}; load that one")
    renderer = HeadRenderer(face_model, take.coefficients[0, IDENTITY], texture, size, device=device)
    centre = take.coefficients[:, TRANSLATION].mean(axis=0)
    for row in take.coefficients:
        yield renderer.frame(row[EXPRESSION], row[ANGLES], row[TRANSLATION] - centre)


class HeadRenderer:
    """One head in the studio, drawn again and again."""

    def __init__(
        self,
        face_model: FaceModel,
        identity: Float32Array,
        texture: UInt8Array,
        size: int = 512,
        *,
        device: str = "cpu",
    ) -> None:
        """identity: (80,); texture: (H, W, 3) uint8 sRGB; size: pixels along a side."""
        self._shape = face_model.shape(identity)
        self._expressions = face_model.expression_basis.reshape(64, -1)
        self._normals = VertexNormals(face_model.triangles, face_model.vertex_count)
        self._camera, self._aim = framing(self._shape, size * SAMPLES)
        self._size = size
        strands = [i for i, name in enumerate(face_model.part_names) if name in HAIR]
        one_sided = ~np.isin(face_model.triangle_part, strands)
        self._drawer = Rasterizer(face_model.triangles, size * SAMPLES, cull_back=one_sided, device=device)
        with wp.ScopedDevice(self._drawer.device):
            self._fixed: list[Any] = [
                wp.array(face_model.uv_triangles, dtype=wp.int32),
                wp.array(face_model.triangle_part.astype(np.int32), dtype=wp.int32),
                wp.array(face_model.uv.astype(np.float32), dtype=wp.vec2),
            ]
            self._reach: Any = wp.array(light_reach(face_model, identity), dtype=wp.vec3)
            self._texture: Any = wp.array(_linear(check_image(texture)), dtype=wp.vec3)
            self._looks: Any = wp.array(part_looks(face_model), dtype=wp.vec3)
            self._backdrop: Any = wp.array(backdrop(size), dtype=wp.vec3)
            self._encode: Any = wp.array(_encoding(), dtype=wp.uint8)
            self._pixels: Any = wp.zeros((size, size, 3), dtype=wp.uint8)
        self._light = studio_light()

    def wear(self, texture: UInt8Array) -> None:
        """Show `texture` (H, W, 3) uint8 sRGB from the next frame on."""
        self._texture = wp.array(_linear(check_image(texture)), dtype=wp.vec3, device=self._drawer.device)

    def frame(self, expression: Float32Array, angles: Float32Array, translation: Float32Array) -> UInt8Array:
        """One frame (size, size, 3) for expression (64,), angles (3,) and a translation (3,) from the rest place."""
        active = np.flatnonzero(expression)
        moved = self._shape + (expression[active] @ self._expressions[active]).reshape(-1, 3)
        world = place(moved, angles, translation).astype(np.float32)
        normals = self._normals(world).astype(np.float32)
        self._drawer.draw(self._camera.clip(world - self._aim), resolve=False)
        device = self._drawer.device
        inputs = [
            self._drawer.keys,
            self._drawer.edges,
            self._drawer.triangles,
            *self._fixed,
            wp.array(normals, dtype=wp.vec3, device=device),
            wp.array(world, dtype=wp.vec3, device=device),
            self._reach,
            self._texture,
            self._looks,
            self._backdrop,
            self._encode,
            wp.vec3(*(self._aim + np.array([0, 0, self._camera.distance], np.float32)).tolist()),
            self._light,
            SAMPLES,
        ]

        def shade(first: int, end: int) -> None:
            first, end = first // SAMPLES, end // SAMPLES
            wp.launch(
                kernels.shade_pixels,
                dim=(end - first, self._size),
                inputs=[*inputs, first],
                outputs=[self._pixels],
                device=device,
            )

        self._drawer.each_band(shade)
        return np.array(self._pixels.numpy())


def framing(shape: Float32Array, size: int) -> tuple[Camera, Float32Array]:
    """A camera for a `size` pixel picture and the point (3,) it looks at, so that the head fills the picture well."""
    low, high = shape.min(axis=0), shape.max(axis=0)
    height = high[1] - low[1]
    top, bottom = high[1] + _ABOVE * height, low[1] + _CUT * height
    aim = np.array([(low[0] + high[0]) / 2, (top + bottom) / 2, 0.0], np.float32)
    return Camera(size, focal=size * Camera().distance / float(top - bottom)), aim


def _linear(texture: UInt8Array) -> Float32Array:
    """sRGB 0..255 to linear 0..1."""
    table = np.arange(256) / 255.0
    table = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[texture])


def _encoding(steps: int = 8192) -> UInt8Array:
    """Linear 0..1 in `steps` to sRGB 0..255."""
    value = (np.arange(steps) + 0.5) / steps
    coded = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.rint(255 * coded).astype(np.uint8)
