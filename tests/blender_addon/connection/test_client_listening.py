import threading
from collections.abc import Iterator

import numpy as np
import pytest

from blender_addon.trouble import BackendGone, BadAnswer, ClientError
from tests.blender_addon.fake_backend import (
    JOB,
    FakeBackend,
    event,
    events,
    frames,
    job,
    npz,
    raw,
    reply,
    running,
)

EVENTS = ("GET", f"/v1/jobs/{JOB}/events")


@pytest.fixture
def fake() -> Iterator[FakeBackend]:
    with running() as backend:
        yield backend


def test_events_come_until_the_job_ends(fake: FakeBackend) -> None:
    progress = {"stage": "speech", "done": 1, "total": 2}
    parts = (event("state", job("running")), b": still here\n\n", event("progress", progress))
    fake.on(*EVENTS, events(*parts, event("state", job("done")), event("progress", progress)))
    found = [(one.kind, one.data.get("state")) for one in fake.client().events(JOB)]
    assert found == [("state", "running"), ("progress", None), ("state", "done")]


def test_events_are_taken_up_again(fake: FakeBackend) -> None:
    running_, done = event("state", job("running")), event("state", job("done"))
    fake.on(*EVENTS, events(running_, done[:-5]), raw(b"HTTP/1.1 200"), raw(b""), events(b"data: {\n\n"), events(done))
    assert [one.data["state"] for one in fake.client().events(JOB)] == ["running", "done"]
    assert fake.count(*EVENTS) == 5


def test_events_of_a_dead_backend_end(fake: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blender_addon.connection.client.PAUSES", (0.01, 0.01))
    fake.on(*EVENTS, events(event("state", job("running"))), raw(b""))
    heard = []
    with pytest.raises(BackendGone):
        heard.extend([one.kind for one in fake.client().events(JOB)])
    fake.on(*EVENTS, events(b"data: nonsense\n\n"))
    with pytest.raises(BadAnswer):
        list(fake.client().events(JOB))
    fake.routes.pop(EVENTS)
    with pytest.raises(ClientError) as caught:
        list(fake.client().events(JOB))
    assert caught.value.code == "not_found"


def test_close_wakes_who_listens(fake: FakeBackend) -> None:
    client, heard = fake.client(), threading.Event()
    fake.on(*EVENTS, events(event("state", job("running")), lambda: fake.released.wait(20)))
    caught: list[BaseException] = []

    def listen() -> None:
        try:
            for _ in client.events(JOB):
                heard.set()
        except BackendGone as gone:
            caught.append(gone)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert heard.wait(5)
    client.close()
    thread.join(5)
    assert not thread.is_alive()
    assert len(caught) == 1
    with pytest.raises(BackendGone):
        client.ready()


def test_frames_are_checked(fake: FakeBackend) -> None:
    path = ("GET", f"/v1/jobs/{JOB}/frames")
    fake.on(*path, reply(200, frames(3, 5, 0.5)))
    found = fake.client().frames(JOB, 3)
    assert (found.coefficients.shape, found.first, found.fps) == ((5, 257), 3, 25.0)
    assert not found.coefficients.flags.writeable
    nan = np.full((2, 257), np.nan, np.float32)
    objects = np.array([{"a": 1}], dtype=object)
    for data in (
        frames(0, 4)[:-40],
        frames(-1, 4),
        npz(coefficients=nan, first=0, fps=25.0),
        npz(coefficients=np.zeros((2, 12), np.float32), first=0, fps=25.0),
        npz(coefficients=objects, first=0, fps=25.0),
        npz(first=0),
        b"",
    ):
        fake.on(*path, reply(200, data))
        with pytest.raises(BadAnswer):
            fake.client().frames(JOB, 0)
