"""The file in which a starting backend says where it listens and what token it wants (no bpy)."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from ..connection.answers import SAME_RELEASE
from ..connection.transport import PROTOCOL
from ..trouble import BadAnswer, ClientError, WrongProtocol

LARGEST = 1 << 16  # bytes


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where a backend listens: `port` on 127.0.0.1; `token`: what each request carries; `version`: of its release."""

    port: int
    token: str
    version: str

    def __repr__(self) -> str:
        """Without the token, so that it never gets into a log."""
        return f"Runtime(port={self.port}, version={self.version!r})"


def read_runtime(path: Path) -> Runtime | None:
    """The content of the file at `path`; None while there is none.

    Raises:
        ClientError: another user could read or has written it ("token_exposed").
        WrongProtocol: the backend speaks another version.
        BadAnswer: it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _bad(str(error)) from error
    with os.fdopen(handle, "rb") as stream:
        _require_private(os.fstat(stream.fileno()))
        data = stream.read(LARGEST)
    try:
        document = json.loads(data)
        protocol, port, token = document["protocol"], document["port"], document["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _bad(repr(error)) from error
    if protocol != PROTOCOL:
        message = f"The backend speaks protocol {protocol}, this add-on speaks {PROTOCOL}."
        raise WrongProtocol("wrong_protocol", message, SAME_RELEASE)
    if type(port) is not int or not 0 < port < 65536 or not isinstance(token, str) or not token.isascii() or not token:
        raise _bad("port or token are not what they should be")
    return Runtime(port, token, str(document.get("version", "")))


def _require_private(status: os.stat_result) -> None:
    """On Windows the folder, which lies in the user's own profile, keeps others out."""
    if sys.platform == "win32":
        return
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.getuid():
        raise ClientError(
            "token_exposed",
            "Other users of this computer could read the backend's token, so it was not used.",
            "Use a temporary folder on a disk that keeps permissions (TMPDIR), then start the backend again.",
            f"mode {status.st_mode:o}, owner {status.st_uid}",
        )


def _bad(details: str) -> BadAnswer:
    return BadAnswer("bad_answer", "The backend did not say properly where it listens.", SAME_RELEASE, details)
