"""The queue's promises, without a server."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.server.errors import Problem
from backend.server.queue import Job, NewerQueueError, Queue, QueueError, now

TWICE = Problem(code="interrupted", message="Ended twice.", advice="Start it again.")


def _job(job_id: str) -> Job:
    return Job(
        id=job_id,
        kind="animate",
        state="queued",
        created=now(),
        request={"style": "calm"},
        inputs={},
        key="k",
        files=[],
        attempts=0,
        cached=False,
    )


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue.sqlite")


def test_jobs_are_claimed_in_order_each_by_one(queue: Queue) -> None:
    for number in range(20):
        queue.add(_job(f"{number}"))
    assert [queue.position(job) for job in reversed(queue.all())] == list(range(20))
    with ThreadPoolExecutor(8) as pool:
        claimed = [job.id for job in pool.map(lambda _: queue.claim(), range(20)) if job is not None]
    assert sorted(claimed, key=int) == [f"{number}" for number in range(20)]
    assert queue.claim() is None and queue.waiting() == 0


def test_what_was_killed_once_runs_again_in_its_old_place_and_twice_fails(queue: Queue, tmp_path: Path) -> None:
    queue.add(_job("first"))
    queue.add(_job("second"))
    for _ in range(2):
        claimed = queue.claim()
        assert claimed is not None and claimed.id == "first"
        queue.close()  # as a kill leaves it: running
        queue = Queue(tmp_path / "queue.sqlite")
        queue.recover(TWICE)
    first, second = queue.get("first"), queue.get("second")
    assert first is not None and second is not None
    assert first.state == "failed" and first.finished and first.error == TWICE.model_dump()
    assert (second.state, second.attempts) == ("queued", 0)


def test_a_job_ends_once(queue: Queue) -> None:
    queue.add(_job("one"))
    queue.claim()
    assert queue.finish("one", "done", result={"seconds": 1.0}, files=[{"name": "take.npz"}])
    assert not queue.finish("one", "failed", error=TWICE)
    assert not queue.cancel_queued("one", TWICE)
    queue.put_back("one")
    queue.recover(TWICE)
    job = queue.get("one")
    assert job is not None and (job.state, job.result, job.error) == ("done", {"seconds": 1.0}, None)


def test_a_finished_job_is_forgotten_on_request_or_after_a_month(queue: Queue, tmp_path: Path) -> None:
    for name in ("old", "new", "running"):
        queue.add(_job(name))
        queue.claim()
    queue.finish("old", "done")
    queue.finish("new", "done")
    assert not queue.forget("running")
    with sqlite3.connect(tmp_path / "queue.sqlite") as file:
        file.execute("UPDATE jobs SET finished = '2020-01-01T00:00:00+00:00' WHERE id = 'old'")
        file.execute("UPDATE jobs SET created = '2020-01-01T00:00:00+00:00' WHERE id = 'running'")
    queue.expire()
    assert [job.id for job in queue.all()] == ["running", "new"]
    assert queue.forget("new") and not queue.forget("new")


def test_every_commit_reaches_the_disk_before_it_is_answered(queue: Queue) -> None:
    with queue._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_newer_or_damaged_queue_is_left_as_it_is(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerQueueError, match="99"):
        Queue(newer)
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"this is no database, " * 100)
    with pytest.raises(QueueError, match="cannot be used"):
        Queue(damaged)
    assert damaged.read_bytes().startswith(b"this is no database")
