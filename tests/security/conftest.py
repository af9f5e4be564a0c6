"""One real server process, as the add-on starts it, for the whole folder; and ways to ask it what no client would."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backend.server.conftest import SAFETY, Real, launch, write_voice

LINUX = Path("/proc/self/fd").is_dir()


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of speech."""
    return write_voice(tmp_path_factory.mktemp("voice") / "voice.wav", 2)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server was given: `root` (a declared root), `data`, `runtime.json`; `outside` is not its own."""
    folder = tmp_path_factory.mktemp("server")
    for name in ("root", "outside"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="session")
def real(folder: Path) -> Iterator[Real]:
    """The server."""
    running = launch(folder, "--root", str(folder / "root"), "--with-parent", stdin=subprocess.PIPE)
    yield running
    end(running)


def end(server: Real) -> None:
    """Stop a server, whatever a test did to it."""
    server.http.close()
    if server.process.poll() is None:
        server.process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.process.communicate(timeout=10)
    if server.process.poll() is None:
        server.process.kill()
        server.process.communicate()


def until(holds: Callable[[], Any], what: str) -> Any:
    """What `holds` returns once it is true."""
    give_up = time.monotonic() + SAFETY
    while time.monotonic() < give_up:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it never came to this: {what}")


def warm(server: Real) -> Real:
    """The server once its worker waits for jobs."""
    until(lambda: server.http.get("/v1/health/ready").json()["worker"] == "idle", "an idle worker")
    return server


def worker_of(server: Real) -> int:
    """The worker's process id."""
    if not LINUX:
        pytest.skip("children are found through /proc")
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return int(until(lambda: children.read_text().split(), "a worker")[0])


def alive(pid: int) -> bool:
    """Whether the process runs (one that has ended and waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and folder below, with size, time of change and inode."""
    return {
        str(path.relative_to(folder)): (found.st_size, found.st_mtime_ns, found.st_ino)
        for path in sorted(folder.rglob("*"))
        if (found := path.lstat())
    }


def ask(server: Real, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to `request`, sent as it is, byte for byte."""
    with socket.create_connection(("127.0.0.1", server.runtime["port"]), SAFETY) as link:
        link.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := link.recv(65536)):
            answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)) and (piece := link.recv(65536)):
            body += piece
    return int(lines[0].split()[1]), headers, body


def request(server: Real, line: str = "GET /v1/health/live HTTP/1.1", **headers: str | None) -> bytes:
    """A request with good headers, of which some are replaced (`X_Y` is `X-Y`) or left out (None)."""
    good: dict[str, str | None] = {
        "Host": f"127.0.0.1:{server.runtime['port']}",
        "Authorization": f"Bearer {server.runtime['token']}",
        "X-Style-Avatar-Protocol": "1",
        "Connection": "close",
    }
    good.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [line, *(f"{name}: {value}" for name, value in good.items() if value is not None), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def code(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """Status and our own code of an answer that is an error."""
    error = json.loads(answer[2])["error"]
    assert error["message"] and error["advice"], error
    return answer[0], error["code"]


def environment(**more: str) -> dict[str, str]:
    """This process's environment with one thread for the models, and more."""
    return {**os.environ, "OMP_NUM_THREADS": "1", **more}
