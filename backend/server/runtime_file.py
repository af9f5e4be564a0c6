"""The file that tells the add-on where the server is and what it must say to it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from backend.server.guard import PROTOCOL
from models.whole_file import whole_file


def write_runtime_file(path: Path, *, port: int, token: str, version: str) -> None:
    """Write the file: whole, and for this user's eyes only from its first byte on.

    Raises:
        OSError: its folder cannot be written.
    """
    facts = {"port": port, "token": token, "pid": os.getpid(), "protocol": PROTOCOL, "version": version}
    with whole_file(path) as partial:
        partial.unlink(missing_ok=True)  # O_EXCL below: a file or link that somebody put there is never written into
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(facts, file)
