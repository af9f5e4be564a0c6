"""Numbered records in the named sub-databases of an LMDB folder, as all of the original's databases are (SPEC 10).

The key of a clip is its number in decimal ASCII without padding, so that LMDB's own order is 0, 1, 10, 11, ..., 2 and
clips are asked for by number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import lmdb

_MAX_DATABASES: Final = 64
_FIRST_MAP_SIZE: Final = 1 << 24


class ClipFileError(ValueError):
    """The database, or what is to be written to it, is not what it should be; the message says what to do."""


class Closing(ABC):
    """What is closed at the end of a `with` statement."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held."""


class RecordReader(Closing):
    """An LMDB folder to read from; nothing else may write to it meanwhile. Use it in a `with` statement.

    Works on read-only folders too: no lock file is made.

    Raises:
        ClipFileError: no LMDB there, a truncated one, or one that this process has open already.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._environment = lmdb.open(
                str(folder), readonly=True, lock=False, create=False, readahead=False, max_dbs=_MAX_DATABASES
            )
        except lmdb.Error as error:
            raise ClipFileError(f"{folder} is not an LMDB folder that can be read: {error}") from error
        try:
            self._check_size()
        except ClipFileError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file; the reader cannot be used any more."""
        self._environment.close()

    def count(self, name: str) -> int:
        """Records of a sub-database.

        Raises:
            ClipFileError: there is no such sub-database.
        """
        database = self._database(name)
        with self._environment.begin() as transaction:
            return int(transaction.stat(database)["entries"])

    def record(self, name: str, index: int) -> bytes:
        """The record of clip `index` in a sub-database.

        Raises:
            ClipFileError: there is none.
        """
        with self._environment.begin(db=self._database(name)) as transaction:
            record = transaction.get(_key(index))
        if record is None:
            raise ClipFileError(f"{self._folder} has no {name} of clip {index}; prepare the clip again")
        return bytes(record)

    def _database(self, name: str) -> lmdb._Database:
        try:
            return self._environment.open_db(name.encode(), create=False)
        except lmdb.Error as error:
            raise ClipFileError(f"{self._folder} has no {name}: {error}") from error

    def _check_size(self) -> None:
        # LMDB maps the file into memory; touching a page behind its end would kill the process.
        pages = self._environment.info()["last_pgno"] + 1
        needed = pages * self._environment.stat()["psize"]
        found = (self._folder / "data.mdb").stat().st_size
        if found < needed:
            raise ClipFileError(f"{self._folder} is truncated: {found} bytes of {needed}; copy it again")


class RecordWriter(Closing):
    """An LMDB folder to write to, made where there is none; one writer at a time. Use it in a `with` statement.

    Raises:
        ClipFileError: the folder cannot be made or opened.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._environment = lmdb.open(str(folder), map_size=_FIRST_MAP_SIZE, max_dbs=_MAX_DATABASES)
        except (OSError, lmdb.Error) as error:
            raise ClipFileError(f"cannot write an LMDB to {folder}: {error}") from error

    def close(self) -> None:
        """Let go of the file; the writer cannot be used any more."""
        self._environment.close()

    def write(self, index: int, records: Mapping[str, bytes]) -> None:
        """Store the records of clip `index` in the sub-databases they are named by; all of them, or none.

        Raises:
            ClipFileError: a negative number.
        """
        key = _key(index)
        while not self._try_write(key, records):
            # Grown as needed: a huge map from the start is a huge file where files cannot have holes.
            self._environment.set_mapsize(2 * self._environment.info()["map_size"])

    def _try_write(self, key: bytes, records: Mapping[str, bytes]) -> bool:
        try:
            # Opened beforehand: a handle made within a transaction that fails would outlive it.
            databases = {name: self._environment.open_db(name.encode()) for name in records}
            with self._environment.begin(write=True) as transaction:
                for name, record in records.items():
                    transaction.put(key, record, db=databases[name])
        except lmdb.MapFullError:
            return False
        return True


def _key(index: int) -> bytes:
    if index < 0:
        raise ClipFileError(f"clips are numbered from 0, got {index}")
    return str(index).encode()
