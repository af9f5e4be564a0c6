"""Numeric arrays out of a user's MATLAB v5 files, checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.matlab_file import MatlabFileError, read_matrices
from models.face.model import FaceModelError


def bytes_of(path: str | Path) -> bytes:
    """The bytes of a file.

    Raises:
        FaceModelError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FaceModelError(f"{path} is not a readable file ({error})") from error


def matlab_arrays(data: bytes, path: str | Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays `names` of the MATLAB file `data`, read from `path`: real, finite, not empty.

    Raises:
        FaceModelError: not such a file, or an array is missing, empty, not of real numbers or not finite.
    """
    try:
        found = read_matrices(data, names)
    except MatlabFileError as error:
        raise FaceModelError(f"{path} is not a MATLAB v5 file ({error}); restore it") from error
    missing = [name for name in names if name not in found]
    if missing:
        raise FaceModelError(f"{path} has no array {', '.join(missing)} of real numbers; is it another file?")
    for name in names:
        if found[name].size == 0 or not np.isfinite(found[name]).all():
            raise FaceModelError(f"{path}: {name} is empty or holds NaN or infinity; restore the file")
    return {name: found[name] for name in names}
