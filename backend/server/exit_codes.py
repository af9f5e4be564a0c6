"""How `style-avatar serve` ends."""

from __future__ import annotations

from typing import Final

STOPPED: Final = 0
FAILED: Final = 1
BAD_COMMAND: Final = 2
NO_DATA_FOLDER: Final = 10
NO_PACKAGE: Final = 11
NO_PORT: Final = 12
NO_WEIGHTS: Final = 13
NEWER_QUEUE: Final = 14
INTERRUPTED: Final = 130


class LaunchError(Exception):
    """The server cannot start; the message says why and what to do, `code` is the exit code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
