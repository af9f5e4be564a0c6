"""Arrays out of `.npy` and `.npz` files, which may be damaged.

`numpy.load` asks for the memory that a header announces before it looks for the data, unpacks whatever size an archive
claims, and lets errors of Python's tokenizer and of the packer out.
"""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # NumPy's; others unpack without a limit


class NpyFileError(ValueError):
    """The bytes are no `.npy` or `.npz` file, a damaged or too large one, or one of objects."""


def read_npy(data: bytes) -> NDArray[Any]:
    """The array of a `.npy` file, read-only, of its own shape and type; nothing is unpickled.

    Raises:
        NpyFileError: damaged, of objects, or another format.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
    except Exception as error:  # NumPy parses the header as Python, and damaged bytes raise what parsers raise
        raise NpyFileError(f"not a .npy file: {error}") from error
    if dtype.hasobject:
        raise NpyFileError("a .npy file of objects, which would have to be unpickled")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise NpyFileError(f"a .npy file of shape {shape} with {len(data) - stream.tell()} bytes of {dtype}")
    try:
        return np.frombuffer(data, dtype, offset=stream.tell()).reshape(shape, order="F" if fortran else "C")
    except ValueError as error:  # types of no bytes, or that are arrays themselves
        raise NpyFileError(f"a .npy file of {dtype}: {error}") from error


def read_npz(path: Path, largest: int) -> dict[str, NDArray[Any]]:
    """The arrays of a `.npz` file by name, read-only, as `read_npy` gives them.

    largest: how many bytes all of them together may take unpacked.

    Raises:
        NpyFileError: damaged, too large, of objects, or another format.
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                if (size := sum(member.file_size for member in members)) > largest:
                    raise NpyFileError(f"it unpacks to {size} bytes, which is more than the {largest} it may hold")
                return {
                    member.filename.removesuffix(".npy"): read_npy(_unpacked(archive, member)) for member in members
                }
        except (NpyFileError, OSError):
            raise
        except Exception as error:  # damaged archives raise what zipfile, zlib and struct raise
            raise NpyFileError(f"not a .npz file: {error}") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in _PACKINGS:
        raise NpyFileError(f"{member.filename} is packed in a way that NumPy does not use")
    with archive.open(member) as packed:
        return packed.read(member.file_size)  # with a limit: the packed bytes may hold more than they say
