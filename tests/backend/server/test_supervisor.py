"""A worker that does not start, a server that ends in the middle, and what the next one makes of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from backend.server.errors import OUT_OF_MEMORY_ADVICE
from backend.server.queue import Job, Queue
from tests.backend.server.conftest import InProcess, serving


def test_a_worker_that_always_dies_is_tried_a_few_times_and_told(tmp_path: Path) -> None:
    with serving(tmp_path, mood="dies") as api:
        job = api.wait(api.animate(b"sound"))
        assert (job["state"], job["error"]["code"]) == ("failed", "internal")
        assert "exit code 3" in job["error"]["details"]
        ready = api.http.get("/v1/health/ready")
        assert (ready.status_code, ready.json()["worker"]) == (503, "down")
        starts = len((api.worker_folder / "starts.txt").read_text().split())
        assert starts in {3, 6}  # three tries at launch, three for the job where it came later
        (api.worker_folder / "mood.txt").unlink()
        assert api.wait(api.animate(b"sound"))["state"] == "done"
        assert api.http.get("/v1/health/ready").status_code == 200


def test_a_worker_killed_while_it_starts_costs_the_waiting_job_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, mood="is killed once") as api:
        job = api.wait(api.animate(b"sound"))
        assert job["state"] == "done"
    assert [record.levelname for record in caplog.records if "start 1 of 3" in record.message] == ["WARNING"]
    assert "something outside killed it (-9)" in caplog.text and "ERROR" not in caplog.text


def test_a_worker_that_is_always_killed_fails_with_what_to_do_about_memory(tmp_path: Path) -> None:
    with serving(tmp_path, mood="is killed") as api:
        job = api.wait(api.animate(b"sound"))
        assert (job["state"], job["error"]["code"]) == ("failed", "out_of_memory")
        assert job["error"]["advice"] == OUT_OF_MEMORY_ADVICE


def test_a_worker_that_cannot_even_be_started_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, program=str(tmp_path / "no python")) as api:
        job = api.wait(api.animate(b"sound"))
        assert (job["state"], job["error"]["code"]) == ("failed", "internal")
        assert "no python" in job["error"]["details"]


def test_a_queue_that_cannot_be_read_for_a_moment_stops_nothing(
    api: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, fails = Queue.claim, [True, True]

    def failing(queue: Queue) -> Job | None:
        if fails:
            fails.pop()
            raise OperationalError("UPDATE", {}, Exception("disk I/O error"))
        return claim(queue)

    monkeypatch.setattr(Queue, "claim", failing)
    monkeypatch.setattr("backend.server.supervisor.RETRY", 0.01)
    assert api.wait(api.animate(b"sound"))["state"] == "done"
    assert not fails


def test_a_worker_that_refuses_ends_the_server_with_the_reason(tmp_path: Path) -> None:
    with serving(tmp_path, mood="refuses") as api:
        job = api.animate(b"sound")
        give_up = time.monotonic() + 60
        while not api.refused and time.monotonic() < give_up:
            time.sleep(0.01)
        assert api.http.get("/v1/health/ready").json()["worker"] == "down"
        assert api.job(job)["state"] == "queued"  # for a server that has its weights
    assert api.refused[0].message == "No weights."


def test_an_idle_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        api.wait(api.animate(b"sound"))
        first = api.server.supervisor.worker_pid
        assert first is not None
        os.kill(first, 9)
        give_up = time.monotonic() + 60
        while api.server.supervisor.worker_pid in {first, None} and time.monotonic() < give_up:
            time.sleep(0.05)
        assert api.server.supervisor.worker_pid not in {first, None}


def test_a_job_sent_to_a_worker_that_dies_before_it_begins_goes_to_the_next(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        api.wait(api.animate(b"sound"))
        first = api.server.supervisor.worker_pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)  # it takes the job but never looks at it
        job = api.animate(b"sound", transcript="after")
        api.wait(job, lambda job: job["state"] == "running")
        time.sleep(0.3)  # until the order is in the pipe
        os.kill(first, signal.SIGKILL)
        assert api.wait(job)["state"] == "done"
        assert api.server.supervisor.worker_pid not in {first, None}


def test_an_orderly_stop_queues_the_running_job_again_without_counting(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        running, queued = api.animate(b"sound", transcript="slow"), api.animate(b"sound", transcript="next")
        api.wait(running, lambda job: job["stage"] is not None)
        worker = api.server.supervisor.worker_pid
    assert worker is not None and not Path(f"/proc/{worker}").exists()
    server = api.server
    jobs = {job.id: job for job in server.queue.all()}
    assert (jobs[running["id"]].state, jobs[running["id"]].attempts) == ("queued", 0)
    assert jobs[queued["id"]].state == "queued"
    assert (server.folders.inputs(running["id"]) / "audio").is_dir()
    server.queue.close()

    with serving(tmp_path) as api:
        api.wait(running, lambda job: job["state"] == "running")
        api.http.post(f"/v1/jobs/{running['id']}/cancel")
        assert api.wait(queued)["state"] == "done"


def test_a_full_disk_delays_the_end_of_a_job_but_loses_nothing(api: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, fails = Queue.finish, [True, True]

    def failing(*arguments: Any, **options: Any) -> bool:
        if fails:
            fails.pop()
            raise OperationalError("UPDATE", {}, Exception("database or disk is full"))
        return finish(*arguments, **options)

    monkeypatch.setattr(Queue, "finish", failing)
    monkeypatch.setattr("backend.server.supervisor.RETRY", 0.01)
    assert api.wait(api.animate(b"sound", transcript="kept"))["state"] == "done"
    reserve = api.server.folders.slot / "reserve"
    assert not fails and not reserve.exists()
    api.wait(api.animate(b"sound", transcript="there is room again"))
    assert reserve.stat().st_size > 0
