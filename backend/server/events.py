"""Server-sent events of one job: what changed since the listener looked last; a slow one just sees less often."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from backend.server.context import Server
from backend.server.errors import ApiError
from backend.server.schemas import FINISHED, JobDocument, Stage

HEARTBEAT: Final = 5.0  # seconds; a client that hears nothing for longer knows that the server is gone


class _Told:
    """What one listener knows."""

    def __init__(self) -> None:
        self._state: tuple[str, int | None] | None = None
        self._stage: Stage | None = None
        self._frames = 0

    def news(self, job: JobDocument) -> Iterator[str]:
        """The events that bring the listener up to date."""
        if (job.state, job.position) != self._state:
            yield _event("state", job.model_dump(mode="json"))
            self._state = (job.state, job.position)
        if job.state == "running" and job.frames.ready > self._frames:
            count = job.frames.ready - self._frames
            yield _event("frames", {"first": self._frames, "count": count, "total": job.frames.total})
            self._frames = job.frames.ready
        if job.stage is not None and job.stage != self._stage:
            yield _event("progress", {"stage": job.stage.name, "done": job.stage.done, "total": job.stage.total})
            self._stage = job.stage


async def stream(server: Server, job_id: str) -> AsyncIterator[str]:
    """`state` events with the job, `progress` and `frames`; ends with the job, or when the server stops."""
    listener, told = server.live.listen(job_id), _Told()
    try:
        while True:
            listener.clear()  # before looking: what changes while we look wakes us again
            try:
                job = await run_in_threadpool(lambda: server.document(server.job(job_id)))
            except ApiError:
                return  # forgotten while it was listened to
            for event in told.news(job):
                yield event
            if job.state in FINISHED or server.live.closing:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT):
                    await listener.wait()
            if not listener.is_set():
                yield ": still here\n\n"
    finally:
        server.live.leave(job_id, listener)


def _event(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"
