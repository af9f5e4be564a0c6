import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files import head_file
from blender_addon.jobs.run import Run, Snapshot
from blender_addon.report import Log, report_text
from tests.blender_addon.fake_backend import (
    JOB,
    FakeBackend,
    document,
    error,
    event,
    events,
    file,
    frames,
    job,
    raw,
    reply,
    running,
)

SUBMIT = ("POST", "/v1/jobs")
CANCEL = ("POST", f"/v1/jobs/{JOB}/cancel")
EVENTS, FRAMES = (("GET", f"/v1/jobs/{JOB}/{name}") for name in ("events", "frames"))
TAKE = ("GET", f"/v1/jobs/{JOB}/files/take.npz")
DATA = bytes(range(256)) * 2000
TRANSCRIPT = "nobody should ever read this sentence"


@pytest.fixture
def fake(head_path: Path) -> Iterator[FakeBackend]:
    """A backend that does one job well."""
    with running() as backend:
        sha256 = head_file.load(head_path).sha256
        files = [{"name": "take.npz", "bytes": len(DATA), "sha256": ""}]
        done = job("done", files=files, result={"seconds": 1.0, "face_model": {"name": "head", "sha256": sha256}})
        backend.on(*SUBMIT, document(job("queued", position=2), status=202))
        backend.on(
            *EVENTS,
            events(
                event("state", job("running")),
                event("progress", {"stage": "fit photo", "done": 3, "total": 3}),
                event("frames", {"first": 0, "count": 3, "total": 10}),
                event("progress", {"stage": "speech", "done": 1, "total": 2}),
                event("progress", {"stage": "something new", "done": 1, "total": 2}),
                event("frames", {"first": 3, "count": 7, "total": 11}),
                event("frames", {"first": 10, "count": 1, "total": 11}),
                event("progress", {"stage": "fit photo", "done": 0, "total": 3}),
                event("state", done),
            ),
        )
        backend.on(*FRAMES, *(reply(200, data) for data in (frames(0, 3, 1.0), frames(0, 10, 2.0), frames(10, 1, 3.0))))
        backend.on(*TAKE, file(DATA))
        backend.on("GET", f"/v1/face-models/{sha256}/geometry", reply(200, head_path.read_bytes()))
        backend.on(*CANCEL, document(job("cancelled")))
        yield backend


def start(fake: FakeBackend, folder: Path, timeout: float = 2.0, **options: Any) -> Run:
    voice = folder / "voice.wav"
    if not voice.exists():
        voice.write_bytes(bytes(1 << 20))
    request = {"kind": "animate", "audio": {"upload": "audio"}, "transcript": TRANSCRIPT}
    options = {"log": Log(), **options}
    return Run(fake.client(timeout), request, {"audio": voice}, folder / "out", **options)


def watched(run: Run, seconds: float = 10.0) -> list[Snapshot]:
    """All different snapshots until the run has finished."""
    found, limit = [run.snapshot()], time.monotonic() + seconds
    while not found[-1].finished and time.monotonic() < limit:
        time.sleep(0.002)
        if (now := run.snapshot()) != found[-1]:
            found.append(now)
    assert found[-1].finished, found[-1]
    return found


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.005)
    return condition()


def test_a_good_run(fake: FakeBackend, tmp_path: Path) -> None:
    seen = watched(start(fake, tmp_path))
    end = seen[-1]
    assert (end.state, end.fraction, end.error, end.job_id) == ("done", 1.0, None, JOB)
    assert set(end.files) == {"take.npz", "head.npz"}
    assert end.files["take.npz"].read_bytes() == DATA
    assert head_file.load(end.files["head.npz"]).sha256 in end.files["head.npz"].name
    assert end.result["seconds"] == 1.0
    fractions = [one.fraction for one in seen]
    assert fractions == sorted(fractions)
    assert end.frames is not None
    np.testing.assert_array_equal(end.frames.coefficients[:, 0], [2] * 10 + [3])
    assert [one.query for one in fake.seen if one.path == FRAMES[1]] == ["first=0", "first=0", "first=10"]
    assert not end.frames.coefficients.flags.writeable
    with pytest.raises(FrozenInstanceError):
        end.fraction = 2.0  # type: ignore[misc]


def test_the_geometry_is_fetched_once(fake: FakeBackend, tmp_path: Path) -> None:
    first = watched(start(fake, tmp_path, heads=tmp_path / "heads"))[-1]
    fake.on(*FRAMES, reply(200, frames(0, 11)))
    second = watched(start(fake, tmp_path, heads=tmp_path / "heads"))[-1]
    assert second.files["head.npz"] == first.files["head.npz"]
    asked = [one.path for one in fake.seen if one.path.endswith("geometry")]
    assert len(asked) == 1
    first.files["head.npz"].write_bytes(b"damaged")
    third = watched(start(fake, tmp_path, heads=tmp_path / "heads"))[-1]
    assert head_file.load(third.files["head.npz"])


def test_a_cached_job_needs_no_events(fake: FakeBackend, tmp_path: Path) -> None:
    files = [{"name": "take.npz", "bytes": len(DATA), "sha256": ""}]
    fake.on(*SUBMIT, document(job("done", cached=True, files=files), status=202))
    end = watched(start(fake, tmp_path))[-1]
    assert (end.state, end.cached, set(end.files)) == ("done", True, {"take.npz"})
    assert fake.count(*EVENTS) == 0


