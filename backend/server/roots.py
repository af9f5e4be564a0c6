"""Paths in requests: opened only below the folders that the server was started with."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from backend.server.errors import ApiError

_FLAGS: Final = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC")
)


class Roots:
    """The folders that requests may name files in; none by default."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """`folders` exist.

        Raises:
            OSError: one does not.
        """
        self._given = [folder.absolute() for folder in folders]
        self._real = [folder.resolve(strict=True) for folder in folders]

    @contextmanager
    def open(self, path: str) -> Iterator[tuple[Path, BinaryIO]]:
        """The plain file that `path` names, after following links, and its bytes.

        A name that is not below a root as it stands is refused before the file system is asked: asking for a UNC path
        would already send this user's name over the network. What is opened is looked at again once it is open, as a
        link may have been put there in between; a pipe or a device is never waited for.

        Raises:
            ApiError: `path_not_allowed`: not absolute, with `..`, backslashes or NUL, outside of every root (as named,
                or after following links), or not a plain file. What lies outside is not told apart from what is
                missing.
        """
        if not self._below_a_root(path):
            raise _refused()
        try:
            real = Path(path).resolve(strict=True)
            if not self._inside(real) or not stat.S_ISREG(real.stat().st_mode):
                raise _refused()
            file = os.fdopen(os.open(real, _FLAGS), "rb")
        except (OSError, RuntimeError, ValueError) as error:
            raise _refused() from error
        with file:
            if not self._is_still(real, file):
                raise _refused()
            yield real, file

    def _below_a_root(self, path: str) -> bool:
        named = Path(path)
        plain = named.is_absolute() and not (set("\\\0") & set(path)) and ".." not in named.parts
        inner = named.parts[1:]  # a colon behind the drive is another stream of a file on Windows
        return (
            plain
            and not path.startswith("//")
            and not (os.name == "nt" and ":" in "".join(inner))
            and any(named.is_relative_to(root) for root in (*self._given, *self._real))
        )

    def _inside(self, real: Path) -> bool:
        return any(real.is_relative_to(root) for root in self._real)

    def _is_still(self, real: Path, file: BinaryIO) -> bool:
        """Whether the open file is the plain one that `real` names now."""
        opened = os.fstat(file.fileno())
        try:
            return (
                stat.S_ISREG(opened.st_mode)
                and real.resolve(strict=True) == real
                and os.path.samestat(opened, real.stat())
            )
        except (OSError, RuntimeError):
            return False


def _refused() -> ApiError:
    return ApiError(
        "path_not_allowed",
        "The backend may not open this path, or there is no such file.",
        "Send the file with the request, or start the backend with --root for its folder.",
    )
