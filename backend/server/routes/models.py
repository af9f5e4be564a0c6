"""Which models are installed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from backend.server.context import Here

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("")
async def every(here: Here) -> dict[str, Any]:
    """Which models are installed, as `style-avatar models --json` tells it; seconds old at most.

    `shipped`: the weights of the program itself; `models`: the original system's, which users add, in `folder`.
    """
    return await here.models.get()
