"""Two servers to test against: one in this process over a worker without models, one real process with the models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from backend.server.app import make_app
from backend.server.cache import Cache
from backend.server.context import Server
from backend.server.errors import Problem
from backend.server.folders import take_slot
from backend.server.live import Live
from backend.server.queue import Queue
from backend.server.roots import Roots
from backend.server.supervisor import Supervisor

VOICE = Path(__file__).parents[3] / "backend" / "assets" / "demo_voice.flac"
SAFETY = 120.0  # seconds; only to end a test that would hang
FINISHED = {"done", "failed", "cancelled"}


@dataclass
class Api:
    """Asks a server, as a client would."""

    http: Any
    refused: list[Problem] = field(default_factory=list)

    def post(self, request: dict[str, Any], **files: bytes | Path) -> httpx2.Response:
        parts: dict[str, Any] = {"request": (None, json.dumps(request), "application/json")}
        for name, content in files.items():
            if isinstance(content, Path):
                parts[name] = (content.name, content.read_bytes(), "application/octet-stream")
            else:
                parts[name] = (f"{name}.wav", content, "application/octet-stream")
        return self.http.post("/v1/jobs", files=parts)

    def animate(self, voice: bytes | Path, **fields: Any) -> dict[str, Any]:
        """Queue a job; the answer must be 202."""
        answer = self.post({"kind": "animate", "audio": {"upload": "voice"}, **fields}, voice=voice)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        return self.http.get(f"/v1/jobs/{job['id']}").json()

    def wait(self, job: dict[str, Any], until: Callable[[dict[str, Any]], bool] | None = None) -> dict[str, Any]:
        """The job once it has finished, or once `until` holds."""
        give_up = time.monotonic() + SAFETY
        while time.monotonic() < give_up:
            found = self.job(job)
            if until(found) if until else found["state"] in FINISHED:
                return found
            time.sleep(0.02)
        raise AssertionError(f"the job did not come so far: {found}")

    def events(self, job: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Everything the event stream says until it ends."""
        text = self.http.get(f"/v1/jobs/{job['id']}/events").text
        blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event: ")]
        return [(kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for kind, data in blocks]


@dataclass
class InProcess(Api):
    """A server in this process, whose worker is `fake_worker`."""

    server: Server = None  # type: ignore[assignment]

    @property
    def worker_folder(self) -> Path:
        """Where the fake worker notes what it does and reads its mood."""
        return self.server.folders.geometry


def build(data: Path, refused: list[Problem], roots: Sequence[Path], program: str) -> Server:
    folders = take_slot(data)
    folders.make_reserve()
    queue = Queue(folders.queue)
    queue.recover(Problem(code="interrupted", message="Ended twice.", advice="Start it again."))
    folders.tidy({job.id for job in queue.all()})
    cache, live = Cache(folders.cache), Live()
    command = [program, "-P", str(Path(__file__).with_name("fake_worker.py")), str(folders.geometry)]
    supervisor = Supervisor(queue, cache, live, folders, command, refused.append)
    return Server("0", "code and weights", folders, Roots(roots), queue, cache, live, supervisor)


@contextmanager
def serving(
    data: Path, *, roots: Sequence[Path] = (), program: str = sys.executable, mood: str = ""
) -> Iterator[InProcess]:
    """A server that is stopped at the end; `mood`: how its fake worker behaves."""
    refused: list[Problem] = []
    server = build(data, refused, roots, program)
    if mood:
        (server.folders.geometry / "mood.txt").write_text(mood)
    with TestClient(make_app(server), raise_server_exceptions=False) as client:
        yield InProcess(client, refused, server)
    server.queue.close()
    server.folders.lock.release()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[InProcess]:
    """A fresh server with a fake worker."""
    root = tmp_path / "root"
    root.mkdir()
    with serving(tmp_path / "data", roots=[root]) as api:
        yield api


@dataclass
class Real(Api):
    """A server process with the models."""

    process: subprocess.Popen[bytes] = None  # type: ignore[assignment]
    runtime: dict[str, Any] = field(default_factory=dict)


def launch(folder: Path, *options: str, **pipes: Any) -> Real:
    """Start `style-avatar serve` and wait until it accepts connections."""
    runtime = folder / "runtime.json"
    command = [sys.executable, "-P", "-m", "backend.cli", "serve", "--data", str(folder / "data")]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # several spin where other tests run beside
    process = subprocess.Popen(
        [*command, "--runtime", str(runtime), *options], stderr=subprocess.PIPE, env=one_thread, **pipes
    )
    give_up = time.monotonic() + SAFETY
    while not runtime.exists():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < give_up, "the server did not announce itself"
        time.sleep(0.02)
    facts = json.loads(runtime.read_text())
    headers = {"Authorization": f"Bearer {facts['token']}", "X-Style-Avatar-Protocol": "1"}
    client = httpx2.Client(base_url=f"http://127.0.0.1:{facts['port']}", headers=headers, timeout=SAFETY)
    return Real(client, [], process, facts)


def only_child(pid: int) -> int:
    if not sys.platform.startswith("linux"):
        pytest.skip("children are found through /proc")
    give_up = time.monotonic() + SAFETY
    while time.monotonic() < give_up:
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.02)
    raise AssertionError("the server started no worker")


def wait_until_gone(pid: int) -> None:
    give_up = time.monotonic() + SAFETY
    while _runs(pid) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process lives; one that only waits for its parent to notice its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of speech."""
    return write_voice(tmp_path_factory.mktemp("voice") / "voice.wav", 4)


def write_voice(path: Path, seconds: int) -> Path:
    """Speech of this length: the start of a recording, or that over and over."""
    samples, rate = soundfile.read(VOICE, dtype="int16")
    soundfile.write(path, np.resize(samples, seconds * rate), rate)
    return path


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """One server process with a warm worker for all tests."""
    running = launch(tmp_path_factory.mktemp("server"))
    yield running
    running.process.terminate()
    assert running.process.wait(SAFETY) == 0
