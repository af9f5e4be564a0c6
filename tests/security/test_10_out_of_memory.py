"""Promise 10: running out of memory fails the job with advice, and the next job works."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from backend.server.errors import OUT_OF_MEMORY_ADVICE
from tests.backend.server.conftest import Real, write_voice
from tests.security.conftest import LINUX, alive, until, warm, worker_of

pytestmark = pytest.mark.skipif(not LINUX, reason="the worker is found through /proc")


@pytest.fixture(scope="module")
def long_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes of speech: far larger decoded than what a worker has lying free."""
    return write_voice(tmp_path_factory.mktemp("long") / "long.wav", 1200)


def test_the_job_of_a_killed_worker_fails_with_advice_and_the_others_are_done(
    real: Real, voice: Path, long_voice: Path
) -> None:
    worker = worker_of(warm(real))
    hit = real.animate(long_voice)
    queued = [real.animate(voice, seed=seed) for seed in (101, 102)]
    real.wait(hit, lambda job: job["stage"] is not None)
    os.kill(worker, signal.SIGKILL)  # what Linux does to the largest process when memory ends
    ended = real.wait(hit)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "out_of_memory")
    assert ended["error"]["advice"] == OUT_OF_MEMORY_ADVICE and "memory" in ended["error"]["message"]
    assert ended["files"] == []
    assert [real.wait(job)["state"] for job in queued] == ["done", "done"]
    assert worker_of(real) != worker


def test_memory_that_really_ends_fails_the_job_and_a_fresh_worker_does_the_next(
    real: Real, voice: Path, long_voice: Path
) -> None:
    """The worker gets a limit that it is at already, so that the system refuses it the next large array."""
    if sys.platform != "linux":
        pytest.skip("only Linux limits another process")
    from resource import RLIMIT_AS, prlimit

    worker = worker_of(warm(real))
    limit = int(Path(f"/proc/{worker}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    prlimit(worker, RLIMIT_AS, (limit, limit))
    ended = real.wait(real.animate(long_voice, seed=1))
    assert (ended["state"], ended["error"]["code"]) == ("failed", "out_of_memory"), ended
    assert ended["error"]["advice"] == OUT_OF_MEMORY_ADVICE
    assert real.wait(real.animate(voice, seed=103))["state"] == "done"
    assert not alive(worker)


def test_a_worker_killed_while_it_waits_is_replaced_before_there_is_a_job(real: Real, voice: Path) -> None:
    worker = worker_of(warm(real))
    os.kill(worker, signal.SIGKILL)
    until(lambda: not alive(worker) and worker_of(real) != worker, "a new worker")
    assert real.wait(real.animate(voice, seed=104))["state"] == "done"
