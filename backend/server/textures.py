"""What the worker does with a `textures` order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backend.photo import read_photo
from backend.progress import Progress
from backend.render.renderers import load_renderer
from backend.texture.bake import BakeError, baked, textures_of
from backend.texture.delivery import loaded_take, write_archive
from backend.texture.live_file import write_factors, write_offsets
from models.face import open_head
from models.face.model import FaceModel
from models.texture import live_maps, storage

if TYPE_CHECKING:
    from backend.server.work import Order

LIVING: Final = "living.npz"
ARCHIVE: Final = "textures.zip"


def make_textures(order: Order, progress: Progress) -> dict[str, Any]:
    """Make the living texture or the baked ones of an order; returns the job's result.

    Raises:
        DynamicTextureError, BakeError, PhotoError, TakeError, RendererError: a file or a setting cannot be used.
    """
    face_model = open_head.load()
    dynamic = order.input("dynamic") if "dynamic" in order.inputs else None
    facts: dict[str, Any] = {"face_model": {"name": face_model.name, "sha256": face_model.sha256}}
    if order.request["mode"] == "baked":
        return facts | _bake(order, face_model, dynamic, progress)
    progress("texture", 0, 1)
    if dynamic is None:
        write_factors(live_maps.load(), face_model, order.results / LIVING)
    else:
        write_offsets(storage.load(dynamic), face_model, order.results / LIVING)
    progress("texture", 1, 1)
    return facts


def _bake(order: Order, face_model: FaceModel, dynamic: Path | None, progress: Progress) -> dict[str, Any]:
    request = order.request
    renderer = load_renderer(request["renderer"])
    take = loaded_take(order.input("take"), face_model, None)
    texture = read_photo(order.input("texture")) if "texture" in order.inputs else None
    if texture is not None and texture.shape[0] != texture.shape[1]:
        raise BakeError(
            f"the texture is {texture.shape[1]} x {texture.shape[0]} pixels, not square; give the head's own"
        )
    textures = textures_of(texture, face_model, request["size"], dynamic, live=True)
    frames = baked(take, face_model, textures, renderer)
    total = len(take.coefficients)
    count = write_archive(order.results / ARCHIVE, frames, total, progress)
    return {"frames": count, "fps": take.fps, "size": request["size"]}
