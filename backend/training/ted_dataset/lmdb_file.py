"""Clips of TED-HD: one LMDB whose sub-databases are named by split and field, as `train_coeff` (SPEC 10.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from numpy.typing import ArrayLike

from backend.training.clips.layouts import TED
from backend.training.clips.records import ClipFileError, Closing, RecordReader, RecordWriter
from models.coefficients import Float32Array

Split = Literal["train", "test"]


class TedReader(Closing):
    """A folder of TED-HD's clips to read from. Use it in a `with` statement.

    Raises:
        ClipFileError: as `RecordReader`.
    """

    def __init__(self, folder: Path) -> None:
        self._records = RecordReader(folder)

    def close(self) -> None:
        """Let go of the file; the reader cannot be used any more."""
        self._records.close()

    def count(self, split: Split) -> int:
        """Clips of a split.

        Raises:
            ClipFileError: the database has no such split.
        """
        return self._records.count(_name(split, TED.counted))

    def media(self, split: Split, field: str, index: int) -> bytes:
        """The file of clip `index` in one of TED-HD's `media` fields.

        Raises:
            ClipFileError: no such field or clip.
        """
        return self._records.record(_name(split, TED.media_field(field)), index)

    def array(self, split: Split, field: str, index: int) -> Float32Array:
        """The array of clip `index` in one of TED-HD's `arrays` fields, of the shape named there.

        Raises:
            ClipFileError: no such field or clip, a record that is not a plain pickled array, or another shape.
        """
        name = _name(split, TED.array_field(field))
        return TED.decoded(field, self._records.record(name, index), f"{name} of clip {index}")


class TedWriter(Closing):
    """A folder of TED-HD's clips to write to, made where there is none. Use it in a `with` statement.

    Raises:
        ClipFileError: as `RecordWriter`.
    """

    def __init__(self, folder: Path) -> None:
        self._records = RecordWriter(folder)

    def close(self) -> None:
        """Let go of the file; the writer cannot be used any more."""
        self._records.close()

    def write(self, split: Split, index: int, clip: Mapping[str, bytes | ArrayLike]) -> None:
        """Store fields of clip `index`, files as bytes and arrays as float32; all of them, or none where one is wrong.

        Fields that are there already are replaced, others stay.

        Raises:
            ClipFileError: unknown fields, wrong shapes, NaN or infinity, a negative number.
        """
        self._records.write(index, {_name(split, field): TED.encoded(field, value) for field, value in clip.items()})


def _name(split: str, field: str) -> str:
    if split not in ("train", "test"):
        raise ClipFileError(f"expected the split train or test, got {split!r}")
    return f"{split}_{field}"
