"""Varints and the protocol-buffer wire format, as far as a checkpoint's index needs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.speech.deepspeech.checkpoint.errors import CheckpointError

_VARINT: Final = 0
_FIXED64: Final = 1
_LENGTH: Final = 2
_FIXED32: Final = 5
_LONGEST_VARINT: Final = 10

Fields = Iterator[tuple[int, int | bytes]]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned number at a place, seven bits a byte from the lowest on, and the place behind it.

    Raises:
        CheckpointError: the bytes end within it, or it is longer than 64 bits.
    """
    value = 0
    for i in range(_LONGEST_VARINT):
        if at + i >= len(data):
            break
        value |= (data[at + i] & 0x7F) << 7 * i
        if data[at + i] < 0x80:
            return value, at + i + 1
    raise CheckpointError("the index is damaged (a number is cut off); fetch the checkpoint again")


def fields(message: bytes) -> Fields:
    """A message's fields in order: number and value; integers are unsigned, strings and messages are bytes.

    Raises:
        CheckpointError: the bytes end within a field, or hold a field of a type that proto3 does not have.
    """
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == _VARINT:
            value, at = varint(message, at)
            yield key >> 3, value
            continue
        size, at = _size(message, at, key & 7)
        raw = message[at : at + size]
        if len(raw) < size:
            raise CheckpointError("the index is damaged (a field is cut off); fetch the checkpoint again")
        yield key >> 3, raw if key & 7 == _LENGTH else int.from_bytes(raw, "little")
        at += size


def _size(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _LENGTH:
        return varint(message, at)
    if kind in (_FIXED32, _FIXED64):
        return (4 if kind == _FIXED32 else 8), at
    raise CheckpointError("the index is damaged (a field of unknown type); fetch the checkpoint again")
