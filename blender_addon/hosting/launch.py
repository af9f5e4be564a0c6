"""One launch of the backend: from checking the environment to the end of the process, in a thread (no bpy)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from ..connection.client import Backend
from ..report import Log
from ..trouble import BackendGone, ClientError, Trouble
from . import environment
from .endings import ending
from .runtime_file import read_runtime
from .status import STOPPED, Status, status_of

GRACE: Final = 2.0  # seconds the backend has to end by itself
LONGEST_START: Final = 180.0  # seconds; a cold disk may take one to read all of PyTorch
LOOK: Final = 0.1  # seconds between two looks at the process
ASK: Final = 2.0  # seconds between two questions to a backend that is ready
ASK_AT_START: Final = 0.3
ANSWER_TIMEOUT: Final = 5.0
TAIL: Final = 30  # lines of what the process said, for an error's details


class Launch:
    """A process that is started at once by a thread of its own; `status` and `backend` say how far it is."""

    def __init__(
        self,
        given: str | Path,
        data_folder: Path | None,
        roots: Sequence[Path],
        log: Log,
        after: Sequence[threading.Event] = (),
    ) -> None:
        self.status = Status("starting", "Looking for the backend.")
        self.backend: Backend | None = None
        self.ended = threading.Event()
        self._given, self._data_folder, self._roots, self._log = given, data_folder, roots, log
        self._after = after
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: Backend | None = None
        self._tail: deque[str] = deque(maxlen=TAIL)
        threading.Thread(target=self._run, name="style-avatar-launch", daemon=True).start()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Let the process end; returns at once. It is killed when it has not ended after `GRACE` seconds."""
        self._stopping.set()
        self._let_go()

    def kill(self) -> None:
        """End the process and its children now."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        with suppress(OSError):
            if sys.platform != "win32":
                os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
            process.kill()

    def _run(self) -> None:
        try:
            for ended in self._after:  # they must give their queue back first, or the jobs in it are not seen
                ended.wait(2 * GRACE)
            with tempfile.TemporaryDirectory(prefix="style-avatar-", ignore_cleanup_errors=True) as folder:
                try:
                    self._start(Path(folder) / "backend.json")
                    self._watch(Path(folder) / "backend.json")
                finally:
                    self._end()
        except ClientError as error:
            self._fail(error.trouble)
        except Exception as error:  # nothing may escape into Blender's console only
            self._fail(Trouble("internal", "The backend could not be started.", "Press Copy report.", repr(error)))
        finally:
            self.backend = None
            if self._stopping.is_set():
                self.status = STOPPED
            self.ended.set()

    def _start(self, runtime: Path) -> None:
        checked = environment.check(self._given)
        self._log.add(
            "launcher", f"{checked.python} has Style Avatar {checked.version}, Python {checked.python_version}"
        )
        if self._stopping.is_set():
            return
        self.status = Status("starting", "The backend is starting.", version=checked.version)
        command = [str(checked.python), "-P", "-m", "backend.cli", "serve", "--runtime", str(runtime), "--with-parent"]
        if self._data_folder is not None:
            command += ["--data", str(self._data_folder)]
        for root in self._roots:
            command += ["--root", str(root)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment.child_environment(),
                start_new_session=True,  # Ctrl-C in Blender's terminal is for Blender
                **environment.no_window(),
            )
        except OSError as error:
            message = f"{checked.python} cannot be started: {error.strerror or error}."
            raise ClientError("python_broken", message, environment.CHOOSE, str(error)) from error
        self._log.add("launcher", f"started process {self._process.pid}")
        assert self._process.stdout is not None
        threading.Thread(
            target=self._listen, args=(self._process.stdout,), name="style-avatar-log", daemon=True
        ).start()

    def _listen(self, stream: IO[bytes]) -> None:
        """Put what the process says into the log, until it ends."""
        with stream, suppress(OSError, ValueError):
            for line in iter(lambda: stream.readline(1 << 16), b""):
                text = line.decode("utf-8", errors="replace").rstrip()
                if text:
                    self._log.add("backend", text)
                    self._tail.append(text)

    def _watch(self, runtime: Path) -> None:
        """Follow the process until it ends or shall end."""
        started, asked = time.monotonic(), 0.0
        while self._process is not None and not self._stopping.wait(LOOK):
            code = self._process.poll()
            if code is not None:
                self._ended_by_itself(code)
                return
            if self._asking is None:
                self._meet(runtime)
            elif time.monotonic() - asked > (ASK if self.backend else ASK_AT_START):
                self._ask()
                asked = time.monotonic()
            if self.backend is None and time.monotonic() - started > LONGEST_START:
                raise ClientError(
                    "slow_start",
                    f"The backend was not ready after {LONGEST_START:.0f} seconds.",
                    "Start it again; if it stays so, press Copy report.",
                )

    def _meet(self, path: Path) -> None:
        runtime = read_runtime(path)
        if runtime is not None:
            self._log.hide(runtime.token)
            self._asking = Backend(runtime.port, runtime.token, ANSWER_TIMEOUT)

    def _ask(self) -> None:
        """Ask how the backend is, and write it down."""
        assert self._asking is not None
        try:
            document = self._asking.ready()
        except BackendGone as error:  # the process still runs, or `_watch` will see that it does not
            if not self._stopping.is_set():
                self.status = replace(self.status, sentence=error.message, advice=error.advice, code=error.code)
            return
        if self._stopping.is_set():
            return
        if document.get("ready") and self.backend is None:
            self._log.add("launcher", "the backend is ready")
            self.backend = self._asking.copy()
        self.status = status_of(document, ready=self.backend is not None)

    def _ended_by_itself(self, code: int) -> None:
        time.sleep(LOOK)  # for its last words
        self._fail(ending(code, "\n".join(self._tail)))

    def _end(self) -> None:
        """Let the process end, and kill it when it does not."""
        if self._process is None:
            return
        self._let_go()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._log.add("launcher", "the backend did not end by itself and is killed")
            self.kill()
            self._process.wait()

    def _let_go(self) -> None:
        """Close our end of the pipe and our connections."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        if self._asking is not None:
            self._asking.close()

    def _fail(self, trouble: Trouble) -> None:
        if self._stopping.is_set():
            return
        state = "stopped" if trouble.code == "stopped" else "failed"
        details = trouble.details or "\n".join(self._tail)
        self.status = Status(state, trouble.message, trouble.advice, details, trouble.code, self.status.version)
        self._log.trouble("launcher", replace(trouble, details=details))
