"""The user's Basel model kept as .safetensors: the front file's own numbers, exact, with a hash.

`models.face.storage` rounds bases to save room for a head that ships; a model that is compared number for number with
the original must not be rounded.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from models.face.bfm09 import ARRAYS, Bfm09, from_arrays, read_uv
from models.face.matlab import bytes_of, matlab_arrays
from models.face.model import FaceModelError
from models.whole_file import whole_file


def convert(front: str | Path, out: str | Path, uv_path: str | Path | None = None) -> str:
    """Check a `BFM_model_front.mat` (and `uv.npy`), write both to `out` whole or not at all, and return its SHA-256.

    Raises:
        FaceModelError: a file cannot be read or is not what it should be.
    """
    arrays = matlab_arrays(bytes_of(front), front, ARRAYS)
    tensors = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
    if uv_path is not None:
        tensors["uv"] = np.ascontiguousarray(read_uv(uv_path))
    from_arrays(tensors, tensors.get("uv"), "")
    data = save_tensors(tensors)
    with whole_file(Path(out)) as partial:
        partial.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def load(path: str | Path, sha256: str | None = None) -> Bfm09:
    """Read what `convert` wrote; with `sha256`, refuse a file whose hash differs.

    Raises:
        FaceModelError: not such a file, or another hash.
    """
    data = bytes_of(path)
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256:
        raise FaceModelError(f"{path} has SHA-256 {digest}, expected {sha256}; add the model again")
    try:
        tensors = load_tensors(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise FaceModelError(f"{path} is not a .safetensors file ({error})") from error
    missing = [name for name in ARRAYS if name not in tensors]
    if missing:
        raise FaceModelError(f"{path} has no {', '.join(missing)}; add the model again")
    return from_arrays(tensors, tensors.get("uv"), digest)
