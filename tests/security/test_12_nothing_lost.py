"""Promise 12: kill -9 and a full disk lose nothing. (The soak of an hour is `benchmarks/soak.py`.)"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.backend.server.conftest import VOICE, Real, launch
from tests.security.conftest import LINUX, alive, end, request, until, warm, worker_of

_DISK = 160 * 2**20  # bytes; the server refuses work below 64 MiB

pytestmark = pytest.mark.skipif(not LINUX, reason="the worker is found through /proc")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder whose `data` is a small disk of its own."""
    data = tmp_path / "data"
    data.mkdir()
    options = ["-o", f"size={_DISK}", "tmpfs", str(data)]
    mounted = shutil.which("mount") and subprocess.run(["mount", "-t", "tmpfs", *options], capture_output=True)
    if not mounted or mounted.returncode:
        pytest.skip("this user may not mount a tmpfs, so no disk can be filled")
    yield tmp_path
    subprocess.run(["umount", "-l", str(data)], check=True)


def _contents(server: Real, job: dict[str, Any]) -> dict[str, str]:
    """A job's files, fetched, by name and hash; each must be what the job says that it is."""
    found = {}
    for file in job["files"]:
        content = server.http.get(f"/v1/jobs/{job['id']}/files/{file['name']}").content
        found[file["name"]] = hashlib.sha256(content).hexdigest()
        assert found[file["name"]] == file["sha256"]
    return found


def _half_an_upload(server: Real) -> socket.socket:
    """A job whose voice stops in the middle of its bytes."""
    part = 'Content-Disposition: form-data; name="voice"; filename="voice.wav"'
    body = f"--edge\r\n{part}\r\n\r\n".encode() + b"\0" * 2**21
    link = socket.create_connection(("127.0.0.1", server.runtime["port"]))
    headers = {"Content_Type": "multipart/form-data; boundary=edge", "Content_Length": str(2**22)}
    link.sendall(request(server, "POST /v1/jobs HTTP/1.1", **headers) + body)
    return link


def _holds_file_in(server: Real, folder: Path) -> bool:
    """Whether the server has a file open there; an upload has no name yet."""
    links = [link for link in Path(f"/proc/{server.process.pid}/fd").iterdir() if link.is_symlink()]
    return any(str(link.readlink()).startswith(str(folder)) for link in links)


def _long(voice: Path, path: Path, times: int) -> Path:
    samples, rate = soundfile.read(voice, dtype="int16")
    soundfile.write(path, np.tile(samples, times), rate)
    return path


def test_a_server_killed_in_the_middle_of_its_queue_loses_nothing(tmp_path: Path, voice: Path) -> None:
    server = launch(tmp_path)
    try:
        finished = server.wait(server.animate(voice, seed=1))
        failed = server.wait(server.animate(b"no sound", seed=3))
        contents = _contents(server, finished)
        running = server.animate(_long(VOICE, tmp_path / "long.wav", 4))
        queued = [server.animate(voice, seed=seed) for seed in range(4, 8)]
        server.http.post(f"/v1/jobs/{queued[-1]['id']}/cancel")
        ended = [finished, failed, server.wait(queued.pop())]
        assert [job["state"] for job in ended] == ["done", "failed", "cancelled"]
        server.wait(running, lambda job: job["frames"]["ready"] > 0)
        half, worker = _half_an_upload(server), worker_of(server)
        temporary = tmp_path / "data" / "slot-0" / "tmp"
        until(lambda: _holds_file_in(server, temporary), "half an upload on the disk")

        server.process.kill()
        server.process.communicate()
        until(lambda: not alive(worker), "the end of the worker")
        half.close()
        (tmp_path / "runtime.json").unlink()
        server = launch(tmp_path)

        assert [server.job(job) for job in ended] == ended
        assert _contents(server, finished) == contents
        assert list(temporary.iterdir()) == []
        known = {job["id"] for job in server.http.get("/v1/jobs").json()["jobs"]}
        assert known == {job["id"] for job in [*ended, running, *queued]}
        resumed = server.wait(running)
        assert resumed["state"] == "done" or (resumed["state"] == "failed" and resumed["error"]["advice"]), resumed
        for job in [resumed, *map(server.wait, queued)]:
            assert job["state"] == "done"
            assert set(_contents(server, job)) == {"take.npz", "texture.png"}
    finally:
        end(server)


def test_a_disk_that_fills_up_is_told_and_loses_nothing(disk: Path, voice: Path) -> None:
    server = launch(disk)
    try:
        finished = warm(server).wait(server.animate(voice, seed=1))
        contents = _contents(server, finished)
        running = server.animate(_long(VOICE, disk / "long.wav", 4))
        queued = server.animate(voice, seed=2)
        server.wait(running, lambda job: job["stage"] is not None)
        ballast = disk / "data" / "ballast"
        _fill(ballast)

        refused = server.post({"kind": "animate", "audio": {"upload": "voice"}, "seed": 3}, voice=voice)
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "disk_full")
        assert "space" in refused.json()["error"]["advice"]
        for job in (running, queued):
            ended = server.wait(job)
            assert ended["state"] == "done" or ended["error"]["code"] == "disk_full", json.dumps(ended)
            _contents(server, ended)
        assert server.job(finished) == finished and _contents(server, finished) == contents

        server.process.send_signal(signal.SIGKILL)
        server.process.communicate()
        (disk / "runtime.json").unlink()
        ballast.unlink()
        server = launch(disk)
        assert server.job(finished) == finished and _contents(server, finished) == contents
        assert server.wait(server.animate(voice, seed=3))["state"] == "done"
    finally:
        end(server)


def _fill(ballast: Path) -> None:
    """Take the disk's last byte."""
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    os.write(file.fileno(), b"\0" * size)
            except OSError:
                continue
