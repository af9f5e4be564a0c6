"""Starting and ending the server: slot, port, token, runtime file, exit codes."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from backend.home import home
from backend.server.app import guarded
from backend.server.cache import Cache
from backend.server.context import Server
from backend.server.ends import kill, watch_parent
from backend.server.errors import Problem
from backend.server.exit_codes import (
    BAD_COMMAND,
    FAILED,
    NEWER_QUEUE,
    NO_DATA_FOLDER,
    NO_PACKAGE,
    NO_PORT,
    NO_WEIGHTS,
    STOPPED,
    LaunchError,
)
from backend.server.fingerprint import fingerprint
from backend.server.folders import Folders, take_slot
from backend.server.http_server import Hooks, HttpServer
from backend.server.live import Live
from backend.server.queue import NewerQueueError, Queue, QueueError
from backend.server.roots import Roots
from backend.server.runtime_file import write_runtime_file
from backend.server.schemas import FINISHED
from backend.server.supervisor import Supervisor
from backend.server.worker_process import worker_command

ADDRESS: Final = "127.0.0.1"
_TOKEN_BYTES: Final = 32

_INTERRUPTED: Final = Problem(
    code="interrupted",
    message="The backend was ended twice while it did this job.",
    advice="Start the job again; if the backend ends again, use a shorter recording or close other programs.",
)


@dataclass(frozen=True)
class Settings:
    """What `style-avatar serve` was told. `data`: None is the user's own folder.

    told: what is printed once connections are accepted. A path is printed only where `runtime` did not name it.
    """

    port: int = 0
    data: Path | None = None
    roots: Sequence[Path] = ()
    runtime: Path | None = None
    with_parent: bool = False
    told: Literal["path", "json", "nothing"] = "path"


def serve(settings: Settings) -> int:
    """Serve until told to stop; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        with _listening(settings.port) as port, _prepared(settings) as folders:
            return _Launch(settings, folders, port).run()
    except LaunchError as error:
        print(f"style-avatar: {error}", file=sys.stderr)
        return error.code


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket on this machine only.

    Raises:
        LaunchError: the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # on Windows this option would let another program share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            raise LaunchError(
                NO_PORT, f"cannot listen on port {port} ({error}); choose another, or 0 for any"
            ) from error
        yield listener


@contextmanager
def _prepared(settings: Settings) -> Iterator[Folders]:
    """This server's own folders.

    Raises:
        LaunchError: they cannot be written.
    """
    data = settings.data or home() / "server"
    try:
        folders = take_slot(data)
        folders.make_reserve()
    except OSError as error:
        raise LaunchError(NO_DATA_FOLDER, f"the data folder {data} cannot be used: {error}") from error
    try:
        yield folders
    finally:
        folders.lock.release()


class _Launch:
    """One run of the server."""

    def __init__(self, settings: Settings, folders: Folders, listener: socket.socket) -> None:
        self._settings, self._folders, self._listener = settings, folders, listener
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._code = STOPPED
        self._server = self._build()
        app = guarded(self._server, self._token, listener.getsockname()[1])
        self._http = HttpServer(app, Hooks(self._announce, self._server.live.close, self._stop))

    def run(self) -> int:
        """Serve; the runtime file is there exactly while connections are accepted."""
        if self._settings.with_parent:
            watch_parent(self._stop, self._vanish)
        try:
            self._http.run(sockets=[self._listener])
        finally:
            self._forget_runtime_file()
            self._server.queue.close()
        return self._code

    @property
    def runtime_file(self) -> Path:
        """Where the port and the token are told."""
        return self._settings.runtime or self._folders.run / f"{os.getpid()}.json"

    def _announce(self) -> None:
        """Tell where the server is; end where that cannot be done, as nobody could find it."""
        port, version_ = self._listener.getsockname()[1], self._server.version
        try:
            write_runtime_file(self.runtime_file, port=port, token=self._token, version=version_)
        except OSError as error:
            print(f"style-avatar: the runtime file cannot be written: {error}", file=sys.stderr)
            self._stop(NO_DATA_FOLDER)
            return
        if self._settings.told == "json":  # without the token: what is printed may be logged
            print(json.dumps({"runtime": str(self.runtime_file), "port": port, "version": version_}), flush=True)
        elif self._settings.told == "path" and self._settings.runtime is None:
            print(self.runtime_file, flush=True)

    def _stop(self, code: int = STOPPED) -> None:
        """End the server in order; safe to call from a signal handler or another thread."""
        self._code = self._code or code
        self._http.should_exit = True

    def _build(self) -> Server:
        queue = self._queue()
        queue.recover(_INTERRUPTED)
        queue.expire()
        jobs = queue.all()
        self._folders.tidy({job.id for job in jobs}, (job.id for job in jobs if job.state in FINISHED))
        tempfile.tempdir = str(self._folders.temporary)  # uploads wait on the disk that will keep them
        cache, live = Cache(self._folders.cache), Live()
        try:
            roots = Roots(self._settings.roots)
        except OSError as error:
            raise LaunchError(BAD_COMMAND, f"--root: {error}") from error
        command = worker_command(self._folders.geometry)
        supervisor = Supervisor(queue, cache, live, self._folders, command, self._refused)
        return Server(version("style-avatar"), fingerprint(), self._folders, roots, queue, cache, live, supervisor)

    def _queue(self) -> Queue:
        try:
            return Queue(self._folders.queue)
        except NewerQueueError as error:
            raise LaunchError(NEWER_QUEUE, f"{error}; update Style Avatar, or use another --data folder") from error
        except QueueError as error:
            raise LaunchError(NO_DATA_FOLDER, f"{error}; use another --data folder") from error

    def _refused(self, problem: Problem) -> None:
        """The worker will never work here: end, so that who started the server learns why."""
        print(f"style-avatar: {problem.message} {problem.advice}\n{problem.details or ''}", file=sys.stderr)
        missing_package = "ModuleNotFoundError" in (problem.details or "")
        self._stop(NO_PACKAGE if missing_package else NO_WEIGHTS if problem.code == "missing_model" else FAILED)

    def _vanish(self) -> None:
        """The orderly end took too long."""
        kill(self._server.supervisor.worker_pid)
        self._forget_runtime_file()

    def _forget_runtime_file(self) -> None:
        with suppress(OSError):
            self.runtime_file.unlink(missing_ok=True)
