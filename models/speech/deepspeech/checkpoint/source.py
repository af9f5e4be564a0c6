"""Where a checkpoint's files lie: in a folder, or in a tar archive that is read in place and never extracted.

Only plain files count, and of their names only the last part, so an archive can neither write nor point anywhere.
"""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

from models.speech.deepspeech.checkpoint.errors import CheckpointError

_MAX_MEMBERS: Final = 10_000
_DAMAGE: Final = (
    OSError,
    EOFError,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    ValueError,
    OverflowError,
)


class Source(Protocol):
    """Files by name."""

    def names(self) -> list[str]:
        """The files there are."""

    def read(self, name: str, offset: int, size: int) -> bytes:
        """So many bytes of a file, fewer where it ends. Raises CheckpointError if it cannot be read."""


class Folder:
    """A `Source` of a folder's files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """The plain files in the folder itself."""
        try:
            return sorted(entry.name for entry in self._path.iterdir() if entry.is_file())
        except OSError as error:
            raise CheckpointError(f"cannot read the folder {self._path} ({error}); check its rights") from error

    def read(self, name: str, offset: int, size: int) -> bytes:
        """See `Source`."""
        try:
            with (self._path / name).open("rb") as file:
                file.seek(offset)
                return file.read(size)
        except (OSError, ValueError, OverflowError) as error:
            raise CheckpointError(f"cannot read {name} ({error}); check the folder") from error


class Archive:
    """A `Source` of a tar archive's plain files, compressed or not."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members: dict[str, tarfile.TarInfo] = {}
        self._open: dict[str, IO[bytes]] = {}
        for count, member in enumerate(archive):
            if count == _MAX_MEMBERS:
                raise CheckpointError(f"the archive holds more than {_MAX_MEMBERS} files; it is not a checkpoint's")
            if member.isreg() and not member.issparse():
                self._members.setdefault(member.name.rpartition("/")[2], member)

    def names(self) -> list[str]:
        """The plain files of all the archive's folders."""
        return sorted(self._members)

    def read(self, name: str, offset: int, size: int) -> bytes:
        """See `Source`; reading forwards is fast, going back in a compressed archive starts over."""
        try:
            if name not in self._open:
                file = self._archive.extractfile(self._members[name])
                assert file is not None, "a plain file has contents"
                self._open[name] = file
            self._open[name].seek(offset)
            return self._open[name].read(size)
        except _DAMAGE as error:
            raise CheckpointError(f"the archive is damaged at {name} ({error}); fetch it again") from error


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The files beside or in `path`: a folder, or a tar archive.

    Raises:
        CheckpointError: there is nothing there, or it is neither.
    """
    if path.is_dir():
        yield Folder(path)
        return
    if not path.is_file():
        raise CheckpointError(f"there is no folder or archive {path}; check its name")
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - closed below, outside of what counts as damage
    except _DAMAGE as error:
        raise CheckpointError(
            f"{path} is not a tar archive ({error}); give the checkpoint's folder or its .tar.gz"
        ) from error
    with archive:
        try:
            source = Archive(archive)
        except CheckpointError:
            raise
        except _DAMAGE as error:
            raise CheckpointError(f"{path} is damaged or cut short ({error}); fetch it again") from error
        yield source
