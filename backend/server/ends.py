"""How the server learns that it should end: signals, and the death of the program that started it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from backend.server.exit_codes import INTERRUPTED, STOPPED

GRACE: Final = 0.8  # seconds from the parent's death to the end of this process, whatever it is at


@contextmanager
def signals_to(stop: Callable[[int], None]) -> Iterator[None]:
    """SIGTERM and a closed terminal stop the server, Ctrl+C interrupts it."""

    def end(number: int, _frame: FrameType | None) -> None:
        stop(INTERRUPTED if number == signal.SIGINT else STOPPED)

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def watch_parent(stop: Callable[[int], None], last_resort: Callable[[], None]) -> None:
    """End with the parent: standard input is a pipe that it holds, which ends when it is gone.

    `stop` ends the server in order; where that takes too long `last_resort` clears up and the process exits.
    """

    def watch() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        stop(STOPPED)
        timer = threading.Timer(GRACE, vanish)
        timer.daemon = True
        timer.start()

    def vanish() -> None:
        last_resort()
        os._exit(STOPPED)

    threading.Thread(target=watch, daemon=True).start()


def kill(pid: int | None) -> None:
    """End a process at once, if there is one."""
    if pid is not None:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
