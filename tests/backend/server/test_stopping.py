"""A server that is stopped at an awkward moment ends all the same, and forgets no job."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from backend.server.queue import Job, Queue, now
from backend.server.supervisor import Supervisor
from backend.server.worker_process import WorkerProcess
from tests.backend.server.conftest import SAFETY, build


class HeldBack:
    """A worker that is ready when the test says so."""

    pid, alive = 1, True

    def __init__(self) -> None:
        self.listened = asyncio.Event()
        self.says: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def message(self) -> dict[str, Any]:
        self.listened.set()
        return await self.says

    async def kill(self) -> None:
        self.alive = False


async def _ends(supervisor: Supervisor) -> bool:
    stopping = asyncio.create_task(supervisor.stop())
    done, _ = await asyncio.wait({stopping}, timeout=SAFETY)
    return bool(done)


@pytest.mark.parametrize("turns", range(6))  # of the event loop between the worker's last word and the stop
def test_it_ends_when_it_is_stopped_just_as_the_worker_becomes_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    async def scenario() -> None:
        worker = HeldBack()

        async def start(_command: Any) -> HeldBack:
            return worker

        monkeypatch.setattr(WorkerProcess, "start", start)
        server.supervisor.start()
        await worker.listened.wait()
        worker.says.set_result({"say": "ready", "device": {"kind": "cpu", "name": "fake"}})
        for _ in range(turns):
            await asyncio.sleep(0)
        assert await _ends(server.supervisor)
        assert not worker.alive

    server = build(tmp_path, [], [], sys.executable)
    asyncio.run(scenario())


def test_it_ends_while_the_workers_process_is_being_started(tmp_path: Path) -> None:
    async def scenario(seconds: float) -> None:
        server.supervisor.start()
        await asyncio.sleep(seconds)
        assert await _ends(server.supervisor)
        assert server.supervisor.worker_pid is None

    for number in range(6):
        server = build(tmp_path / str(number), [], [], sys.executable)
        asyncio.run(scenario(number * 0.002))


def test_a_job_claimed_while_it_is_stopped_is_queued_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims, claim_now, claim = threading.Event(), threading.Event(), Queue.claim

    def slow(queue: Queue) -> Job | None:
        claims.set()
        claim_now.wait(SAFETY)
        return claim(queue)

    async def scenario() -> None:
        server.supervisor.start()
        assert await asyncio.to_thread(claims.wait, SAFETY)
        stopping = asyncio.create_task(server.supervisor.stop())
        await asyncio.sleep(0.05)
        claim_now.set()
        await asyncio.wait_for(stopping, SAFETY)

    server = build(tmp_path, [], [], sys.executable)
    server.queue.add(
        Job(id="a", kind="animate", state="queued", created=now(), request={}, inputs={}, key="k", files=[])
    )
    monkeypatch.setattr(Queue, "claim", slow)
    asyncio.run(scenario())
    job = server.queue.get("a")
    assert job is not None and (job.state, job.attempts) == ("queued", 0)
