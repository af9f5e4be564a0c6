"""A backend that somebody else started."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_addon.hosting import connected
from blender_addon.hosting.connected import Connected
from blender_addon.report import Log
from tests.blender_addon import fake_backend
from tests.blender_addon.fake_backend import TOKEN, FakeBackend

READY = {
    "ready": True,
    "version": "0.1.0",
    "protocol": 1,
    "device": {"kind": "cuda", "name": "A GPU"},
    "worker": "idle",
    "queued": 0,
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBackend]:
    monkeypatch.setattr(connected, "ASK", 0.05)
    with fake_backend.running() as fake:
        fake.on("GET", "/v1/health/ready", fake_backend.document(READY))
        yield fake


@pytest.fixture
def runtime(fake: FakeBackend, tmp_path: Path) -> Path:
    return written(tmp_path / "run.json", {"port": fake.port, "token": TOKEN, "protocol": 1, "version": "0.1.0"})


def written(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return path


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_found_by_its_file_and_left_running(runtime: Path, fake: FakeBackend) -> None:
    log = Log()
    host = Connected(runtime, log)
    assert host.state().state == "off" and host.backend() is None
    host.start()
    until(lambda: host.state().state == "ready")
    assert host.state().device == "A GPU" and host.state().version == "0.1.0"
    backend = host.backend()
    assert backend is not None and backend.ready()["worker"] == "idle"
    host.stop()
    assert host.state().state == "stopped" and host.backend() is None
    assert not [one for one in fake.seen if one.method != "GET"]
    assert TOKEN not in "\n".join(log.lines())


def test_no_file_is_explained(tmp_path: Path) -> None:
    host = Connected(tmp_path / "gone.json", Log())
    host.start()
    until(lambda: host.state().state == "failed")
    assert host.state().code == "no_runtime" and "style-avatar serve" in host.state().advice


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_file_that_others_can_read_is_not_used(runtime: Path, fake: FakeBackend) -> None:
    runtime.chmod(0o644)
    host = Connected(runtime, Log())
    host.start()
    until(lambda: host.state().state == "failed")
    assert host.state().code == "token_exposed" and not fake.seen


def test_an_end_is_noticed_and_it_can_be_taken_up_again(runtime: Path, fake: FakeBackend) -> None:
    host = Connected(runtime, Log())
    host.start()
    until(lambda: host.state().state == "ready")
    fake.on("GET", "/v1/health/ready", fake_backend.raw(b""))
    until(lambda: host.state().state == "failed")
    assert host.backend() is None and host.state().advice
    fake.on("GET", "/v1/health/ready", fake_backend.document(READY))
    host.start()
    until(lambda: host.backend() is not None)
    host.stop()
