import os
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blender_addon.hosting import environment
from blender_addon.hosting.launcher import Launcher, Status
from blender_addon.report import Log, report_text
from tests.blender_addon.fake_backend import TOKEN, document, running

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the pretended Python is a script with a first line")

READY = {"ready": True, "version": "0.1.0", "protocol": 1, "worker": "idle", "queued": 3}
READY |= {"device": {"kind": "cuda", "name": "A Graphics Card"}}

PYTHON = """\
#!{python}
import json, os, signal, sys, time
if "-c" in sys.argv:
    print(json.dumps({{"python": "3.11.7", "version": {version!r}, "backend": True}}))
    sys.exit()
assert sys.argv[1:5] == ["-P", "-m", "backend.cli", "serve"], sys.argv
assert "--with-parent" in sys.argv
runtime = sys.argv[sys.argv.index("--runtime") + 1]

def announce(mode=0o600, **changes):
    facts = {{"port": {port}, "token": {token!r}, "pid": os.getpid(), "protocol": 1, "version": "0.1.0"}}
    with open(runtime, "w") as file:
        os.chmod(runtime, mode)
        json.dump(facts | changes, file)

def wait_for_parent():
    sys.stdin.buffer.read()

{behaviour}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def pretend(folder: Path, behaviour: str, port: int = 1, version: str | None = None) -> Path:
    """An environment whose Python does `behaviour` instead of serving."""
    python = folder / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    facts = {"python": sys.executable, "version": version or environment.addon_version(), "port": port, "token": TOKEN}
    python.write_text(PYTHON.format(behaviour=textwrap.dedent(behaviour), **facts))
    python.chmod(0o755)
    return folder / "env"


def soon(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return condition()


def settled(launcher: Launcher) -> Status:
    assert soon(lambda: launcher.state().state != "starting"), launcher.state()
    return launcher.state()


def test_nothing_is_started_unasked(folder: Path) -> None:
    launcher = Launcher(folder)
    assert launcher.state().state == "off"
    assert launcher.backend() is None
    launcher.stop(wait=True)


def test_a_backend_that_becomes_ready(folder: Path) -> None:
    behaviour = 'print("hello from", sys.argv, os.environ.get("PYTHONHOME")); announce(); wait_for_parent()'
    with running() as fake:
        fake.on(
            "GET", "/v1/health/ready", document(READY | {"ready": False, "worker": "starting"}, 503), document(READY)
        )
        log = Log()
        place = pretend(folder, behaviour, fake.port)
        launcher = Launcher(place, data_folder=folder / "data", roots=[folder / "a", folder / "b"], log=log)
        launcher.start()
        assert launcher.state().state == "starting"
        status = settled(launcher)
        assert (status.state, status.version, status.device, status.queued) == ("ready", "0.1.0", "A Graphics Card", 3)
        assert status.line == "Style Avatar 0.1.0 on A Graphics Card (GPU), idle"
        backend = launcher.backend()
        assert backend is not None
        assert backend.ready()["ready"]
        launcher.start()  # runs already
        assert launcher.backend() is backend
        launcher.stop(wait=True)
    assert (launcher.state().state, launcher.backend()) == ("stopped", None)
    text = report_text({}, log)
    assert "hello from" in text
    for word in ("--data", "--root", str(folder / "b"), "None"):
        assert word in text
    assert "killed" not in text
    assert TOKEN not in text
    assert soon(lambda: not list(folder.glob("style-avatar-*")))  # the token's file is gone


def test_a_backend_that_hangs_is_told_but_not_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blender_addon.hosting.launch.ASK", 0.05)
    monkeypatch.setattr("blender_addon.hosting.launch.ANSWER_TIMEOUT", 0.3)
    with running() as fake:
        fake.on("GET", "/v1/health/ready", document(READY), document(READY), fake.hang, document(READY))
        launcher = Launcher(pretend(folder, "announce(); wait_for_parent()", fake.port))
        launcher.start()
        assert soon(lambda: launcher.state().code == "no_answer")
        assert launcher.state().line == "The backend does not answer."
        assert launcher.backend() is not None
        assert soon(lambda: launcher.state().line.endswith(", idle"))
        launcher.stop(wait=True)


def test_a_variable_for_blenders_python_does_not_reach_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONHOME", "/somewhere")
    assert {"PYTHONPATH", "PYTHONHOME"}.isdisjoint(environment.child_environment())


def test_one_that_does_not_end_is_killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blender_addon.hosting.launch.GRACE", 0.3)
    log = Log()
    behaviour = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', os.getpid(), flush=True); time.sleep(60)"
    launcher = Launcher(pretend(folder, behaviour), log=log)
    launcher.start()
    assert soon(lambda: "backend: up" in "\n".join(log.lines()))
    pid = int("\n".join(log.lines()).rpartition("up ")[2])
    launcher.stop()
    assert launcher.state().state == "stopped"  # at once
    assert soon(lambda: not _exists(pid))
    assert "is killed" in "\n".join(log.lines())


def test_stopping_while_it_is_looked_for(folder: Path) -> None:
    launcher = Launcher(pretend(folder, "announce(); wait_for_parent()"))
    launcher.start()
    launcher.stop(wait=True)
    assert launcher.state().state == "stopped"
    assert subprocess.run(["pgrep", "-f", str(folder)], capture_output=True).stdout == b""


@pytest.mark.parametrize(
    ("behaviour", "state", "code"),
    [
        ("print('Traceback: boom'); sys.exit(1)", "failed", "crashed"),
        ("sys.exit(2)", "failed", "command_line"),
        ("sys.exit(10)", "failed", "data_folder"),
        ("sys.exit(13)", "failed", "weights"),
        ("sys.exit(99)", "failed", "crashed"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "failed", "killed"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "failed", "crashed"),
        ("sys.exit(0)", "stopped", "stopped"),
        ("announce(mode=0o644); wait_for_parent()", "failed", "token_exposed"),
        ("announce(mode=0o620); wait_for_parent()", "failed", "token_exposed"),
        ("announce(protocol=2); wait_for_parent()", "failed", "wrong_protocol"),
        ("announce(port='x'); wait_for_parent()", "failed", "bad_answer"),
        ("announce(token=''); wait_for_parent()", "failed", "bad_answer"),
        ("os.symlink('/etc/hostname', runtime); wait_for_parent()", "failed", "bad_answer"),
    ],
)
def test_every_bad_start_is_explained(folder: Path, behaviour: str, state: str, code: str) -> None:
    log = Log()
    launcher = Launcher(pretend(folder, behaviour), log=log)
    launcher.start()
    status = settled(launcher)
    assert (status.state, status.code) == (state, code)
    assert status.sentence
    assert status.advice
    assert launcher.backend() is None
    if "Traceback" in behaviour:
        assert "Traceback: boom" in status.details
    assert f"[{code}]" in report_text({}, log)


def test_an_unusable_environment_is_explained(folder: Path) -> None:
    launcher = Launcher(folder / "nowhere")
    launcher.start()
    assert (settled(launcher).state, launcher.state().code) == ("failed", "no_environment")
    launcher = Launcher(pretend(folder, "", version="99.0"))
    launcher.start()
    assert (settled(launcher).state, launcher.state().code) == ("failed", "other_version")


def test_it_can_be_started_again(folder: Path) -> None:
    launcher = Launcher(pretend(folder, "sys.exit(13)"))
    for _ in range(2):
        launcher.start()
        assert settled(launcher).code == "weights"


def test_the_next_start_waits_for_the_end_of_the_last(folder: Path) -> None:
    behaviour = """
    lock = os.path.join(os.path.dirname(os.path.dirname(runtime)), "lock")
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL))  # fails when the other one still runs
    print("locked", flush=True)
    wait_for_parent()
    time.sleep(0.5)
    os.unlink(lock)
    """
    log, place = Log(), pretend(folder, behaviour)
    first, second = Launcher(place, log=log), Launcher(place, log=log)
    first.start()
    assert soon(lambda: "\n".join(log.lines()).count("locked") == 1)
    first.stop()
    second.start()
    assert soon(lambda: "\n".join(log.lines()).count("locked") == 2)
    second.stop(wait=True)
    assert log.last_trouble is None


def test_the_pipe_is_nobody_elses(folder: Path) -> None:
    """Another program that Blender starts must not keep the backend alive."""
    behaviour = "print('up', flush=True); wait_for_parent(); print('down', flush=True)"
    log = Log()
    launcher = Launcher(pretend(folder, behaviour), log=log)
    launcher.start()
    assert soon(lambda: "backend: up" in "\n".join(log.lines()))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False) as other:
        try:
            launcher.stop()
            assert soon(lambda: "backend: down" in "\n".join(log.lines()), 1.5)
        finally:
            other.kill()


def test_the_runtime_file_lies_in_a_private_folder(folder: Path) -> None:
    launcher = Launcher(pretend(folder, "time.sleep(30)"))
    launcher.start()
    assert soon(lambda: bool(list(folder.glob("style-avatar-*"))))
    (private,) = folder.glob("style-avatar-*")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    launcher.stop(wait=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
