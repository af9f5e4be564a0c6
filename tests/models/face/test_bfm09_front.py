"""Making the front model from the university's files, on a model of a few vertices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from models.face.bfm09 import load
from models.face.bfm09_front import build
from models.face.model import FaceModelError

BASEL, TRIMMED, FRONT, DIMENSION = 90, 80, 70, 66


class Sources:
    """The six files with random numbers in `folder`, and the numbers."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(1)
        self.folder, self.morphable, self.expressions = folder, folder / "01_MorphableModel.mat", folder / "Exp_Pca.bin"
        self.trim = rng.permutation(BASEL)[:TRIMMED]
        self.front = rng.permutation(TRIMMED)[:FRONT]
        self.basel = {
            "shapeMU": rng.normal(0, 8e4, (3 * BASEL, 1)).astype(np.float32),
            "shapePC": rng.normal(0, 1e-2, (3 * BASEL, 99)).astype(np.float32),
            "shapeEV": np.linspace(9e5, 1e3, 99, dtype=np.float32)[:, None],
            "texMU": rng.uniform(60, 200, (3 * BASEL, 1)).astype(np.float32),
            "texPC": rng.normal(0, 1e-2, (3 * BASEL, 99)).astype(np.float32),
            "texEV": np.linspace(4e3, 10, 99, dtype=np.float32)[:, None],
        }
        self.components = rng.normal(0, 1, (DIMENSION, TRIMMED, 3)).astype(np.float32)
        self.deviations = np.linspace(5e3, 10, DIMENSION)
        info = {
            "tri": rng.integers(1, FRONT + 1, (50, 3)).astype(np.float32),
            "point_buf": rng.integers(1, 52, (FRONT, 8)).astype(np.float32),
            "keypoints": np.arange(1, 69, dtype=np.float32)[None],
            "tri_mask2": np.ones((5, 3), np.float32),
            "frontmask2_idx": np.ones((4, 1), np.float32),
            "skinmask": np.ones((1, FRONT), np.float32),
        }
        savemat(self.morphable, self.basel)
        savemat(folder / "BFM_exp_idx.mat", {"trimIndex": (self.trim + 1)[:, None]})
        savemat(folder / "BFM_front_idx.mat", {"idx": (self.front + 1)[:, None]})
        savemat(folder / "facemodel_info.mat", info)
        np.savetxt(folder / "std_exp.txt", self.deviations[None])
        unused_mean = np.full(3 * TRIMMED, 1e6, dtype="<f4")
        self.expressions.write_bytes(
            np.int32(DIMENSION).tobytes() + unused_mean.tobytes() + self.components.astype("<f4").tobytes()
        )

    def build(self) -> Path:
        return build(self.morphable, self.expressions, self.folder, self.folder / "BFM_model_front.mat")


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path)


def test_every_vertex_keeps_its_own_numbers(sources: Sources):
    model = load(sources.build()).model
    assert model.vertex_count == FRONT
    means = np.stack([sources.basel["shapeMU"].reshape(-1, 3)[sources.trim[v]] for v in sources.front]) / 1e5
    np.testing.assert_allclose(model.mean_shape, means - means.mean(axis=0), atol=1e-5)
    for place, vertex in enumerate(sources.front):
        rows = slice(3 * sources.trim[vertex], 3 * sources.trim[vertex] + 3)
        np.testing.assert_allclose(model.mean_albedo[place], sources.basel["texMU"][rows, 0], rtol=1e-6)
        for part in (0, 79):
            identity = sources.basel["shapePC"][rows, part] * sources.basel["shapeEV"][part] / 1e5
            np.testing.assert_allclose(model.identity_basis[part, place], identity, rtol=1e-5)
            albedo = sources.basel["texPC"][rows, part] * sources.basel["texEV"][part]
            np.testing.assert_allclose(model.albedo_basis[part, place], albedo, rtol=1e-5)
        for part in (0, 63):
            expression = sources.components[part, vertex] * sources.deviations[part] / 1e5
            np.testing.assert_allclose(model.expression_basis[part, place], expression, rtol=1e-5)


def test_a_cut_expression_file_is_refused(sources: Sources):
    sources.expressions.write_bytes(sources.expressions.read_bytes()[:-4])
    with pytest.raises(FaceModelError, match="is not Exp_Pca"):
        sources.build()


def test_tables_of_another_model_are_refused(sources: Sources):
    savemat(sources.folder / "BFM_front_idx.mat", {"idx": np.array([[1], [TRIMMED + 1]])})
    with pytest.raises(FaceModelError, match="do not belong together"):
        sources.build()


def test_a_missing_table_is_named(sources: Sources):
    (sources.folder / "std_exp.txt").unlink()
    with pytest.raises(FaceModelError, match="std_exp"):
        sources.build()


def test_a_failed_build_leaves_no_file(sources: Sources):
    savemat(sources.morphable, {name: array for name, array in sources.basel.items() if name != "texEV"})
    with pytest.raises(FaceModelError, match="no array texEV"):
        sources.build()
    assert not list(sources.folder.glob("*front.mat*"))
