"""Arrays out of `.npz` files, which may be damaged (no bpy).

The add-on imports nothing from the backend, so this stands here a second time. `numpy.load` asks for the memory that a
header announces before it looks for the data, and unpacks whatever size an archive claims.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # NumPy's; others unpack without a limit


class NpzFileError(ValueError):
    """The file is no archive of plain arrays, a damaged one, or one that unpacks to too much."""


def read(source: Path | bytes, largest: int, only: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of the archive by name, read-only; nothing is unpickled.

    source: a file, or what would be in one; largest: how many bytes all arrays together may take unpacked; only: the
    names of those that are wanted (None: all), the others are not unpacked.

    Raises:
        NpzFileError: damaged, too large, of objects, or another format.
        OSError: the file cannot be opened or read.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                if (size := sum(member.file_size for member in members)) > largest:
                    raise NpzFileError(f"it unpacks to {size} bytes, which is more than the {largest} it may hold")
                named = {member.filename.removesuffix(".npy"): member for member in members}
                wanted = named.keys() if only is None else named.keys() & only
                return {name: _array(_unpacked(archive, named[name])) for name in wanted}
        except (NpzFileError, OSError):
            raise
        except Exception as error:  # damaged archives raise what zipfile, zlib, struct and parsers raise
            raise NpzFileError(f"not a .npz file: {error}") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in _PACKINGS:
        raise NpzFileError(f"{member.filename} is packed in a way that NumPy does not use")
    with archive.open(member) as packed:
        return packed.read(member.file_size)  # with a limit: the packed bytes may hold more than they say


def _array(data: bytes) -> NDArray[Any]:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read_header(stream)
    if dtype.hasobject:
        raise NpzFileError("an array of objects, which would have to be unpickled")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise NpzFileError(f"an array of shape {shape} with {len(data) - stream.tell()} bytes of {dtype}")
    return np.frombuffer(data, dtype, offset=stream.tell()).reshape(shape, order="F" if fortran else "C")
