"""Which models are installed."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fastapi import APIRouter

from backend.server.errors import REPORT_ADVICE, ApiError

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("")
async def every() -> dict[str, Any]:
    """The user's own models with their states, as `style-avatar models --json` tells them.

    The command is run rather than imported: it hashes gigabytes and needs torch, which this process does without.
    """
    command = [sys.executable, "-P", "-m", "backend.cli", "models", "--json"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    told, printed = await process.communicate()
    if process.returncode != 0:
        raise ApiError("internal", "The models cannot be listed.", REPORT_ADVICE, printed.decode(errors="replace"))
    return json.loads(told)
