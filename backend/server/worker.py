"""The worker process: owns the device, keeps the models warm, does one job at a time.

It reads orders as JSON lines from standard input and writes reports as JSON lines to what was its standard output;
libraries that print are sent to standard error. When the input ends the server is gone, and so is the worker.

Server → worker: {"do": "job", …} and {"do": "cancel", "id"}. Worker → server: {"say": "ready", "device"},
{"say": "refused", "problem"}, then for a job {"say": "progress" | "frames" | "done" | "failed" | "cancelled", "id", …}.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from backend.server.errors import problem_of

if TYPE_CHECKING:
    from backend.server.work import Workshop

REPORT_EVERY: Final = 0.05  # seconds between two reports of one stage; a fast stage has thousands
NICENESS: Final = 5  # the artist's Blender goes first
_PR_SET_PDEATHSIG: Final = 1
_EXPENDABLE: Final = "600"  # of 1000: where memory runs out, Linux ends the worker before the artist's Blender


class Cancelled(BaseException):
    """The job is not wanted any more; not an Exception, so that no library swallows it."""


class Worker:
    """One process's orders in and reports out."""

    def __init__(self, orders: IO[bytes], reports: IO[bytes]) -> None:
        self._input, self._reports = orders, reports
        self._writing = threading.Lock()
        self._orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._reported: tuple[str, float] = ("", 0.0)

    def run(self, geometry: Path) -> None:
        """Load the models, then do orders until the process ends."""
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            from backend.server.work import Workshop, device_facts

            workshop = Workshop(geometry)
            self._say("ready", device=device_facts())
        except Exception as error:
            self._say("refused", problem=problem_of(error, traceback.format_exc()).model_dump())
            return
        while True:
            self._do(workshop, self._orders.get())

    def _listen(self) -> None:
        for line in self._input:
            message = json.loads(line)
            if message["do"] == "cancel":
                self._cancelled.add(message["id"])
            else:
                self._orders.put(message)
        os._exit(0)  # the server is gone, whatever the main thread is at

    def _do(self, workshop: Workshop, message: dict[str, Any]) -> None:
        from backend.server.work import Order, file_entries

        order = Order.of(message)
        try:
            order.results.mkdir(parents=True, exist_ok=True)
            result = self._result(workshop, order)
            self._say("done", id=order.id, result=result, files=file_entries(order.results))
        except Cancelled:
            self._say("cancelled", id=order.id)
        except Exception as error:
            problem = problem_of(error, traceback.format_exc())
            # Artists know their files by name, not by where the server keeps them.
            for what in order.inputs:
                problem.message = problem.message.replace(str(order.input(what)), order.input(what).name)
            self._say("failed", id=order.id, problem=problem.model_dump())
        self._cancelled.discard(order.id)

    def _result(self, workshop: Workshop, order: Any) -> dict[str, Any]:
        def progress(stage: str, done: int, total: int) -> None:
            if order.id in self._cancelled:
                raise Cancelled
            self._progress(order.id, stage, done, total)

        def frames_ready(ready: int, total: int | None) -> None:
            self._say("frames", id=order.id, ready=ready, total=total)

        if order.request["kind"] == "measure":
            return workshop.measure(order, progress)
        if order.request["kind"] == "textures":
            from backend.server.textures import make_textures

            return make_textures(order, progress)
        return workshop.animate(order, progress, frames_ready)

    def _progress(self, job_id: str, stage: str, done: int, total: int) -> None:
        """Report, but not more often than anybody can see; first and last steps always."""
        at = time.monotonic()
        if self._reported[0] == stage and 0 < done < total and at - self._reported[1] < REPORT_EVERY:
            return
        self._reported = (stage, at)
        self._say("progress", id=job_id, stage=stage, done=done, total=total)

    def _say(self, what: str, **facts: Any) -> None:
        line = json.dumps({"say": what, **facts}).encode() + b"\n"
        with self._writing:
            self._reports.write(line)
            self._reports.flush()


def main() -> None:
    """`python -P -m backend.server.worker GEOMETRY_FOLDER`."""
    die_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches the server, which ends the worker
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Worker(sys.stdin.buffer, reports).run(Path(sys.argv[1]))


def die_with_parent() -> None:
    """On Linux, let the kernel end this process with its parent, even while native code holds every thread."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE, encoding="ascii")
    if os.getppid() != parent:
        os._exit(0)  # it died before the kernel was asked


if __name__ == "__main__":
    main()
