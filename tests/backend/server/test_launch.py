"""How the process starts and ends, with a worker that has no models: exit codes, signals, the runtime file."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from backend.server import exit_codes
from tests.backend.server.conftest import SAFETY, Real, only_child, wait_until_gone

SERVE = """
import sys
from pathlib import Path
from backend.server import launch
launch.worker_command = lambda geometry: [sys.executable, "-P", sys.argv[1], str(geometry)]
data, runtime = Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None
sys.exit(launch.serve(launch.Settings(data=data, runtime=runtime)))
"""

COMMAND = """
import sys
from backend import cli
from backend.server import launch
launch.worker_command = lambda geometry: [sys.executable, "-P", sys.argv[1], str(geometry)]
sys.exit(cli.main(["serve", *sys.argv[2:]]))
"""


def _start(data: Path, *runtime: Path) -> subprocess.Popen[str]:
    worker = Path(__file__).with_name("fake_worker.py")
    command = [sys.executable, "-c", SERVE, str(worker), str(data), *map(str, runtime)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _announced(process: subprocess.Popen[str], runtime: Path) -> dict[str, Any]:
    give_up = time.monotonic() + SAFETY
    while not runtime.exists() and time.monotonic() < give_up:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    return json.loads(runtime.read_text())


def _client(facts: dict[str, Any]) -> Real:
    headers = {"Authorization": f"Bearer {facts['token']}", "X-Style-Avatar-Protocol": str(facts["protocol"])}
    return Real(httpx2.Client(base_url=f"http://127.0.0.1:{facts['port']}", headers=headers, timeout=SAFETY))


def test_missing_weights_end_the_server_with_their_code_and_keep_the_queue(tmp_path: Path) -> None:
    geometry = tmp_path / "data" / "face_models"
    geometry.mkdir(parents=True)
    (geometry / "mood.txt").write_text("refuses")
    process = _start(tmp_path / "data")
    _, told = process.communicate(timeout=SAFETY)
    assert process.returncode == exit_codes.NO_WEIGHTS
    assert "No weights. Restore them." in told


def test_a_queue_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    slot = tmp_path / "slot-0"
    slot.mkdir()
    with sqlite3.connect(slot / "queue.sqlite") as file:
        file.execute("PRAGMA user_version = 99")
    process = _start(tmp_path)
    _, told = process.communicate(timeout=SAFETY)
    assert process.returncode == exit_codes.NEWER_QUEUE and "update Style Avatar" in told


def test_a_runtime_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    process = _start(tmp_path / "data", tmp_path / "file" / "runtime.json")
    _, told = process.communicate(timeout=SAFETY)
    assert process.returncode == exit_codes.NO_DATA_FOLDER and "runtime file" in told


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, exit_codes.STOPPED), (signal.SIGINT, exit_codes.INTERRUPTED)]
)
def test_signals_end_it_in_order_even_while_somebody_listens(tmp_path: Path, number: int, code: int) -> None:
    runtime = tmp_path / "runtime.json"
    process = _start(tmp_path / "data", runtime)
    api = _client(_announced(process, runtime))
    job = api.animate(b"sound", transcript="slow")
    with api.http.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
        lines = events.iter_lines()
        assert next(lines) == "event: state"
        process.send_signal(number)
        assert not any('"state": "failed"' in line for line in lines)  # and the stream ends by itself
    _, printed = process.communicate(timeout=SAFETY)
    assert process.returncode == code and "Traceback" not in printed, printed
    assert not runtime.exists()
    with sqlite3.connect(tmp_path / "data" / "slot-0" / "queue.sqlite") as file:
        assert file.execute("SELECT state, attempts FROM jobs").fetchall() == [("queued", 0)]


def test_kill_9_loses_nothing_and_what_was_running_runs_again_once(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime.json"
    process = _start(tmp_path / "data", runtime)
    api = _client(_announced(process, runtime))
    done = api.wait(api.animate(b"sound", transcript="done before"))
    running = api.animate(b"sound", transcript="slow")
    queued = [api.animate(b"sound", transcript=f"{number}") for number in range(3)]
    for _ in range(2):
        api.wait(running, lambda job: job["stage"] is not None)
        worker = only_child(process.pid)
        process.kill()
        process.communicate(timeout=SAFETY)
        wait_until_gone(worker)
        runtime.unlink()
        process = _start(tmp_path / "data", runtime)
        api = _client(_announced(process, runtime))
    assert api.job(running)["error"]["code"] == "interrupted"
    assert [api.wait(job)["state"] for job in queued] == ["done"] * 3
    assert api.job(done) == done
    assert api.http.get(f"/v1/jobs/{done['id']}/files/take.npz").content == b"done before"
    process.terminate()
    process.communicate(timeout=SAFETY)


def test_without_a_runtime_file_its_place_is_printed_but_never_the_token(tmp_path: Path) -> None:
    process = _start(tmp_path)
    assert process.stdout is not None
    runtime = Path(process.stdout.readline().strip())
    facts = json.loads(runtime.read_text())
    assert runtime.parent == tmp_path / "run" and facts["pid"] == process.pid
    if os.name == "posix":
        assert runtime.stat().st_mode & 0o777 == 0o600
    process.terminate()
    out, err = process.communicate(timeout=SAFETY)
    assert facts["token"] not in out + err and not runtime.exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_the_command_tells_where_it_is_as_asked(tmp_path: Path, option: str) -> None:
    runtime, worker = tmp_path / "runtime.json", Path(__file__).with_name("fake_worker.py")
    command = [sys.executable, "-c", COMMAND, str(worker), "--data", str(tmp_path / "data"), option]
    process = subprocess.Popen(
        [*command, "--runtime", str(runtime)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    facts = _announced(process, runtime)
    assert _client(facts).http.get("/v1/health/live").status_code == 200
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=SAFETY)
    expected = {"runtime": str(runtime), "port": facts["port"], "version": facts["version"]}
    assert json.loads(told) == expected if option == "--json" else not told
