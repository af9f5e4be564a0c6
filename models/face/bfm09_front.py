"""Make `BFM_model_front.mat` from the files that can still be had (SPEC 5.1).

The university gives `01_MorphableModel.mat`, Guo et al. (2018) the expressions `Exp_Pca.bin`, the repository of Deng
et al. (2019) four small tables: `BFM_exp_idx.mat`, `BFM_front_idx.mat`, `facemodel_info.mat`, `std_exp.txt`. The
components are multiplied by their standard deviations and cut to 80, 64 and 80, lengths become decimetres, and the
vertices are reduced to the front of the head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from models.face.matlab import bytes_of, matlab_arrays
from models.face.model import FaceModelError, Int32Array
from models.whole_file import whole_file

MORPHABLE: Final = ("shapeMU", "shapePC", "shapeEV", "texMU", "texPC", "texEV")
INFO: Final = ("tri", "point_buf", "keypoints", "tri_mask2", "frontmask2_idx", "skinmask")
DECIMETRE: Final = 1e5  # in the university's unit, the micrometre

Array = NDArray[Any]


def build(morphable: str | Path, expressions: str | Path, tables: str | Path, out: str | Path) -> Path:
    """Write the front model to `out`, for `bfm09.load`, and return its path.

    morphable: 01_MorphableModel.mat; expressions: Exp_Pca.bin; tables: the folder of the four tables.

    Raises:
        FaceModelError: a file is missing or damaged, or the files do not belong together.
    """
    basel = matlab_arrays(bytes_of(morphable), morphable, MORPHABLE)
    tables = Path(tables)
    of_expression = _table(tables / "BFM_front_idx.mat", "idx")
    trim = _table(tables / "BFM_exp_idx.mat", "trimIndex")
    of_basel = _take(trim, of_expression, "BFM_front_idx.mat names rows of BFM_exp_idx.mat")
    info_path = tables / "facemodel_info.mat"
    components = _expressions(expressions, tables / "std_exp.txt", len(trim))
    front = {
        "meanshape": _chosen(basel["shapeMU"], of_basel) / DECIMETRE,
        "idBase": _chosen(_scaled(basel, "shape", 80), of_basel) / DECIMETRE,
        "exBase": _chosen(components, of_expression) / DECIMETRE,
        "meantex": _chosen(basel["texMU"], of_basel),
        "texBase": _chosen(_scaled(basel, "tex", 80), of_basel),
    }
    front["meanshape"], front["meantex"] = front["meanshape"].T, front["meantex"].T
    arrays = {name: array.astype(np.float32) for name, array in front.items()}
    return _write(arrays | matlab_arrays(bytes_of(info_path), info_path, INFO), Path(out))


def _table(path: Path, name: str) -> Int32Array:
    """The 1-based indices `name` of a table, counted from 0."""
    return matlab_arrays(bytes_of(path), path, [name])[name].astype(np.int32).ravel() - 1


def _scaled(basel: dict[str, Array], kind: str, count: int) -> Array:
    """The first `count` principal components (3V, count) of "shape" or "tex", each times its standard deviation."""
    components, deviations = basel[f"{kind}PC"], basel[f"{kind}EV"].ravel()
    if components.ndim != 2 or components.shape[1] != len(deviations) or len(deviations) < count:
        raise FaceModelError(
            f"expected {kind}PC of at least {count} columns and {kind}EV of one number each, "
            f"got {components.shape} and {len(deviations)}; restore 01_MorphableModel.mat"
        )
    return components[:, :count] * deviations[:count]


def _expressions(path: str | Path, deviations_path: Path, vertices: int) -> Array:
    """The first 64 expression components (3V, 64), each times its standard deviation."""
    data = bytes_of(path)
    dimension = int.from_bytes(data[:4], "little", signed=True)
    if dimension < 64 or len(data) != 4 + 4 * 3 * vertices * (1 + dimension):
        raise FaceModelError(f"{path} is not Exp_Pca.bin for {vertices} vertices: {len(data)} bytes, {dimension} parts")
    try:
        deviations = np.array(bytes_of(deviations_path).split(), dtype=np.float64)
    except ValueError as error:
        raise FaceModelError(f"{deviations_path} should hold numbers ({error})") from error
    if len(deviations) != dimension or not np.isfinite(deviations).all():
        raise FaceModelError(f"expected {dimension} numbers in {deviations_path}, got {len(deviations)}")
    mean_and_components = np.frombuffer(data, dtype="<f4", offset=4).reshape(1 + dimension, -1)
    return mean_and_components[1:65].T * deviations[:64]


def _chosen(table: Array, vertices: Int32Array) -> Array:
    """The rows (3n, C) of `vertices` in `table` (3V, C), which has three rows a vertex."""
    if len(table) % 3:
        raise FaceModelError(f"expected three rows a vertex, got {table.shape}; restore 01_MorphableModel.mat")
    by_vertex = table.reshape(len(table) // 3, 3, -1)
    return _take(by_vertex, vertices, "the tables name vertices of the model").reshape(3 * len(vertices), -1)


def _take(array: Array, indices: Int32Array, what: str) -> Array:
    if indices.min() < 0 or indices.max() >= len(array):
        raise FaceModelError(
            f"{what}, 1 to {len(array)}, but go from {indices.min() + 1} to {indices.max() + 1}; "
            "the files do not belong together"
        )
    return array[indices]


def _write(arrays: dict[str, Array], out: Path) -> Path:
    """Write `out` whole or not at all."""
    with whole_file(out) as partial, partial.open("wb") as file:
        savemat(file, arrays)
    return out
