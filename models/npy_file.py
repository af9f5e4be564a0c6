"""Arrays out of the bytes of `.npy` files, which may be damaged.

`numpy.load` asks for the memory that a header announces before it looks for the data, and lets errors of Python's
tokenizer out.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


class NpyFileError(ValueError):
    """The bytes are no `.npy` file, a damaged one, or one of objects."""


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
    return np.frombuffer(data, dtype, offset=stream.tell()).reshape(shape, order="F" if fortran else "C")
