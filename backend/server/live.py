"""What jobs are at right now, and waking those who listen. Kept in memory: after a kill the job starts again anyway."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.server.schemas import Frames, Stage


@dataclass
class JobNow:
    """The stage and the frames of a job that runs."""

    stage: Stage | None = None
    frames: Frames = field(default_factory=Frames)


class Live:
    """News of jobs. Listeners are told that something changed and look themselves, so slow ones cost nothing."""

    def __init__(self) -> None:
        self._now: dict[str, JobNow] = {}
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.closing = False

    def of(self, job_id: str) -> JobNow:
        """What a job is at; empty for one that does not run."""
        return self._now.get(job_id, JobNow())

    def report(self, job_id: str, message: Mapping[str, Any]) -> None:
        """Take a worker's report of progress or frames."""
        now = self._now.setdefault(job_id, JobNow())
        if message["say"] == "progress":
            now.stage = Stage(name=message["stage"], done=message["done"], total=message["total"])
        else:
            now.frames = Frames(ready=message["ready"], total=message["total"])
        self.wake(job_id)

    def end(self, job_id: str) -> None:
        """Forget a job that runs no longer, and tell."""
        self._now.pop(job_id, None)
        self.wake(job_id)

    def wake(self, job_id: str) -> None:
        """Tell those who listen to a job that something changed."""
        for listener in self._listeners[job_id]:
            listener.set()
        if not self._listeners[job_id]:
            del self._listeners[job_id]

    def close(self) -> None:
        """The server stops: every listener leaves."""
        self.closing = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.set()

    def listen(self, job_id: str) -> asyncio.Event:
        """An event that is set at each change; give it back with `leave`."""
        listener = asyncio.Event()
        self._listeners[job_id].add(listener)
        return listener

    def leave(self, job_id: str, listener: asyncio.Event) -> None:
        """Stop listening."""
        self._listeners[job_id].discard(listener)
        if not self._listeners[job_id]:
            del self._listeners[job_id]
