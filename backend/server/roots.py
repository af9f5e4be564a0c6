"""Paths in requests: opened only below the folders that the server was started with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backend.server.errors import ApiError


class Roots:
    """The folders that requests may name files in; none by default."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder.resolve(strict=True) for folder in folders]

    def file(self, path: str) -> Path:
        """The plain file that `path` names.

        Raises:
            ApiError: `path_not_allowed`: relative, with backslashes or NUL, outside of every root (after following
                links), or not a plain file. What lies outside is not told apart from what is missing.
        """
        given = Path(path) if "\0" not in path else Path()
        if given.is_absolute() and not (set("\\\0") & set(path)) and ".." not in given.parts:
            try:
                real = given.resolve(strict=True)
            except (OSError, RuntimeError):
                real = Path()
            if real.is_file() and any(real.is_relative_to(folder) for folder in self._folders):
                return real
        raise ApiError(
            "path_not_allowed",
            "The backend may not open this path, or there is no such file.",
            "Send the file with the request, or start the backend with --root for its folder.",
        )
