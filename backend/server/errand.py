"""One job at the worker: what it says of it until it has ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from backend.server.errors import Problem
from backend.server.limits import stall_seconds
from backend.server.live import Live
from backend.server.worker_process import WorkerProcess


class StalledError(Exception):
    """The worker said nothing for longer than the job's size explains."""

    def __init__(self, stage: str, seconds: float) -> None:
        super().__init__(f"nothing for {seconds:.0f} s in the stage {stage}")
        self.stage, self.seconds = stage, seconds

    @property
    def problem(self) -> Problem:
        """What to tell of the job."""
        return Problem(
            code="stalled",
            message=f"The job made no step for {self.seconds / 60:.0f} minutes and was ended.",
            advice="Save the photo, recording or video in another format or smaller, and try again.",
            details=str(self),
            parameters={"stage": self.stage, "seconds": round(self.seconds)},
        )


@dataclass
class Errand:
    """The job that runs, and how it is to be ended."""

    id: str
    worker: WorkerProcess | None = None
    cancelled: bool = False
    begun: bool = False  # the worker has said something of it
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def last_word(self, worker: WorkerProcess, live: Live) -> dict[str, Any] | None:
        """Pass on what the worker reports until it says how the job ended; None: it died.

        Raises:
            StalledError: it was silent for too long.
        """
        stage, steps = "none", 0
        while True:
            allowed = stall_seconds(steps)
            try:
                async with asyncio.timeout(allowed):
                    message = await worker.message()
            except TimeoutError:
                raise StalledError(stage, allowed) from None
            if message is None:
                return None
            if message.get("id") != self.id:
                continue  # of a job before
            self.begun = True
            if message["say"] == "progress":
                stage, steps = message["stage"], max(steps, message["total"])
            elif message["say"] != "frames":
                return message
            live.report(self.id, message)
