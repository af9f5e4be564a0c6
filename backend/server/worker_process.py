"""The server's end of the worker: start it, write to it, read from it, end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

LINE_LIMIT: Final = 2**24  # bytes of one report; a style document is the largest
LAST_BREATH: Final = 1.0  # seconds that a worker which has stopped talking may take to end by itself
PRINTED_KEPT: Final = 8000  # bytes of what the worker printed last, for the report of a crash
_BLOCK: Final = 2**16


def worker_command(geometry: Path) -> list[str]:
    """How the worker is started. -P: no module is taken from the folder that happens to be current."""
    return [sys.executable, "-P", "-m", "backend.server.worker", str(geometry)]


class WorkerProcess:
    """A running worker."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._printed = b""
        self._reader = asyncio.create_task(self._read_printed())
        self._abandoned = asyncio.get_running_loop().create_future()
        self.device: dict[str, str] | None = None
        self.silent = False  # nothing more is to be read from it: it has ended, or is about to

    @classmethod
    async def start(cls, command: Sequence[str]) -> WorkerProcess:
        """Start the process; it says `ready` or `refused` when it has tried to load the models."""
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, limit=LINE_LIMIT)
        )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def send(self, message: dict[str, Any]) -> None:
        """Write a message; a worker that has just died is found when it is read from."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()

    async def message(self) -> dict[str, Any] | None:
        """The next report; None when the worker has ended or is abandoned, or what it says is no report."""
        assert self._process.stdout is not None
        reading = asyncio.ensure_future(self._process.stdout.readline())
        try:
            await asyncio.wait({reading, self._abandoned}, return_when=asyncio.FIRST_COMPLETED)
            line = reading.result() if reading.done() else b""
            if line.endswith(b"\n"):
                return dict(json.loads(line))
        except (ValueError, TypeError):
            pass
        finally:
            reading.cancel()
        self.silent = True
        return None

    def abandon(self) -> None:
        """End it, and let nobody wait for it: a large process takes a while to die where the machine is busy."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if not self._abandoned.done():
            self._abandoned.set_result(None)

    async def kill(self) -> None:
        """End it at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def obituary(self) -> tuple[int | None, str]:
        """How it ended (negative: by a signal) and what it printed last; one that lives on is killed here (None).

        Waits at most two seconds, and no longer than until it is abandoned.
        """
        learning = asyncio.ensure_future(self._ending())
        try:
            await asyncio.wait({learning, self._abandoned}, return_when=asyncio.FIRST_COMPLETED)
            return learning.result() if learning.done() else (None, "")
        finally:
            learning.cancel()

    async def _ending(self) -> tuple[int | None, str]:
        code: int | None = None
        try:
            async with asyncio.timeout(LAST_BREATH):
                code = await self._process.wait()
        except TimeoutError:
            await self.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.shield(self._reader)
        return code, self._printed.decode(errors="replace").strip()

    async def _read_printed(self) -> None:
        assert self._process.stderr is not None
        while block := await self._process.stderr.read(_BLOCK):  # never by lines: a progress bar is a single long one
            self._printed = (self._printed + block)[-PRINTED_KEPT:]
