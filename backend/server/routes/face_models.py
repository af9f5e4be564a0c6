"""Face models: their geometry by hash, so that it is sent once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from pydantic import BaseModel

from backend.server.context import Here
from backend.server.errors import ApiError
from models.face import open_head

router = APIRouter(prefix="/v1/face-models", tags=["face models"])


class FaceModelEntry(BaseModel):
    """A face model that takes can be for."""

    name: str
    sha256: str


class FaceModels(BaseModel):
    """What is installed."""

    face_models: list[FaceModelEntry]


@router.get("")
def every() -> FaceModels:
    """The face models that requests may name."""
    return FaceModels(face_models=[FaceModelEntry(name="open_head", sha256=open_head.recorded_sha256())])


@router.get(
    "/{sha256}/geometry",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def geometry(here: Here, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> FileResponse:
    """Mesh, bases and UV as .npz, in the format that `blender_addon.files.head_file` reads; it never changes."""
    path = here.folders.geometry / f"{sha256}.npz"
    if not path.is_file():
        message, advice = "There is no such face model (yet).", "Wait until the backend is ready."
        raise ApiError("not_found", message, advice, reason="face_model_unknown")
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={"ETag": f'"{sha256}"', "Cache-Control": "private, max-age=31536000, immutable"},
    )
