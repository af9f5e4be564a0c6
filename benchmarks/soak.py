"""The server for an hour under a client without manners: random jobs, cancels, kills and restarts; nothing may be lost.

    python benchmarks/soak.py --minutes 60

Starts a server of its own in a temporary folder. At random moments it sends a voice (some broken, some twice), cancels
a job, fetches results against their hashes, kills (-9) the worker or the server, or stops the server in order. At the
end everything queued is waited for. A job is lost when its 202 was received and it is unknown or has other files than
it once had, and stuck when it never ends. Memory and descriptors are read from /proc (Linux).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from server import FINISHED, Server

from backend.delivery import DEMO_VOICE
from backend.media import SAMPLE_RATE, read_audio
from backend.motions import MOTIONS

# What is done next, and how often in a hundred.
DEEDS: Final = {"send": 55, "cancel": 12, "fetch": 24, "kill worker": 4, "kill server": 3, "stop server": 2}
MOST_WAITING: Final = 12  # jobs; more are not sent until some have ended
PAUSE: Final = 0.4  # seconds between deeds, on average
DRAIN_SECONDS: Final = 300.0
EXPECTED: Final = frozenset({"bad_audio", "out_of_memory", "interrupted", "cancelled"})


@dataclass(frozen=True)
class Cancel:
    """How long a cancel took, and a plain answer just before it; what was cancelled, and when a worker was killed."""

    seconds: float
    plain: float
    state: str
    after_kill: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:.2f} s ({self.state}; {self.plain:.2f} s for a plain answer just before; "
            f"{self.after_kill:.0f} s after a worker was killed)"
        )


@dataclass
class Soak:
    """The server and what it promised: each job that it took, and what each finished one was seen to be."""

    server: Server
    speech: np.ndarray
    dice: random.Random
    sent: list[str] = field(default_factory=list)
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    changed: int = 0
    cancels: list[Cancel] = field(default_factory=list)
    killed_at: float = 0.0
    measured: list[dict[str, float]] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        """Do random deeds for so long, then wait for what is queued."""
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            self._do(self.dice.choices(list(DEEDS), list(DEEDS.values()))[0])
            self._look()
            time.sleep(self.dice.expovariate(1 / PAUSE))
        over = time.monotonic() + DRAIN_SECONDS
        while self._waiting() and time.monotonic() < over:
            self._look()
            time.sleep(0.5)

    def table(self) -> dict[str, Any]:
        """What came of it."""
        known = self._known()
        states = Counter(job["state"] for job in known.values())
        codes = Counter(job["error"]["code"] for job in known.values() if job["error"])
        lost = [job_id for job_id in self.sent if job_id not in known]
        return {
            "deeds": ", ".join(f"{count} x {deed}" for deed, count in self.deeds.most_common()),
            "jobs taken, lost, never ended": f"{len(self.sent)}, {len(lost)}, {states['queued'] + states['running']}",
            "done, failed, cancelled": ", ".join(str(states[state]) for state in ("done", "failed", "cancelled")),
            "reasons": ", ".join(f"{count} x {code}" for code, count in codes.most_common()),
            "failed for no expected reason": sum(count for code, count in codes.items() if code not in EXPECTED),
            "what these said": "; ".join(sorted(_unexpected(known.values()))) or "–",
            "ended jobs that changed later": self.changed,
            "files that differ from their hash": self.damaged,
            "cancels of running jobs: p50, p95": self._usual_cancels(),
            "slowest cancels": "; ".join(map(str, sorted(self.cancels, key=_seconds, reverse=True)[:3])),
            **{what: self._growth(what) for what in ("server MiB", "worker MiB", "descriptors")},
        }

    def _do(self, deed: str) -> None:
        if deed == "send" and len(self._waiting()) >= MOST_WAITING:
            deed = "fetch"
        if deed in {"cancel", "fetch"} and not self.sent:
            return
        self.deeds[deed] += 1
        {
            "send": self._send,
            "cancel": self._cancel,
            "fetch": self._fetch,
            "kill worker": self._kill_worker,
            "kill server": lambda: self._restart(self.server.kill),
            "stop server": lambda: self._restart(self.server.stop),
        }[deed]()

    def _send(self) -> None:
        sound = io.BytesIO()
        start = self.dice.randrange(SAMPLE_RATE * 8)
        length = self.dice.choice((1, 3, 6, 30)) * SAMPLE_RATE
        soundfile.write(sound, self.speech[start : start + length], SAMPLE_RATE, format="WAV")
        content = sound.getvalue() if self.dice.random() > 0.1 else os.urandom(5000)
        wanted = {"motion": self.dice.choice(list(MOTIONS)), "seed": self.dice.randrange(3)}
        request = json.dumps({"kind": "animate", "audio": {"upload": "voice"}, **wanted})
        for _ in range(1 if self.dice.random() > 0.1 else 2):
            parts: dict[str, Any] = {
                "request": (None, request, "application/json"),
                "voice": ("voice.wav", content),
            }
            answer = self.server.http.post("/v1/jobs", files=parts)
            assert answer.status_code == 202, answer.text
            self.sent.append(answer.json()["id"])

    def _cancel(self) -> None:
        job_id = self.dice.choice(self._waiting() or self.sent)
        began = time.perf_counter()
        before = self.server.http.get(f"/v1/jobs/{job_id}").json()
        asked = time.perf_counter()
        job = self.server.http.post(f"/v1/jobs/{job_id}/cancel").json()
        over, stage = time.perf_counter(), before["stage"]
        what = f"{before['state']}, {stage['name']}" if stage else before["state"]
        self.cancels.append(Cancel(over - asked, asked - began, what, asked - self.killed_at))
        assert job["state"] in FINISHED, job

    def _fetch(self) -> None:
        job_id = self.dice.choice(self.sent)
        for file in self.ended.get(job_id, {}).get("files", []):
            content = self.server.http.get(f"/v1/jobs/{job_id}/files/{file['name']}").content
            self.damaged += hashlib.sha256(content).hexdigest() != file["sha256"]

    def _usual_cancels(self) -> str:
        took = [one.seconds for one in self.cancels if one.state.startswith("running")]
        return ", ".join(f"{share:.2f} s" for share in np.quantile(took, (0.5, 0.95))) if took else "none"

    def _kill_worker(self) -> None:
        self.killed_at = time.perf_counter()
        for child in _children(self.server.pid):
            os.kill(child, signal.SIGKILL)

    def _restart(self, end: Any) -> None:
        end()
        self.server.start()

    def _look(self) -> None:
        """Note what has ended, and that what had ended is as it was."""
        for job_id, job in self._known().items():
            if job["state"] in FINISHED:
                self.changed += self.ended.setdefault(job_id, job) != job
        children = _children(self.server.pid)
        memory = self.server.memory()
        self.measured.append(
            {
                "server MiB": memory["server"],
                "worker MiB": memory["worker"],
                "descriptors": float(sum(map(_descriptors, [self.server.pid, *children]))),
            }
        )

    def _known(self) -> dict[str, dict[str, Any]]:
        return {job["id"]: job for job in self.server.http.get("/v1/jobs").json()["jobs"]}

    def _waiting(self) -> list[str]:
        return [job_id for job_id in self.sent if job_id not in self.ended]

    def _growth(self, what: str) -> str:
        """Means of the second and the last quarter, and the largest."""
        values = np.array([moment[what] for moment in self.measured if moment[what]])
        quarter = max(len(values) // 4, 1)
        second, last = values[quarter : 2 * quarter + 1].mean(), values[-quarter:].mean()
        return f"{second:.0f}, {last:.0f} (second and last quarter of the time; at most {values.max():.0f})"


def _seconds(cancel: Cancel) -> float:
    return cancel.seconds


def _unexpected(jobs: Iterable[dict[str, Any]]) -> set[str]:
    errors = [job["error"] for job in jobs if job["error"] and job["error"]["code"] not in EXPECTED]
    return {f"{error['code']}: {error['message']} {error.get('detail') or ''}".strip() for error in errors}


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        soak = Soak(server, np.tile(read_audio(DEMO_VOICE), 4), random.Random(options.seed))
        began = time.monotonic()
        try:
            soak.run(options.minutes * 60)
            print("| what | measured |\n|---|---|")
            print(f"| time | {(time.monotonic() - began) / 60:.1f} min |")
            for what, measured in soak.table().items():
                print(f"| {what} | {measured} |")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
