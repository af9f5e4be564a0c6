"""Keeps one warm worker at hand: starts it, starts it again, and knows when to stop trying."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final

from backend.server.errors import OUT_OF_MEMORY_ADVICE, REPORT_ADVICE, Problem
from backend.server.worker_process import WorkerProcess

log = logging.getLogger(__name__)

MAX_STARTS: Final = 3  # of a worker that dies before it is ready, in a row
START_SECONDS: Final = 900.0  # it takes five of a free processor; at a load of 36, 300 did not do
_SIGKILLED: Final = -9


class WorkerDown(Exception):
    """The worker does not start: it died (`refused` is False), or said that it cannot work here."""

    def __init__(self, problem: Problem, *, refused: bool = False) -> None:
        super().__init__(problem.message)
        self.problem, self.refused = problem, refused


class WorkerKeeper:
    """The worker of one server."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._worker: WorkerProcess | None = None
        self.device: dict[str, str] = {"kind": "cpu", "name": "unknown until the worker has started"}

    @property
    def pid(self) -> int | None:
        """The worker's process id, if there is one."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def worker(self) -> WorkerProcess:
        """The warm worker, started if there is none.

        Raises:
            WorkerDown: it died three times before it was ready, or refuses to work.
        """
        if self._worker is not None and self._worker.alive:
            return self._worker
        code: int | None = None
        printed = ""
        for tried in range(1, MAX_STARTS + 1):
            try:
                self._worker = worker = await WorkerProcess.start(self._command)
            except OSError as error:  # no such program, or no memory for another process
                printed = str(error)
                continue
            if await self._is_ready(worker):
                return worker
            code, printed = await worker.obituary()
            log.warning("start %d of %d of the worker failed: %s while it loaded", tried, MAX_STARTS, ending(code))
        log.error("the worker does not start; what is queued fails")
        raise WorkerDown(_not_started(code, printed))

    async def stop(self) -> None:
        """End the worker."""
        if self._worker is not None:
            await self._worker.kill()

    async def _is_ready(self, worker: WorkerProcess) -> bool:
        """Whether the worker has loaded its models.

        Raises:
            WorkerDown: it says that it cannot work here.
        """
        message = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                message = await worker.message()
        if message is not None and message["say"] == "refused":
            raise WorkerDown(Problem(**message["problem"]), refused=True)
        if message is None or message["say"] != "ready":
            return False
        self.device = message["device"]
        return True


def ending(code: int | None) -> str:
    """What an exit code says: how the worker ended."""
    if code is None:
        return "it hung and was ended"
    if code >= 0:
        return f"it ended with exit code {code}"
    return "something outside killed it (-9)" if code == _SIGKILLED else f"it crashed with signal {-code}"


def _not_started(code: int | None, printed: str) -> Problem:
    details = f"exit code {code}\n{printed}"
    if code == _SIGKILLED:
        return Problem(
            code="out_of_memory",
            message=f"The system ended the worker {MAX_STARTS} times while it started, most likely as memory ran out.",
            advice=OUT_OF_MEMORY_ADVICE,
            details=details,
            reason="worker_killed_at_start",
            parameters={"times": MAX_STARTS},
        )
    return Problem(
        code="internal",
        message=f"The backend's worker died {MAX_STARTS} times while it started.",
        advice="Install the environment again; the report says what the worker printed.",
        details=details,
        reason="worker_does_not_start",
        parameters={"times": MAX_STARTS},
    )


def death(code: int | None, printed: str) -> Problem:
    """What to tell of a worker that died under a job: exit code, negative for a signal, None: it was ended."""
    details = f"exit code {code}\n{printed}"
    if code == _SIGKILLED:  # nobody but the system's out-of-memory killer sends it unasked
        return Problem(
            code="out_of_memory",
            message="The system ended the worker, most likely because memory ran out.",
            advice=OUT_OF_MEMORY_ADVICE,
            details=details,
            reason="worker_killed",
        )
    return Problem(
        code="internal",
        message="The backend's worker crashed while it did this job; the next job gets a new one.",
        advice=REPORT_ADVICE,
        details=details,
        reason="worker_crashed",
    )