def test_an_earlier_job_can_be_followed(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on("GET", f"/v1/jobs/{JOB}", document(job("running")))
    assert watched(start(fake, tmp_path, job_id=JOB))[-1].state == "done"
    assert fake.count(*SUBMIT) == 0


@pytest.mark.parametrize("bad", [file(DATA[:-1], length=len(DATA)), file(DATA, sha256="0" * 64)])
def test_a_damaged_file_is_fetched_again(fake: FakeBackend, tmp_path: Path, bad: Any) -> None:
    fake.on(*TAKE, bad, bad, file(DATA))
    assert watched(start(fake, tmp_path))[-1].files["take.npz"].read_bytes() == DATA
    fake.on(*TAKE, bad)
    end = watched(start(fake, tmp_path))[-1]
    assert end.state == "failed"
    assert end.error is not None
    assert end.error.code in {"backend_gone", "bad_answer"}


def test_missing_provisional_frames_are_no_reason_to_fail(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on(*FRAMES, reply(200, b"garbage"))
    end = watched(start(fake, tmp_path))[-1]
    assert (end.state, end.frames) == ("done", None)


def test_a_failed_job_says_why(fake: FakeBackend, tmp_path: Path) -> None:
    problem = {"code": "bad_audio", "message": "The voice is silent.", "advice": "Choose another.", "details": "peak 0"}
    fake.on(*EVENTS, events(event("state", job("failed", error=problem))))
    end = watched(start(fake, tmp_path))[-1]
    assert end.state == "failed"
    assert end.error is not None
    assert (end.error.code, end.error.sentence, end.error.details) == (
        "bad_audio",
        "The voice is silent. Choose another.",
        "peak 0",
    )


def test_a_refused_request_says_why(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on(*SUBMIT, error(422, "unknown_field", "There is no field 'x'.", "Update."))
    end = watched(start(fake, tmp_path))[-1]
    assert end.error is not None
    assert (end.state, end.error.code) == ("failed", "unknown_field")


def test_a_backend_that_dies_is_told(fake: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blender_addon.connection.client.PAUSES", (0.01, 0.01))
    fake.on(*EVENTS, events(event("state", job("running"))), raw(b""))
    end = watched(start(fake, tmp_path))[-1]
    assert end.error is not None
    assert (end.state, end.error.code, end.job_id) == ("failed", "backend_gone", JOB)


def test_mistakes_become_errors(fake: FakeBackend, tmp_path: Path) -> None:
    log = Log()
    run = Run(fake.client(), {"kind": {1, 2}}, {}, tmp_path, log=log)  # a set is no JSON
    end = watched(run)[-1]
    assert end.error is not None
    assert (end.state, end.error.code) == ("failed", "internal")
    assert "TypeError" in report_text({}, log)


def test_no_thread_to_be_had(fake: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("blender_addon.jobs.run.threading.Thread.start", refuse)
    run = start(fake, tmp_path)
    assert run.snapshot().state == "failed"
    run.cancel()
    assert run.snapshot().state == "failed"


def test_cancel_is_immediate_and_told(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on(*EVENTS, events(event("state", job("running")), lambda: fake.released.wait(20)))
    run = start(fake, tmp_path)
    assert soon(lambda: run.snapshot().state == "running")
    run.cancel()
    assert run.snapshot().state == "cancelled"
    assert soon(lambda: fake.count(*CANCEL) == 1)
    run.cancel()
    time.sleep(0.05)
    assert fake.count(*CANCEL) == 1


def test_cancel_does_not_wait_for_a_hanging_backend(
    fake: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blender_addon.jobs.run.CANCEL_TIMEOUT", 0.2)
    fake.on(*EVENTS, events(event("state", job("running")), lambda: fake.released.wait(20)))
    fake.on(*CANCEL, fake.hang)
    before = set(threading.enumerate())
    run = start(fake, tmp_path, timeout=30)
    assert soon(lambda: run.snapshot().state == "running")
    begun = time.monotonic()
    run.cancel()
    assert run.snapshot().state == "cancelled"
    assert time.monotonic() - begun < 0.5
    own = {one for one in threading.enumerate() if one.name == "style-avatar-run"} - before
    assert soon(lambda: not any(one.is_alive() for one in own))


def test_cancel_before_the_job_has_a_name(fake: FakeBackend, tmp_path: Path) -> None:
    asked, go = threading.Event(), threading.Event()

    def late(handler: Any) -> None:
        asked.set()
        go.wait(10)
        document(job("queued"), status=202)(handler)

    fake.on(*SUBMIT, late)
    run = start(fake, tmp_path)
    assert asked.wait(5)
    run.cancel()
    assert run.snapshot().state == "cancelled"
    go.set()
    assert soon(lambda: fake.count(*CANCEL) == 1)
    assert fake.count(*EVENTS) == 0


def test_cancel_while_fetching_leaves_nothing(fake: FakeBackend, tmp_path: Path) -> None:
    def half(handler: Any) -> None:
        file(DATA[:1000], length=len(DATA))(handler)
        fake.released.wait(10)

    fake.on(*TAKE, half)
    run = start(fake, tmp_path)
    assert soon(lambda: run.snapshot().state == "fetching" and fake.count(*TAKE) == 1)
    run.cancel()
    assert soon(lambda: list((tmp_path / "out").glob("*")) == [])
    assert run.snapshot().state == "cancelled"


def test_a_job_cancelled_elsewhere(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on(*EVENTS, events(event("state", job("cancelled"))))
    assert watched(start(fake, tmp_path))[-1].state == "cancelled"


def test_the_log_holds_no_transcript(fake: FakeBackend, tmp_path: Path) -> None:
    log = Log()
    fake.on(*SUBMIT, error(422, "internal", f"What is {TRANSCRIPT}?", ""))
    watched(start(fake, tmp_path, log=log))
    assert "nobody should" not in report_text({}, log)
