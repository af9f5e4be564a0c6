"""A multipart/form-data body (RFC 7578) that is read from disk piece by piece (no bpy)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PIECE: Final = 256 * 1024  # bytes read at a time


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of the body: everything before its content, where it is, and how many bytes are sent."""

    head: bytes
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Body:
    """A request with files. `content_type` and `size` belong into the headers; `pieces()` is what is sent."""

    boundary: str
    request: bytes
    files: tuple[FilePart, ...]

    @property
    def content_type(self) -> str:
        """The header's value."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        parts = sum(len(part.head) + part.size + len(b"\r\n") for part in self.files)
        return len(self.request) + parts + len(self._end)

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces of at most `PIECE` bytes (the request itself is one piece).

        Raises:
            OSError: a file cannot be read, or is shorter than it was when the body was made.
        """
        yield self.request
        for part in self.files:
            yield part.head
            yield from _exactly(part.path, part.size)
            yield b"\r\n"
        yield self._end

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def make_body(request: Mapping[str, Any], files: Mapping[str, Path]) -> Body:
    """A body of the part `request` (JSON) and one part for each of `files` (part name → path).

    Raises:
        OSError: a file does not exist or cannot be read.
        ValueError: the request holds NaN or infinity.
    """
    for path in files.values():
        if not path.is_file():  # a folder has a size as well, and a pipe may never end
            raise FileNotFoundError(f"there is no file {path}")
    boundary = f"style-avatar-{secrets.token_hex(16)}"
    document = json.dumps(request, allow_nan=False).encode()
    head = _head(boundary, 'name="request"', "application/json")
    parts = tuple(
        FilePart(_head(boundary, _disposition(name, path), "application/octet-stream"), path, path.stat().st_size)
        for name, path in files.items()
    )
    return Body(boundary, head + document + b"\r\n", parts)


def _head(boundary: str, disposition: str, content_type: str) -> bytes:
    lines = (f"--{boundary}", f"Content-Disposition: form-data; {disposition}", f"Content-Type: {content_type}", "", "")
    return "\r\n".join(lines).encode()


def _disposition(name: str, path: Path) -> str:
    return f'name="{_escaped(name)}"; filename="{_escaped(path.name)}"'


def _escaped(text: str) -> str:
    """Text between quotes as browsers send it; what is not Unicode in a file's name becomes "?"."""
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _exactly(path: Path, size: int) -> Iterator[bytes]:
    left = size
    with path.open("rb") as stream:
        while left:
            piece = stream.read(min(PIECE, left))
            if not piece:
                raise OSError(f"{path.name} became shorter while it was read")
            left -= len(piece)
            yield piece
