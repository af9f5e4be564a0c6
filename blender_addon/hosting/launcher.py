"""Start, watch and end the backend's process (no bpy).

The process holds one end of a pipe whose other end is ours: when this Blender ends, in whatever way, the pipe closes
and the backend ends, too. Everything that may take time happens in threads; what is asked from here never waits.
"""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..connection.client import Backend
from ..report import LOG, Log
from ..trouble import Trouble
from .launch import GRACE, Launch
from .status import OFF, STOPPED, Status

__all__ = ["Launcher", "Status"]

RUNNING: Final = frozenset({"starting", "ready"})


class Launcher:
    """The backend of this Blender.

    environment: folder, Python or style-avatar command, see `environment.find_python`; data_folder: where the backend
    keeps jobs (None: its own choice); roots: folders from which a request may name files by their path.
    """

    def __init__(
        self,
        environment: str | Path,
        data_folder: str | Path | None = None,
        roots: Sequence[str | Path] = (),
        log: Log = LOG,
    ) -> None:
        self._environment = environment
        self._data_folder = None if data_folder is None else Path(data_folder)
        self._roots = [Path(root) for root in roots]
        self._log = log
        self._launch: Launch | None = None
        self._lock = threading.Lock()
        self._failure: Status | None = None

    def start(self) -> None:
        """Start the backend unless it is starting or ready; returns at once, see `state`. Never raises."""
        with self._lock:
            if self.state().state in RUNNING:
                return
            self._failure = None
            try:
                self._launch = Launch(
                    self._environment,
                    self._data_folder,
                    self._roots,
                    self._log,
                    after=[launch.ended for launch in _LAUNCHES if launch.stopping],
                )
                _LAUNCHES.add(self._launch)
            except RuntimeError as error:  # no more threads
                self._failure = Status("failed", "The backend could not be started.", "Restart Blender.", str(error))
                self._log.trouble("launcher", Trouble("internal", self._failure.sentence, details=str(error)))

    def state(self) -> Status:
        """How the backend is now; costs nothing."""
        if self._failure is not None:
            return self._failure
        if self._launch is None:
            return OFF
        return STOPPED if self._launch.stopping else self._launch.status

    def backend(self) -> Backend | None:
        """The client of the running backend; None unless the state is "ready"."""
        launch = self._launch
        return launch.backend if launch is not None and self.state().state == "ready" else None

    def stop(self, wait: bool = False) -> None:
        """End the backend: returns at once, the process is gone within `GRACE` seconds and killed after that.

        wait: return only when it has ended; for the end of Blender.
        """
        if self._launch is not None:
            self._launch.stop()
            if wait:
                _wait_for(self._launch)


_LAUNCHES: Final = weakref.WeakSet[Launch]()  # of all launchers: they share the backend's folders


def _wait_for(launch: Launch) -> None:
    """Return when a launch that was told to stop has ended."""
    if not launch.ended.wait(GRACE + 0.5):
        launch.kill()


@atexit.register
def _end_all() -> None:
    """Blender ends: so do its backends."""
    running = list(_LAUNCHES)
    for launch in running:
        launch.stop()
    for launch in running:
        _wait_for(launch)
