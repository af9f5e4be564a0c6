"""Is the server there, and can it work?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from backend.server.context import Here
from backend.server.guard import PROTOCOL

router = APIRouter(prefix="/v1/health", tags=["health"])


class Live(BaseModel):
    """The server answers."""

    status: Literal["live"] = "live"


class Device(BaseModel):
    """What the models run on."""

    kind: Literal["cpu", "cuda"]
    name: str


class Ready(BaseModel):
    """What the server can do now."""

    ready: bool
    version: str
    protocol: int
    device: Device
    worker: Literal["starting", "idle", "busy", "down"]
    queued: int


@router.get("/live")
async def live() -> Live:
    """Answers as soon as the server runs."""
    return Live()


@router.get("/ready", responses={503: {"model": Ready, "description": "The worker is not there (yet)"}})
def ready(here: Here, response: Response) -> Ready:
    """200 when jobs are worked on, 503 while the models load or when the worker cannot start."""
    state = here.supervisor.state
    is_ready = state in {"idle", "busy"}
    response.status_code = 200 if is_ready else 503
    return Ready(
        ready=is_ready,
        version=here.version,
        protocol=PROTOCOL,
        device=Device.model_validate(here.supervisor.device),
        worker=state,
        queued=here.queue.waiting(),
    )
