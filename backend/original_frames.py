"""The original's pictures of a take: its shaded rendering and its neural one, 224 pixels a side (SPEC 4, 6, 12).

The neural frames show the face on mid grey: the original's demo pastes them nowhere (SPEC 12, 13.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from backend.raster.compat_images import PAPER_CAMERA, background_mask, shaded_image, to_bytes, uv_image
from backend.texture.compat import as_written, rasterized_texture, scattered_texture
from models.coefficients import Float32Array, split
from models.face.bfm09 import Bfm09
from models.face.camera import place, rotation
from models.face.shading import shade
from models.render.images import display, texture_input, uv_input
from models.render.renderer import NeuralRenderer
from models.take import Take

UInt8Array = NDArray[np.uint8]

BATCH: Final = 8  # frames drawn at a time, as in the original's demo


def parts_of(coefficients: Float32Array) -> dict[str, Float32Array]:
    """The named parts of one frame's coefficients (257,)."""
    return {name: part[0] for name, part in split(coefficients[None]).items()}


def placed(coefficients: Float32Array, face: Bfm09) -> Float32Array:
    """World positions (V, 3) of the vertices for coefficients (257,)."""
    parts = parts_of(coefficients)
    shape = face.model.shape(parts["identity"], parts["expression"])
    return place(shape, parts["angles"], parts["translation"]).astype(np.float32)


def paper_texture(photo: UInt8Array, coefficients: Float32Array, face: Bfm09, compat: bool = False) -> UInt8Array:
    """What the neural renderer is shown of a face: a texture (256, 256, 3) of the aligned photo (224, 224, 3), v up.

    The texture drawn from vertices, on which the networks were trained; `compat` gives the demo's, scattered from
    8-bit texture positions, with its holes (SPEC 6.4). Both have the light of the photo in them.
    """
    world, model = placed(coefficients, face), face.model
    if compat:
        return scattered_texture(photo, to_bytes(uv_image(world, model.uv, model.triangles)))[::-1]
    return as_written(rasterized_texture(photo, PAPER_CAMERA.project(world), model.uv, model.triangles))


def shaded_frames(take: Take, face: Bfm09) -> Iterator[UInt8Array]:
    """The paper's rendering of every frame, (224, 224, 3) RGB on black: albedo and light are the coefficients' own.

    Raises:
        ValueError: the take belongs to another face model.
    """
    _check(take, face)
    for coefficients in take.coefficients:
        parts = parts_of(coefficients)
        normals = face.normals(face.model.shape(parts["identity"], parts["expression"]))
        colours = shade(face.texture(parts["albedo"]), normals @ rotation(parts["angles"]).T, parts["gamma"])
        yield to_bytes(shaded_image(placed(coefficients, face), colours, face.model.triangles)[..., :3])


def neural_frames(
    take: Take,
    face: Bfm09,
    renderer: NeuralRenderer,
    texture: UInt8Array,
    *,
    compat: bool = False,
    batch: int = BATCH,
) -> Iterator[UInt8Array]:
    """The neural renderer's picture of every frame, (224, 224, 3) RGB on mid grey, `batch` of them at a time.

    texture: (256, 256, 3) RGB, v up (`paper_texture`), repeated as often as the encoder asks for (SPEC 13.7). Texture
    positions stay floats; `compat` rounds them to bytes and takes the original's background mask. Frames depend on
    their own coefficients only, so `batch` changes memory and speed alone.

    Raises:
        ValueError: the take belongs to another face model, or the encoder does not take RGB textures.
    """
    _check(take, face)
    neural_texture = renderer.encode(texture_input(_as_read(texture, renderer.textures)))
    for first in range(0, len(take.coefficients), batch):
        seen = [_positions(row, face, compat) for row in take.coefficients[first : first + batch]]
        uv = uv_input(np.stack([positions for positions, _ in seen]), compat)
        background = torch.from_numpy(np.stack([outside for _, outside in seen])[:, None].astype(np.float32))
        yield from display(renderer.draw(neural_texture, uv, background))


def outside_of(covered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) where the background shows, given where the mesh is seen: every gap that reaches the picture's border.

    Gaps inside the face, such as an open mouth, are the renderer's to fill. The original's mask
    (`compat_images.background_mask`) keeps but one piece of background (SPEC 13.12).
    """
    count, labels = cv2.connectedComponents((~covered).astype(np.uint8), connectivity=8)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    reaches = np.isin(np.arange(count), border)
    reaches[0] = False  # the mesh itself
    return reaches[labels]


def _positions(coefficients: Float32Array, face: Bfm09, compat: bool) -> tuple[Float32Array, NDArray[np.bool_]]:
    """Texture positions (224, 224, 2) in 0..1 and background (224, 224) of one frame."""
    image = uv_image(placed(coefficients, face), face.model.uv, face.model.triangles)
    outside = background_mask(image) > 127 if compat else outside_of(image[..., 2] > 0)
    return image[..., :2] / np.float32(255), outside


def _as_read(texture: UInt8Array, count: int) -> UInt8Array:
    """`count` copies of a texture (H, W, 3) as the encoder reads them: BGR, row 0 at v = 0 (SPEC 4.1)."""
    return np.repeat(texture[None, ::-1, :, ::-1], count, axis=0)


def _check(take: Take, face: Bfm09) -> None:
    if take.meta["face_model"]["sha256"] != face.model.sha256:
        raise ValueError(
            f"the take is for another face model than this {face.model.name}; load the one it was made for"
        )
