"""Clips in an LMDB laid out as the original's TED-HD (SPEC 10.1): one named sub-database per split and field.

`train_coeff`, `test_audio` and so on; the key of a clip is its number in decimal ASCII without padding, so that LMDB's
own order is 0, 1, 10, 11, ..., 2 and clips are asked for by number. Sound and pictures are whole files, arrays are
NumPy pickles, read without executing them.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

import lmdb
import numpy as np
from numpy.typing import ArrayLike

from models.coefficients import Float32Array
from models.pickles import PickleRefusedError, read_pickle

Split = Literal["train", "test"]

# Whole files; mp4 but for `audio`, which is wav at 16 kHz.
MEDIA: Final = ("video", "audio", "align", "uv", "bg", "texture", "mouth")
# Shapes; None is the clip's length: video frames at 25 fps, for the last two speech features at 50 per second.
ARRAYS: Final[dict[str, tuple[int | None, ...]]] = {
    "lm5": (None, 5, 2),
    "lm68": (None, 68, 2),
    "coeff": (None, 257),
    "coeff_norm": (None, 257),
    "deepspeech": (None, 29),
    "energy": (1, None),
}
COUNTED: Final = "coeff_norm"  # its entries are the clips of a split

_MAX_DATABASES: Final = 64
_FIRST_MAP_SIZE: Final = 1 << 24
_PROTOCOL: Final = 3  # what the original's Python 3.6 wrote and can read


class TedFileError(ValueError):
    """The database, or what is to be written to it, is not what it should be; the message says what to do."""


class TedReader:
    """An LMDB folder to read from; nothing else may write to it meanwhile. Use it in a `with` statement.

    Works on read-only folders too: no lock file is made.

    Raises:
        TedFileError: no LMDB there, a truncated one, or one that this process has open already.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._environment = lmdb.open(
                str(folder), readonly=True, lock=False, create=False, readahead=False, max_dbs=_MAX_DATABASES
            )
        except lmdb.Error as error:
            raise TedFileError(f"{folder} is not an LMDB folder that can be read: {error}") from error
        try:
            self._check_size()
        except TedFileError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the reader cannot be used any more."""
        self._environment.close()

    def count(self, split: Split) -> int:
        """Clips of a split.

        Raises:
            TedFileError: the database has no such split.
        """
        database = self._database(split, COUNTED)
        with self._environment.begin() as transaction:
            return int(transaction.stat(database)["entries"])

    def media(self, split: Split, field: str, index: int) -> bytes:
        """The file of clip `index` in one of the `MEDIA` fields.

        Raises:
            TedFileError: no such field or clip.
        """
        if field not in MEDIA:
            raise TedFileError(f"expected one of the fields {', '.join(MEDIA)}, got {field!r}")
        return self._record(split, field, index)

    def array(self, split: Split, field: str, index: int) -> Float32Array:
        """The array of clip `index` in one of the `ARRAYS` fields, of the shape named there.

        Raises:
            TedFileError: no such field or clip, a record that is not a plain pickled array, or another shape.
        """
        record = self._record(split, _array_field(field), index)
        try:
            stored = read_pickle(record)
        except PickleRefusedError as error:
            raise TedFileError(f"{split}_{field} of clip {index} cannot be read: {error}") from error
        return _checked(field, stored, f"{split}_{field} of clip {index}")

    def _record(self, split: Split, field: str, index: int) -> bytes:
        with self._environment.begin(db=self._database(split, field)) as transaction:
            record = transaction.get(_key(index))
        if record is None:
            raise TedFileError(f"{self._folder} has no {split}_{field} of clip {index}; prepare the clip again")
        return bytes(record)

    def _database(self, split: Split, field: str) -> lmdb._Database:
        name = _name(split, field)
        try:
            return self._environment.open_db(name.encode(), create=False)
        except lmdb.Error as error:
            raise TedFileError(f"{self._folder} has no {name}: {error}") from error

    def _check_size(self) -> None:
        # LMDB maps the file into memory; touching a page behind its end would kill the process.
        pages = self._environment.info()["last_pgno"] + 1
        needed = pages * self._environment.stat()["psize"]
        found = (self._folder / "data.mdb").stat().st_size
        if found < needed:
            raise TedFileError(f"{self._folder} is truncated: {found} bytes of {needed}; copy it again")


class TedWriter:
    """An LMDB folder to write to, made where there is none; one writer at a time. Use it in a `with` statement.

    Raises:
        TedFileError: the folder cannot be made or opened.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._environment = lmdb.open(str(folder), map_size=_FIRST_MAP_SIZE, max_dbs=_MAX_DATABASES)
        except (OSError, lmdb.Error) as error:
            raise TedFileError(f"cannot write an LMDB to {folder}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the writer cannot be used any more."""
        self._environment.close()

    def write(self, split: Split, index: int, clip: Mapping[str, bytes | ArrayLike]) -> None:
        """Store fields of clip `index`, files as bytes and arrays as float32; all of them, or none where one is wrong.

        Fields that are there already are replaced, others stay.

        Raises:
            TedFileError: unknown fields, wrong shapes, NaN or infinity, a negative number.
        """
        key = _key(index)
        records = {_name(split, field): _encoded(field, value) for field, value in clip.items()}
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


def _name(split: str, field: str) -> str:
    if split not in ("train", "test"):
        raise TedFileError(f"expected the split train or test, got {split!r}")
    return f"{split}_{field}"


def _key(index: int) -> bytes:
    if index < 0:
        raise TedFileError(f"clips are numbered from 0, got {index}")
    return str(index).encode()


def _array_field(field: str) -> str:
    if field not in ARRAYS:
        raise TedFileError(f"expected one of the fields {', '.join(ARRAYS)}, got {field!r}")
    return field


def _encoded(field: str, value: bytes | ArrayLike) -> bytes:
    if field not in MEDIA:
        return pickle.dumps(_checked(_array_field(field), value, field), protocol=_PROTOCOL)
    if not isinstance(value, bytes) or not value:
        raise TedFileError(f"expected {field} as the bytes of a file, got {type(value).__name__} or nothing")
    return value


def _checked(field: str, given: object, what: str) -> Float32Array:
    array, expected = np.asarray(given), ARRAYS[field]
    right = array.ndim == len(expected) and all(e in (None, n) for e, n in zip(expected, array.shape, strict=True))
    if not right or not array.size or array.dtype.kind not in "fiu":
        shape = ", ".join("length" if size is None else str(size) for size in expected)
        raise TedFileError(f"expected {what} as numbers ({shape}), got {array.dtype} {array.shape}")
    if not np.isfinite(array).all():
        raise TedFileError(f"{what} holds NaN or infinity; prepare the clip again")
    return np.ascontiguousarray(array, np.float32)
