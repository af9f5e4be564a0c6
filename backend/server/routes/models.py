"""Which models are installed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from backend.server.context import Here

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("")
async def every(here: Here) -> dict[str, Any]:
    """The user's own models with their states, as `style-avatar models --json` tells them; seconds old at most."""
    return await here.models.get()
