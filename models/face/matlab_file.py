"""Plain numeric arrays out of the bytes of MATLAB level 5 files (MathWorks, MAT-File Format, chapter 1).

SciPy reads these files too, but on damaged ones its reader has ended the whole process with a segmentation fault, and
what comes here was downloaded by users.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HEADER: Final = 128  # bytes: a text, then the version and the byte order
LARGEST: Final = 1 << 31  # bytes that one compressed variable may unfold to
_MATRIX, _COMPRESSED = 14, 15
_STORED: Final = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
# What an array is by its class; its numbers may be stored smaller where none is lost.
_CLASSES: Final = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_COMPLEX: Final = 0x0800


class MatlabFileError(ValueError):
    """The bytes are no MATLAB level 5 file, or a damaged one; the message says what is wrong."""


def read_matrices(data: bytes, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """The real numeric arrays among the variables `names`; what is missing or of another kind is left out.

    Raises:
        MatlabFileError: damaged, or another format.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:HEADER])
    if order is None or not data.startswith(b"MATLAB 5"):
        raise MatlabFileError("it does not begin as one")
    found = {}
    for kind, content in _elements(memoryview(data)[HEADER:], order):
        if kind == _COMPRESSED:
            kind, content = _unfolded(content, order)
        if kind == _MATRIX:
            name, parts, described = _described(content, order)
            if name in names and (array := _array(parts, described, order)) is not None:
                found[name] = array
    return found


_Elements = Iterator[tuple[int, memoryview]]


def _elements(data: memoryview, order: str) -> _Elements:
    """The type and the content of each element, one after the other."""
    place = 0
    while place < len(data):
        kind, size = _tag(data[place:], order)
        small = kind >> 16  # an element of up to four bytes has them in its tag, and its size where zeros would be
        start, size = (place + 4, small) if small else (place + 8, size)
        if start + size > len(data) or small > 4:
            raise MatlabFileError(f"it is cut short: {size} bytes announced, {len(data) - start} there")
        yield kind & 0xFFFF, data[start : start + size]
        # Each begins at a multiple of eight, only compressed ones follow without a gap.
        place = start + size if kind == _COMPRESSED else place + 8 if small else start + size + -size % 8


def _tag(data: memoryview, order: str) -> tuple[int, int]:
    if len(data) < 8:
        raise MatlabFileError("it is cut short in the middle of an element")
    kind, size = struct.unpack(f"{order}II", data[:8])
    return kind, size


def _unfolded(content: memoryview, order: str) -> tuple[int, memoryview]:
    """The one element in a compressed one, never more than its own tag announces."""
    machine = zlib.decompressobj()
    try:
        tag = machine.decompress(content, 8)
        kind, size = _tag(memoryview(tag), order)
        if size > LARGEST:
            raise MatlabFileError(f"a variable of {size} bytes is too large")
        unfolded = machine.decompress(machine.unconsumed_tail, size) if size else b""
    except zlib.error as error:
        raise MatlabFileError(f"its compressed part is damaged: {error}") from error
    if len(unfolded) != size:
        raise MatlabFileError(f"its compressed part holds {len(unfolded)} bytes of {size}")
    return kind, memoryview(unfolded)


def _described(content: memoryview, order: str) -> tuple[str, _Elements, tuple[int, tuple[int, ...]]]:
    """A variable's name, its elements from the numbers on, and its flags and shape."""
    parts = _elements(content, order)
    (_, flags), (_, shape), (_, name) = (_next(parts) for _ in range(3))
    if len(flags) != 8 or len(shape) % 4 or len(shape) < 8:
        raise MatlabFileError("a variable has no valid flags and shape")
    sizes = struct.unpack(f"{order}{len(shape) // 4}i", shape)
    if min(sizes) < 0:
        raise MatlabFileError(f"a variable has the shape {sizes}")
    return bytes(name).decode("latin-1"), parts, (struct.unpack(f"{order}I", flags[:4])[0], sizes)


def _array(parts: _Elements, described: tuple[int, tuple[int, ...]], order: str) -> NDArray[Any] | None:
    flags, shape = described
    if (target := _CLASSES.get(flags & 0xFF)) is None or flags & _COMPLEX:
        return None
    kind, numbers = _next(parts)
    if kind not in _STORED:
        raise MatlabFileError(f"an array's numbers are of the unknown type {kind}")
    stored = np.dtype(order + _STORED[kind])
    if math.prod(shape) * stored.itemsize != len(numbers):
        raise MatlabFileError(f"an array of shape {shape} has {len(numbers)} bytes of {stored.name}")
    # NaN or numbers too large for a class of whole numbers come from damage; they become some number, as in MATLAB.
    with np.errstate(invalid="ignore", over="ignore"):
        return np.frombuffer(numbers, stored).astype(target).reshape(shape, order="F")


def _next(parts: _Elements) -> tuple[int, memoryview]:
    try:
        return next(parts)
    except StopIteration:
        raise MatlabFileError("a variable is cut short") from None
