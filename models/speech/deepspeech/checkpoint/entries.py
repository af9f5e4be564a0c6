"""What a checkpoint's index says: how many shards there are, and where each variable lies and in which shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.speech.deepspeech.checkpoint.errors import CheckpointError
from models.speech.deepspeech.checkpoint.table import read_table
from models.speech.deepspeech.checkpoint.wire import fields

# TensorFlow's numbers of float32 and int64.
DTYPES: Final[dict[int, np.dtype[Any]]] = {1: np.dtype("<f4"), 9: np.dtype("<i8")}
_MAX_SHARDS: Final = 100_000  # five digits in a shard's name
_MAX_DIMENSIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a variable lies: `size` bytes from `offset` on in a shard, with TensorFlow's masked CRC-32C.

    `sliced` variables are stored in parts under other names.
    """

    dtype: int = 0
    shape: tuple[int, ...] = ()
    shard: int = 0
    offset: int = 0
    size: int = 0
    crc: int = 0
    sliced: bool = False

    def check(self, name: str) -> np.dtype[Any]:
        """The NumPy type of the variable.

        Raises:
            CheckpointError: it is sliced, of a type not known here, or its shape does not fit its size.
        """
        if self.sliced or self.dtype not in DTYPES:
            raise CheckpointError(f"{name} is sliced or neither float32 nor int64; give DeepSpeech 0.9.2's checkpoint")
        dtype = DTYPES[self.dtype]
        if not 0 < math.prod(self.shape) * dtype.itemsize == self.size or len(self.shape) > _MAX_DIMENSIONS:
            raise CheckpointError(f"the index is damaged ({name} of shape {self.shape} has {self.size} bytes)")
        return dtype


@dataclass(frozen=True, slots=True)
class Index:
    """A checkpoint's variables by name, and the number of shards they lie in."""

    entries: dict[str, Entry]
    shards: int


def read_index(data: bytes) -> Index:
    """The contents of an `.index` file.

    Raises:
        CheckpointError: it is no index, damaged, or of a big-endian machine.
    """
    table = read_table(data)
    if b"" not in table:
        raise CheckpointError("the index has no header; this is a table of something else than a checkpoint")
    header = dict(fields(table.pop(b"")))
    shards = header.get(1, 0)
    if not isinstance(shards, int) or not 0 < shards <= _MAX_SHARDS or header.get(2, 0) != 0:
        raise CheckpointError("the index's header is damaged or of a big-endian machine; give an original checkpoint")
    try:
        return Index({key.decode(): _entry(value) for key, value in table.items()}, shards)
    except (UnicodeDecodeError, TypeError) as error:
        raise CheckpointError("the index is damaged (an entry is not a variable's); fetch it again") from error


def _entry(message: bytes) -> Entry:
    names = {1: "dtype", 3: "shard", 4: "offset", 5: "size", 6: "crc"}
    numbers: dict[str, int] = {}
    shape: tuple[int, ...] = ()
    sliced = False
    for number, value in fields(message):
        if number == 2:
            shape = _shape(_bytes(value))
        elif number == 7:
            sliced = True
        elif number in names:
            numbers[names[number]] = _number(value)
    return Entry(shape=shape, sliced=sliced, **numbers)


def _shape(message: bytes) -> tuple[int, ...]:
    """The sizes of a shape's dimensions; an absent size is 0, as everywhere in proto3."""
    dimensions = [dict(fields(_bytes(value))) for number, value in fields(message) if number == 2]
    return tuple(_number(dimension.get(1, 0)) for dimension in dimensions)


def _number(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise TypeError("expected a number")
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("expected bytes")
    return value
