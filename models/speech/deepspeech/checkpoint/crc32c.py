"""CRC-32C (Castagnoli), the checksum of TensorFlow's files, fast enough in NumPy for hundreds of megabytes.

A CRC without initial value is linear over GF(2), so leading zeros do not change it and the parts of a message can be
summed side by side: the message is cut into lanes, all lanes advance together, and the lanes are joined at the end by
the matrix that appends zeros. The initial value of all ones is the same as inverting the first four bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL: Final = 0x82F63B78  # bit-reversed
_MASK_DELTA: Final = 0xA282EAD8
_WORDS_PER_LANE: Final = 512
_BLOCK: Final = 1 << 26  # bytes at once

Words = NDArray[np.uint32]


def crc32c(data: bytes | memoryview) -> int:
    """The CRC-32C of bytes."""
    crc = 0xFFFFFFFF
    for start in range(0, len(data), _BLOCK):
        crc = _advance(crc, data[start : start + _BLOCK])
    return crc ^ 0xFFFFFFFF


def masked_crc32c(data: bytes | memoryview) -> int:
    """The CRC-32C turned and shifted, as LevelDB and TensorFlow store it."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _advance(crc: int, data: bytes | memoryview) -> int:
    """The register after more data."""
    if len(data) < 4:
        for byte in data:
            crc = int(_table8()[(crc ^ byte) & 0xFF]) ^ crc >> 8
        return crc
    words = len(data) // 4 + 1  # front padding makes whole words; the register goes into the first four bytes
    lanes = 1 << max(-(-words // _WORDS_PER_LANE) - 1, 0).bit_length()
    per_lane = -(-words // lanes)
    padded = np.zeros(lanes * per_lane * 4, np.uint8)
    padded[-len(data) :] = np.frombuffer(data, np.uint8)
    padded[len(padded) - len(data) :][:4] ^= np.frombuffer(crc.to_bytes(4, "little"), np.uint8)
    return _joined(_lanes(padded.view("<u4").reshape(lanes, per_lane)), per_lane)


def _lanes(words: Words) -> Words:
    """The registers of all lanes (L, W) after their words."""
    low, high = _tables16()
    crc = np.zeros(len(words), np.uint32)
    for column in np.ascontiguousarray(words.T):
        crc ^= column
        crc = low[crc & 0xFFFF] ^ high[crc >> 16]
    return crc


def _joined(registers: Words, words: int) -> int:
    """One register for lanes of equal length behind one another, pair by pair."""
    zeros = _matrix_of_zero_words(words)
    while len(registers) > 1:
        registers = _times(zeros, registers[::2]) ^ registers[1::2]
        zeros = _times(zeros, zeros)
    return int(registers[0])


def _matrix_of_zero_words(words: int) -> Words:
    """What appending so many words of zeros does to a register: column i is the image of bit i."""
    step = _lanes((np.uint32(1) << np.arange(32, dtype=np.uint32))[:, None])
    result = np.uint32(1) << np.arange(32, dtype=np.uint32)
    while words:
        if words & 1:
            result = _times(step, result)
        step = _times(step, step)
        words >>= 1
    return result


def _times(matrix: Words, registers: Words) -> Words:
    bits = np.arange(32, dtype=np.uint32)[:, None]
    return np.bitwise_xor.reduce(np.where(registers >> bits & 1, matrix[:, None], np.uint32(0)), axis=0)


@lru_cache(maxsize=1)
def _table8() -> Words:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


@lru_cache(maxsize=1)
def _tables16() -> tuple[Words, Words]:
    """What a whole word leaves of its lower and of its upper half."""
    upper = np.arange(65536, dtype=np.uint32)
    for _ in range(2):
        upper = _table8()[upper & 0xFF] ^ upper >> 8
    lower = upper
    for _ in range(2):
        lower = _table8()[lower & 0xFF] ^ lower >> 8
    return lower, upper
