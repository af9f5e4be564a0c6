"""What the original's databases hold for a clip, field by field, and how each field is stored (SPEC 10.1 to 10.3).

Sound and pictures are whole files. Arrays are NumPy pickles, in one case .npy files; both are read without executing
anything.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.training.clips.records import ClipFileError
from models.coefficients import WIDTH, Float32Array
from models.npy_file import NpyFileError, read_npy
from models.pickles import PickleRefusedError, read_pickle

Shape = tuple[int | None, ...]  # None is the clip's length

_PROTOCOL: Final = 3  # what the original's Python 3.6 wrote and can read


@dataclass(frozen=True)
class Layout:
    """The fields of one kind of database.

    media: fields that are whole files; arrays: the others with their shapes; npy: those of `arrays` stored as .npy
    files; counted: the field whose entries are the clips.
    """

    media: tuple[str, ...]
    arrays: Mapping[str, Shape]
    counted: str
    npy: frozenset[str] = frozenset()

    def encoded(self, field: str, value: bytes | ArrayLike) -> bytes:
        """The record of a field: a file's bytes as they are, an array as float32.

        Raises:
            ClipFileError: an unknown field, another shape, NaN or infinity, no bytes.
        """
        if field not in self.media:
            return _packed(self.checked(field, value, field), field in self.npy)
        if not isinstance(value, bytes) or not value:
            raise ClipFileError(f"expected {field} as the bytes of a file, got {type(value).__name__} or nothing")
        return value

    def decoded(self, field: str, record: bytes, what: str) -> Float32Array:
        """The array of a record; `what` names it in errors.

        Raises:
            ClipFileError: an unknown field, or a record that is not a plain array of its shape.
        """
        stored = _unpacked_npy(record, what) if field in self.npy else _unpickled(record, what)
        return self.checked(field, stored, what)

    def checked(self, field: str, given: object, what: str) -> Float32Array:
        """The values of an array field as float32, of the shape that `arrays` names.

        Raises:
            ClipFileError: an unknown field, another shape, NaN or infinity.
        """
        array, expected = np.asarray(given), self.arrays[self.array_field(field)]
        right = array.ndim == len(expected) and all(e in (None, n) for e, n in zip(expected, array.shape, strict=True))
        if not right or not array.size or array.dtype.kind not in "fiu":
            shape = ", ".join("length" if size is None else str(size) for size in expected)
            raise ClipFileError(f"expected {what} as numbers ({shape}), got {array.dtype} {array.shape}")
        if not np.isfinite(array).all():
            raise ClipFileError(f"{what} holds NaN or infinity; prepare the clip again")
        return np.ascontiguousarray(array, np.float32)

    def array_field(self, field: str) -> str:
        """The field itself.

        Raises:
            ClipFileError: not one of `arrays`.
        """
        return _one_of(self.arrays, field)

    def media_field(self, field: str) -> str:
        """The field itself.

        Raises:
            ClipFileError: not one of `media`.
        """
        return _one_of(self.media, field)


_TRACKS: Final[dict[str, Shape]] = {"lm5": (None, 5, 2), "lm68": (None, 68, 2), "coeff": (None, WIDTH)}
_PICTURES: Final = ("align", "uv", "bg", "texture", "mouth")

# mp4 but for `audio`, which is wav at 16 kHz; the last two arrays have 50 features per second, the others 25 frames.
TED: Final = Layout(
    media=("video", "audio", *_PICTURES),
    arrays={**_TRACKS, "coeff_norm": (None, WIDTH), "deepspeech": (None, 29), "energy": (1, None)},
    counted="coeff_norm",
)
# `pred_data`, avi, is written by the original's tests. It counted by that field, and a fresh database had no clips.
LRW: Final = Layout(media=(*_PICTURES, "pred_data"), arrays=_TRACKS, npy=frozenset({"coeff"}), counted="align")
# CREMA-D, GRID, TCD-TIMIT and demo clips: one database for one person; clip 0 is for tuning, the others are tests.
PERSON: Final = Layout(media=_PICTURES, arrays=_TRACKS, counted="align")


def _one_of(fields: Mapping[str, Any] | tuple[str, ...], field: str) -> str:
    if field not in fields:
        raise ClipFileError(f"expected one of the fields {', '.join(fields)}, got {field!r}")
    return field


def _packed(array: Float32Array, npy: bool) -> bytes:
    if not npy:
        return pickle.dumps(array, protocol=_PROTOCOL)
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _unpickled(record: bytes, what: str) -> object:
    try:
        return read_pickle(record)
    except PickleRefusedError as error:
        raise ClipFileError(f"{what} cannot be read: {error}") from error


def _unpacked_npy(record: bytes, what: str) -> NDArray[Any]:
    try:
        return read_npy(record)
    except NpyFileError as error:
        raise ClipFileError(f"{what} cannot be read: {error}") from error
