"""Promise 9: the backend dies with the Blender that started it, two Blenders do not fight, no orphan survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.backend.server.conftest import SAFETY, Real
from tests.security.conftest import LINUX, environment, until

pytestmark = pytest.mark.skipif(not LINUX, reason="processes are found through /proc")

_HOLDER = """
import subprocess, sys, time
command = [sys.executable, "-P", "-m", "backend.cli", "serve", "--with-parent", *sys.argv[1:]]
server = subprocess.Popen(command, stdin=subprocess.PIPE)
time.sleep(600)
"""


@dataclass
class Blender:
    """A program that holds the server's standard input, as Blender does, and what it may be asked."""

    process: subprocess.Popen[bytes]
    runtime: Path
    data: Path

    def server(self) -> Real:
        """The server that it started."""
        until(self.runtime.exists, "a runtime file")
        facts = json.loads(self.runtime.read_text())
        headers = {"Authorization": f"Bearer {facts['token']}", "X-Style-Avatar-Protocol": "1"}
        http = httpx2.Client(base_url=f"http://127.0.0.1:{facts['port']}", headers=headers, timeout=SAFETY)
        return Real(http, [], self.process, facts)

    def kill(self) -> None:
        """End it as the system would: it cannot say goodbye."""
        self.process.kill()
        self.process.wait(SAFETY)


def _blender(folder: Path, name: str) -> Blender:
    runtime = folder / f"{name}.json"
    options = ["--data", str(folder / "data"), "--runtime", str(runtime)]
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, *options], env=environment())
    return Blender(process, runtime, folder / "data")


def _processes(folder: Path, *, of: str = "") -> list[int]:
    """Whoever has the folder in its command line: servers, workers and what holds them; `of` must be in it too."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has just ended
        if str(folder) in words and of in words:
            found.append(int(line.parent.name))
    return found


def test_two_blenders_do_not_fight_and_each_takes_its_own_backend_along(tmp_path: Path, voice: Path) -> None:
    blenders = [_blender(tmp_path, name) for name in ("first", "second")]
    try:
        first, second = (blender.server() for blender in blenders)
        for fact in ("port", "token", "pid"):
            assert first.runtime[fact] != second.runtime[fact]
        assert sorted(path.name for path in (tmp_path / "data").glob("slot-*")) == ["slot-0", "slot-1"]
        until(lambda: len(_processes(tmp_path, of="backend.server.worker")) == 2, "two workers")

        job = first.animate(voice)
        assert second.http.get(f"/v1/jobs/{job['id']}").status_code == 404
        assert second.http.post(f"/v1/jobs/{job['id']}/cancel").status_code == 404
        blenders[0].kill()  # while its worker is starting or at work
        until(lambda: len(_processes(tmp_path)) == 3, "the first family gone: only the second and what holds it")
        assert not _processes(tmp_path, of=str(blenders[0].runtime))
        assert not blenders[0].runtime.exists()

        assert second.wait(second.animate(voice))["state"] == "done"
        assert second.http.get(f"/v1/jobs/{job['id']}").status_code == 404
        blenders[1].kill()
        until(lambda: not _processes(tmp_path), "an empty process table")
        assert not blenders[1].runtime.exists()
    finally:
        for blender in blenders:
            blender.kill()


def test_a_blender_killed_during_the_launch_leaves_nobody(tmp_path: Path) -> None:
    """Its backend has not announced itself yet, so nobody could find it to end it."""
    for moment in ("the server", "the worker"):
        blender = _blender(tmp_path, "early")
        of = "backend.server.worker" if moment == "the worker" else "backend.cli"
        until(lambda of=of: _processes(tmp_path, of=of), moment)  # type: ignore[misc]
        blender.kill()
        until(lambda: not _processes(tmp_path), "an empty process table")


def test_a_server_killed_at_once_takes_its_worker_along(tmp_path: Path) -> None:
    blender = _blender(tmp_path, "third")
    try:
        server = blender.server()
        until(lambda: _processes(tmp_path, of="backend.server.worker"), "a worker")
        os.kill(server.runtime["pid"], signal.SIGKILL)
        until(lambda: _processes(tmp_path) == [blender.process.pid], "only what held the server")
    finally:
        blender.kill()
