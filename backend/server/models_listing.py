"""The installed models, listed by the command in a process of its own: one at a time, and not again for some seconds.

The command is run rather than imported: it hashes gigabytes and needs torch, which the server does without.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from backend.server.errors import REPORT_ADVICE, ApiError

COMMAND: Final = (sys.executable, "-P", "-m", "backend.cli", "models", "--json")
FRESH_SECONDS: Final = 10.0  # a panel that asks again and again costs one process in so long
LONGEST_SECONDS: Final = 110.0  # a slow disk hashes gigabytes in less; the add-on waits two minutes


class ModelsListing:
    """What `style-avatar models --json` tells, kept for a while. Who asks while it runs waits for the same run."""

    def __init__(
        self, command: Sequence[str] = COMMAND, fresh: float = FRESH_SECONDS, longest: float = LONGEST_SECONDS
    ) -> None:
        self._command, self._fresh, self._longest = command, fresh, longest
        self._running: asyncio.Task[dict[str, Any]] | None = None
        self._told: dict[str, Any] | None = None
        self._until = 0.0

    async def get(self) -> dict[str, Any]:
        """The list.

        Raises:
            ApiError: the command failed, said something else, or took too long; it is tried again at the next request.
        """
        if self._told is not None and time.monotonic() < self._until:
            return self._told
        if self._running is None:
            self._running = asyncio.create_task(self._run())
            self._running.add_done_callback(self._ended)
        return await asyncio.shield(self._running)  # who hangs up does not end it for the others

    def _ended(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._running = None
        if not task.cancelled() and task.exception() is None:  # asking for it also keeps asyncio from logging it
            self._told, self._until = task.result(), time.monotonic() + self._fresh

    async def _run(self) -> dict[str, Any]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        try:
            async with asyncio.timeout(self._longest):
                told, printed = await process.communicate()
        except TimeoutError:
            raise _failed(f"no answer within {self._longest:g} seconds") from None
        finally:
            with suppress(ProcessLookupError):  # also where the server ends meanwhile: nothing outlives it
                process.kill()
            await process.wait()
        try:
            listed = json.loads(told) if process.returncode == 0 else None
        except ValueError:
            listed = None
        if not isinstance(listed, dict):
            raise _failed(printed.decode(errors="replace"))
        return listed


def _failed(details: str) -> ApiError:
    return ApiError("internal", "The models cannot be listed.", REPORT_ADVICE, details, reason="models_unlisted")
