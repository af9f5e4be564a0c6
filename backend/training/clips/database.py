"""Clips of LRW and of single persons: LMDB folders whose sub-databases are named by field (SPEC 10.2, 10.3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from numpy.typing import ArrayLike

from backend.training.clips.layouts import Layout
from backend.training.clips.records import Closing, RecordReader, RecordWriter
from models.coefficients import Float32Array


class ClipReader(Closing):
    """A folder of `LRW` or `PERSON` clips to read from. Use it in a `with` statement.

    Raises:
        ClipFileError: as `RecordReader`.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        self._layout, self._records = layout, RecordReader(folder)

    def close(self) -> None:
        """Let go of the file; the reader cannot be used any more."""
        self._records.close()

    def count(self) -> int:
        """How many clips there are.

        Raises:
            ClipFileError: the database is of another layout.
        """
        return self._records.count(self._layout.counted)

    def media(self, field: str, index: int) -> bytes:
        """The file of clip `index` in one of the layout's `media` fields.

        Raises:
            ClipFileError: no such field or clip.
        """
        return self._records.record(self._layout.media_field(field), index)

    def array(self, field: str, index: int) -> Float32Array:
        """The array of clip `index` in one of the layout's `arrays` fields, of the shape named there.

        Raises:
            ClipFileError: no such field or clip, or a record that is not a plain array of its shape.
        """
        record = self._records.record(self._layout.array_field(field), index)
        return self._layout.decoded(field, record, f"{field} of clip {index}")


class ClipWriter(Closing):
    """A folder of `LRW` or `PERSON` clips to write to, made where there is none. Use it in a `with` statement.

    Raises:
        ClipFileError: as `RecordWriter`.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        self._layout, self._records = layout, RecordWriter(folder)

    def close(self) -> None:
        """Let go of the file; the writer cannot be used any more."""
        self._records.close()

    def write(self, index: int, clip: Mapping[str, bytes | ArrayLike]) -> None:
        """Store fields of clip `index`, files as bytes and arrays as float32; all of them, or none where one is wrong.

        Fields that are there already are replaced, others stay.

        Raises:
            ClipFileError: unknown fields, wrong shapes, NaN or infinity, a negative number.
        """
        self._records.write(index, {field: self._layout.encoded(field, value) for field, value in clip.items()})
