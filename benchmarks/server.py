"""The server under load: many long voices from several clients at once. Nothing may be lost, memory must stay flat.

    python benchmarks/server.py --jobs 100 --clients 8 --minutes 10 --kill

Starts a server of its own in a temporary folder, sends every voice (all different, so that neither the cache nor a
warm voice helps), asks after the jobs all the time, checks every result against its hash, and prints a table. With
--kill the server is killed (-9) once half of the jobs are done, and started again. --watch ends it after some seconds:
a job that is then still known as queued or running is not lost. Memory is read from /proc (Linux).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import numpy as np
import soundfile

from backend.delivery import DEMO_VOICE
from backend.media import SAMPLE_RATE, read_audio

ASK_EVERY: Final = 0.25  # seconds between a client's questions
FINISHED: Final = frozenset({"done", "failed", "cancelled"})
UNREACHABLE: Final = (httpx2.TransportError,)


class Server:
    """A server process that can be killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start and wait until jobs are worked on."""
        runtime = self._folder / "runtime.json"
        runtime.unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "backend.cli", "serve", "--data", str(self._folder / "data")]
        self._process = subprocess.Popen([*command, "--runtime", str(runtime)])
        while not runtime.exists():
            time.sleep(0.05)
        facts = json.loads(runtime.read_text(encoding="utf-8"))
        headers = {"Authorization": f"Bearer {facts['token']}", "X-Style-Avatar-Protocol": "1"}
        with self._lock:
            self.http = httpx2.Client(base_url=f"http://127.0.0.1:{facts['port']}", headers=headers, timeout=120)
        while self.http.get("/v1/health/ready").status_code != 200:
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it as the system would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def memory(self) -> dict[str, float]:
        """Resident memory in MiB of the server and its worker, 0 for one that is not there."""
        assert self._process is not None
        pid = self._process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        except OSError:
            children = []
        return {"server": _resident(pid), "worker": _resident(int(children[0])) if children else 0.0}


@dataclass
class Seen:
    """What the clients saw."""

    latencies: list[float] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    damaged: int = 0
    over: bool = False


def client(server: Server, voices: list[int], seconds: float, speech: np.ndarray, seen: Seen) -> None:
    """Send some voices, then ask after them until all have ended."""
    waiting = set()
    for number in voices:
        waiting.add(_send(server, number, seconds, speech))
    seen.sent |= waiting
    while waiting and not seen.over:
        for job_id in list(waiting):
            job = _ask(server, job_id, seen)
            if job is not None and job["state"] in FINISHED:
                waiting.discard(job_id)
                seen.ends[job_id] = job["state"]
                seen.damaged += sum(_damaged(server, job_id, file) for file in job["files"])
            time.sleep(ASK_EVERY / max(len(waiting), 1))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run the load and return the table's numbers."""
    seconds, seen = options.minutes * 60, Seen()
    speech = np.tile(read_audio(DEMO_VOICE), int(seconds / 14) + 2)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        server = Server(Path(folder))
        memory = [server.memory()]
        began = time.monotonic()
        with ThreadPoolExecutor(options.clients) as pool:
            shares = [list(range(start, options.jobs, options.clients)) for start in range(options.clients)]
            running = [pool.submit(client, server, share, seconds, speech, seen) for share in shares]
            killed = not options.kill
            while not all(future.done() for future in running):
                memory.append(server.memory())
                elapsed = time.monotonic() - began
                seen.over = elapsed > options.watch
                if not killed and (len(seen.ends) >= options.jobs / 2 or elapsed > options.watch / 2):
                    server.kill()
                    server.start()
                    killed = True
                time.sleep(1)
            for future in running:
                future.result()
        took = time.monotonic() - began
        memory.append(server.memory())
        known = {job["id"]: job["state"] for job in server.http.get("/v1/jobs").json()["jobs"]}
        server.stop()
    return _numbers(options, seen, known, memory, took)


def _numbers(
    options: argparse.Namespace, seen: Seen, known: dict[str, str], memory: list[dict[str, float]], took: float
) -> dict[str, Any]:
    states = Counter(known.values())
    latencies = np.array(seen.latencies) * 1000
    middle, slow = np.percentile(latencies, [50, 95])
    early, late = memory[len(memory) // 4 : len(memory) // 2 + 1], memory[3 * len(memory) // 4 :]
    return {
        "jobs sent": f"{len(seen.sent)} by {options.clients} clients, {options.minutes:g} min of voice each"
        + (", server killed (-9) half-way" if options.kill else ""),
        "done": states["done"],
        "still queued or running": states["queued"] + states["running"],
        "failed": states["failed"],
        "lost": len(seen.sent - set(known)),
        "files that differ from their hash": seen.damaged,
        "voice per second": f"{states['done'] * options.minutes * 60 / took:.0f} s",
        "GET job while loaded": f"p50 {middle:.0f} ms, p95 {slow:.0f} ms, "
        + f"max {latencies.max():.0f} ms ({len(latencies)} asked)",
        "server's memory, second and last quarter": f"{_mean(early, 'server'):.0f}, {_mean(late, 'server'):.0f} MiB",
        "worker's memory, second and last quarter": f"{_mean(early, 'worker'):.0f}, {_mean(late, 'worker'):.0f} MiB",
        "took": f"{took:.0f} s on {os.cpu_count()} cores",
    }


def _send(server: Server, number: int, seconds: float, speech: np.ndarray) -> str:
    """Send a voice that no other job has: the same speech from another moment on."""
    start = number * 977 % (14 * SAMPLE_RATE)
    sound = io.BytesIO()
    soundfile.write(sound, speech[start : start + int(seconds * SAMPLE_RATE)], SAMPLE_RATE, format="WAV")
    request = json.dumps({"kind": "animate", "audio": {"upload": "voice"}})
    while True:
        parts: dict[str, Any] = {
            "request": (None, request, "application/json"),
            "voice": ("voice.wav", sound.getvalue()),
        }
        try:
            answer = server.http.post("/v1/jobs", files=parts)
        except UNREACHABLE:
            time.sleep(0.5)
            continue
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]


def _ask(server: Server, job_id: str, seen: Seen) -> dict[str, Any] | None:
    began = time.perf_counter()
    try:
        answer = server.http.get(f"/v1/jobs/{job_id}")
    except UNREACHABLE:
        time.sleep(0.5)  # killed; the next server knows the job
        return None
    seen.latencies.append(time.perf_counter() - began)
    return answer.json() if answer.status_code == 200 else None


def _damaged(server: Server, job_id: str, file: dict[str, Any]) -> bool:
    while True:
        try:
            content = server.http.get(f"/v1/jobs/{job_id}/files/{file['name']}").content
            return hashlib.sha256(content).hexdigest() != file["sha256"]
        except UNREACHABLE:
            time.sleep(0.5)


def _resident(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS:")), 0.0)


def _mean(memory: list[dict[str, float]], whose: str) -> float:
    found = [moment[whose] for moment in memory if moment[whose]]
    return float(np.mean(found)) if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of each voice")
    parser.add_argument("--kill", action="store_true", help="kill the server half-way and start it again")
    parser.add_argument("--watch", type=float, default=math.inf, metavar="SECONDS", help="end after so long")
    parser.add_argument("--folder", type=Path, help="where to put the data for the time it takes")
    print("| what | measured |\n|---|---|")
    for what, measured in measure(parser.parse_args()).items():
        print(f"| {what} | {measured} |")


if __name__ == "__main__":
    main()
