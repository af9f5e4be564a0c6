"""Sorted string tables as LevelDB and TensorFlow write them: blocks of keys and values, found through a footer.

A block's entry shares the start of its key with the entry before; the block ends with a list of restart points, which
sequential reading does not need. Behind each block stand its kind and a checksum. TensorFlow writes the blocks of a
checkpoint's index uncompressed (SPEC 9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.speech.deepspeech.checkpoint.crc32c import masked_crc32c
from models.speech.deepspeech.checkpoint.errors import CheckpointError
from models.speech.deepspeech.checkpoint.wire import varint

MAGIC: Final = bytes.fromhex("57fb808b247547db")
FOOTER: Final = 48  # two block handles, padded, and the magic number
TRAILER: Final = 5  # kind and checksum
_UNCOMPRESSED: Final = 0

Entries = Iterator[tuple[bytes, bytes]]


def read_table(data: bytes) -> dict[bytes, bytes]:
    """All keys and values of a table.

    Raises:
        CheckpointError: it is no table, is damaged, cut short or compressed.
    """
    if len(data) < FOOTER or data[-len(MAGIC) :] != MAGIC:
        raise CheckpointError("this is not a checkpoint's index, or it is cut short; give the .index file as fetched")
    footer = data[-FOOTER:]
    _, at = _handle(footer, 0)  # the table of tables, which TensorFlow leaves empty
    index, _ = _handle(footer, at)
    entries: dict[bytes, bytes] = {}
    for _, value in _entries(_block(data, index)):
        handle, _ = _handle(value, 0)
        entries.update(_entries(_block(data, handle)))
    return entries


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """A block's offset and size, and the place behind them."""
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def _block(data: bytes, handle: tuple[int, int]) -> bytes:
    offset, size = handle
    end = offset + size
    if end + TRAILER > len(data) - FOOTER:
        raise CheckpointError("the index is damaged (a block lies outside); fetch the checkpoint again")
    if int.from_bytes(data[end + 1 : end + TRAILER], "little") != masked_crc32c(data[offset : end + 1]):
        raise CheckpointError("the index is damaged (a block's checksum is wrong); fetch the checkpoint again")
    if data[end] != _UNCOMPRESSED:
        raise CheckpointError("the index is compressed, which TensorFlow's checkpoints never are; give an original one")
    return data[offset:end]


def _entries(block: bytes) -> Entries:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    if len(block) < 4 or end < 0:
        raise CheckpointError("the index is damaged (a block is too short); fetch the checkpoint again")
    key, at = b"", 0
    while at < end:
        shared, at = varint(block, at)
        own, at = varint(block, at)
        size, at = varint(block, at)
        if shared > len(key) or at + own + size > end:
            raise CheckpointError("the index is damaged (an entry is cut off); fetch the checkpoint again")
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + size]
        at += own + size
