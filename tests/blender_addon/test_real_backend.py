"""The add-on's connection against the backend itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from backend.delivery import DEMO_VOICE
from blender_addon.connection.client import Backend
from blender_addon.files import head_file, take_file
from blender_addon.hosting.launcher import Launcher
from blender_addon.jobs.run import STAGE_LABELS, Run, Snapshot
from blender_addon.report import Log, report_text

PARENT = """
import sys, time
from blender_addon.hosting.launcher import Launcher
launcher = Launcher(sys.executable, data_folder=sys.argv[1])
launcher.start()
while launcher.state().state == "starting" and "loading" not in launcher.state().sentence:
    time.sleep(0.05)
print(launcher.state().sentence, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def log() -> Log:
    return Log()


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory, log: Log) -> Iterator[Launcher]:
    own = Launcher(sys.executable, data_folder=tmp_path_factory.mktemp("data"), log=log)
    yield own
    own.stop(wait=True)
    assert own.state().state == "stopped"


@pytest.fixture
def backend(launcher: Launcher) -> Backend:
    """The backend, started when a test before has killed it."""
    launcher.start()
    assert soon(lambda: launcher.state().state != "starting", 120)
    found = launcher.backend()
    assert found is not None, launcher.state()
    return found


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of the demo's voice, long enough for frames before the end."""
    return write_voice(tmp_path_factory.mktemp("voice") / "voice.wav", seconds=8)


def write_voice(path: Path, seconds: int) -> Path:
    samples, rate = soundfile.read(DEMO_VOICE, dtype="int16")
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes(np.resize(samples, seconds * rate).tobytes())
    return path


def animate(backend: Backend, voice: Path, folder: Path, log: Log, **changes: Any) -> Run:
    request: dict[str, Any] = {
        "kind": "animate",
        "audio": {"upload": "audio"},
        "image": None,
        "person": None,
        "style": "neutral",
    }
    request |= {"sliders": {}, "transcript": None, "seed": 0, "face_model": "open_head"}
    return Run(backend, request | changes, {"audio": voice}, folder, log=log)


def soon(condition: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return condition()


def watched(run: Run) -> list[Snapshot]:
    found = [run.snapshot()]

    def ended() -> bool:
        found.append(run.snapshot())
        return found[-1].finished

    assert soon(ended, 120)
    return found


@pytest.mark.parametrize(("motion", "seconds", "apart"), [("learned", 8, 1e-5), ("articulator", 9, 0.05)])
def test_a_voice_becomes_a_take(
    backend: Backend, tmp_path: Path, log: Log, motion: str, seconds: int, apart: float
) -> None:
    voice = write_voice(tmp_path / "voice.wav", seconds)  # one that the backend does not know yet
    seen = watched(animate(backend, voice, tmp_path, log, motion=motion))
    end = seen[-1]
    assert end.state == "done", end.error
    take, head = take_file.load(end.files["take.npz"]), head_file.load(end.files["head.npz"])
    assert take.face_model_sha256 == head.sha256
    assert len(take.coefficients) == 25 * seconds and take.meta["models"]["motion"] == motion
    assert end.files["texture.png"].read_bytes().startswith(b"\x89PNG")
    fractions = [one.fraction for one in seen]
    assert fractions == sorted(fractions)
    assert {one.stage for one in seen} <= set(STAGE_LABELS.values())
    early = [one.frames for one in seen if one.frames is not None and not one.finished]
    assert early, "the head could not be shown before the take was there"
    mouth = early[-1].coefficients[:, take_file.EXPRESSION]
    assert np.abs(mouth - take.expression[: len(mouth)]).mean() < apart  # rules: the same performance, not yet final
    again = watched(animate(backend, voice, tmp_path / "again", log, motion=motion))[-1]
    assert again.cached
    assert again.files["take.npz"].read_bytes() == end.files["take.npz"].read_bytes()


def test_styles_and_models_are_listed(backend: Backend) -> None:
    offered = backend.styles()
    names = [style["name"] for style in offered["styles"]]
    assert "neutral" in names
    assert "lips" in offered["sliders"]
    assert {motion["name"] for motion in offered["motions"]} == {"learned", "articulator"}
    assert backend.mix([(name, 0.5) for name in names[:2]])
    assert backend.face_models()[0]["name"] == "open_head"


def test_cancelling_frees_the_backend(backend: Backend, voice: Path, tmp_path: Path, log: Log) -> None:
    run = animate(backend, write_voice(tmp_path / "long.wav", seconds=600), tmp_path, log)
    assert soon(lambda: run.snapshot().state == "running", 30)
    run.cancel()
    assert run.snapshot().state == "cancelled"
    job_id = run.snapshot().job_id
    assert soon(lambda: backend.job(job_id)["state"] == "cancelled", 10)
    end = watched(animate(backend, voice, tmp_path, log, seed=1))[-1]
    assert end.state == "done", end.error


def test_a_file_that_is_no_voice_is_explained(backend: Backend, tmp_path: Path, log: Log) -> None:
    (tmp_path / "voice.wav").write_text("hello")
    end = watched(animate(backend, tmp_path / "voice.wav", tmp_path, log))[-1]
    assert end.error is not None
    assert end.error.code == "bad_audio"
    assert end.error.message
    assert end.error.advice


def test_a_killed_backend_is_explained_and_its_job_goes_on(
    launcher: Launcher, backend: Backend, tmp_path: Path, log: Log
) -> None:
    run = animate(backend, write_voice(tmp_path / "long.wav", seconds=600), tmp_path, log)
    assert soon(lambda: run.snapshot().state == "running", 30)
    started = re.findall(r"started process (\d+)", "\n".join(log.lines(2000)))
    os.kill(int(started[-1]), getattr(signal, "SIGKILL", signal.SIGTERM))
    assert soon(lambda: launcher.state().state == "failed", 10)
    assert launcher.backend() is None
    if os.name == "posix":
        assert launcher.state().code == "killed"
    assert launcher.state().advice
    end = watched(run)[-1]
    assert end.error is not None
    assert (end.state, end.error.code) == ("failed", "backend_gone")
    assert "[backend_gone]" in report_text({}, log)
    launcher.start()
    assert soon(lambda: launcher.state().state == "ready", 120)
    restarted = launcher.backend()
    assert restarted is not None
    again = Run(restarted, {}, {}, tmp_path, job_id=end.job_id, log=log)
    assert soon(lambda: again.snapshot().state == "running", 30), again.snapshot()
    again.cancel()
    assert soon(lambda: restarted.job(end.job_id)["state"] == "cancelled", 10)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_the_backend_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "data")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    try:
        assert parent.stdout is not None
        assert b"loading" in parent.stdout.readline()
        assert soon(lambda: len(descendants(parent.pid)) >= 2, 10)  # the server and its worker
        family = descendants(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert soon(lambda: not any(alive(pid) for pid in family), 5)
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


def descendants(pid: int) -> set[int]:
    """Children and their children, from /proc."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
