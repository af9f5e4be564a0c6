"""Promise 11: files appear whole or not at all, whenever the process that writes them is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models import take as take_file
from tests.backend.server.conftest import Real
from tests.security.conftest import LINUX, environment, until, warm, worker_of

_ROUNDS = 60

# Children write the backend's files again and again, and each is killed after another time.
_WRITERS = """
import hashlib, os, random, signal, sys, time
from pathlib import Path
import numpy as np
from backend.server.cache import Cache, Result
from backend.server.runtime_file import write_runtime_file
from models import take

def write(folder):
    random.seed(os.getpid())
    cache = Cache(folder / "cache")
    for number in range(10**6):
        coefficients = np.full((200, 257), number % 7, np.float32)
        meta = {"face_model": {"name": "open_head", "sha256": "0" * 64}, "number": number}
        take.save(take.Take(coefficients, 25.0, meta), folder / "take.npz")
        write_runtime_file(folder / "runtime.json", port=number, token="t" * 5000, version="0")
        made = (folder / "take.npz").read_bytes()
        (folder / "done").write_bytes(b"")
        files = [{"name": "take.npz", "bytes": len(made), "sha256": hashlib.sha256(made).hexdigest()}]
        cache.store(hashlib.sha256(b"%d" % number).hexdigest(), Result({"number": number}, files), folder)

for round in range(int(sys.argv[2])):
    folder = Path(sys.argv[1]) / str(round)
    (folder / "cache").mkdir(parents=True)
    child = os.fork()
    if child == 0:
        write(folder)
    while not (folder / "done").exists():
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_killed_writer_leaves_is_whole(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _WRITERS, str(tmp_path), str(_ROUNDS)], check=True, env=environment())
    folders = list(tmp_path.iterdir())
    assert len(folders) == _ROUNDS
    entries = 0
    for folder in folders:
        coefficients = take_file.load(folder / "take.npz").coefficients
        assert coefficients.shape == (200, 257) and (coefficients == coefficients[0, 0]).all()
        assert json.loads((folder / "runtime.json").read_text())["token"] == "t" * 5000
        entries += sum(_is_whole(entry) for entry in (folder / "cache").glob("[!.]*"))
    assert entries >= _ROUNDS / 2
    unfinished = [path for folder in folders for path in folder.rglob(".*")]
    assert unfinished, "no child was killed while it wrote"


def _is_whole(entry: Path) -> bool:
    """A result in the cache has all of its files, each as its manifest says."""
    manifest = json.loads((entry / "result.json").read_text())
    for file in manifest["files"]:
        content = (entry / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    return True


_MOMENTS: dict[str, Callable[[Path], Any]] = {
    "the take begins": lambda results: list(results.glob("*take.npz*")),
    "the texture begins": lambda results: list(results.glob("*texture.png*")),
}


@pytest.mark.skipif(not LINUX, reason="the worker is found through /proc")
def test_a_worker_killed_while_it_writes_its_results_leaves_whole_files(real: Real, voice: Path, folder: Path) -> None:
    for seed, (moment, reached) in enumerate(_MOMENTS.items(), 200):
        worker = worker_of(warm(real))
        job = real.animate(voice, seed=seed)
        results = folder / "data" / "slot-0" / "jobs" / job["id"] / "results"
        until(lambda reached=reached, results=results: reached(results), moment)  # type: ignore[misc]
        os.kill(worker, signal.SIGKILL)
        ended = real.wait(job)
        whole = {path.name for path in results.glob("[!.]*")}
        assert whole <= {"take.npz", "texture.png"}
        for name in whole:
            _opens(results / name)
        until(lambda results=results: not list(results.glob(".*")), "no half-written file")  # type: ignore[misc]
        assert ended["state"] in {"failed", "done"}  # done: it had told the server before it died
        assert {file["name"] for file in ended["files"]} == (whole if ended["state"] == "done" else set())
        until(lambda worker=worker: worker_of(real) != worker, "a new worker")  # type: ignore[misc]
    for entry in (folder / "data" / "cache").glob("[!.]*"):
        _is_whole(entry)
    again = real.wait(real.animate(voice, seed=200))
    assert again["state"] == "done"
    for file in again["files"]:
        content = real.http.get(f"/v1/jobs/{again['id']}/files/{file['name']}").content
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


def _opens(path: Path) -> None:
    """A take or a picture that is complete."""
    if path.suffix == ".npz":
        assert len(take_file.load(path).coefficients) >= 50
    else:
        with Image.open(path) as picture:
            picture.load()
