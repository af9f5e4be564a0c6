"""A backend that somebody else started, for farms and for developing: found by its runtime file (no bpy).

It has the methods of `launcher.Launcher`, but never starts or ends a process.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from ..connection.client import Backend
from ..report import LOG, Log
from ..trouble import ClientError
from .runtime_file import read_runtime
from .status import OFF, STOPPED, Status, status_of

ASK: Final = 2.0  # seconds between two questions
NO_FILE: Final = Status(
    "failed",
    "There is no running backend behind this runtime file.",
    "Start one with: style-avatar serve --runtime FILE, and choose that file in the preferences.",
    code="no_runtime",
)


class Connected:
    """The backend behind the runtime file at `path`."""

    def __init__(self, path: str | Path, log: Log = LOG) -> None:
        self._path, self._log = Path(path), log
        self._status: Status = OFF
        self._backend: Backend | None = None
        self._stopping: threading.Event | None = None

    def start(self) -> None:
        """Connect unless connected; returns at once, see `state`."""
        if self._stopping is not None and not self._stopping.is_set() and self._status.state in {"starting", "ready"}:
            return
        self._status, self._stopping = Status("starting", "Connecting to the backend."), threading.Event()
        threading.Thread(target=self._watch, args=(self._stopping,), name="style-avatar-connect", daemon=True).start()

    def state(self) -> Status:
        """How the backend is now; costs nothing."""
        return self._status

    def backend(self) -> Backend | None:
        """The client of the backend; None unless the state is "ready"."""
        return self._backend

    def stop(self, wait: bool = False) -> None:
        """Let go of the backend, which goes on."""
        if self._stopping is not None:
            self._stopping.set()
        self._backend, self._status = None, STOPPED

    def _watch(self, stopping: threading.Event) -> None:
        asking: Backend | None = None
        while not stopping.is_set():
            try:
                asking = asking or self._meet()
                status = NO_FILE if asking is None else status_of(asking.ready(), ready=True)
            except ClientError as error:
                self._log.trouble("connect", error.trouble)
                status = Status("failed", error.message, error.advice, error.details, error.code)
            if stopping.is_set():
                return
            self._status = status
            if status.state != "ready" or asking is None:
                self._backend = None
                return
            self._backend = self._backend or asking.copy()
            stopping.wait(ASK)

    def _meet(self) -> Backend | None:
        runtime = read_runtime(self._path)
        if runtime is None:
            return None
        self._log.hide(runtime.token)
        return Backend(runtime.port, runtime.token)
