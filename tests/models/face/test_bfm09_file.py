"""The converted Basel model: the same numbers, and no damaged file."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from models.face import bfm09, bfm09_file
from models.face.model import FaceModelError
from tests.models.face.test_bfm09 import small_file


def test_converting_changes_no_number(tmp_path: Path):
    front, out = small_file(tmp_path / "front.mat"), tmp_path / "user" / "bfm09.safetensors"
    np.save(tmp_path / "uv.npy", np.random.default_rng(0).uniform(size=(80, 3)))
    digest = bfm09_file.convert(front, out, tmp_path / "uv.npy")
    assert digest == hashlib.sha256(out.read_bytes()).hexdigest()
    before, after = bfm09.load(front, tmp_path / "uv.npy"), bfm09_file.load(out, digest)
    np.testing.assert_array_equal(after.vertex_triangles, before.vertex_triangles)
    for field in dataclasses.fields(before.model):
        kept, given = getattr(after.model, field.name), getattr(before.model, field.name)
        if isinstance(given, np.ndarray):
            np.testing.assert_array_equal(kept, given, err_msg=field.name)
    assert after.model.sha256 == digest


def test_without_texture_positions_the_mesh_is_unwrapped_alike(tmp_path: Path):
    front, out = small_file(tmp_path / "front.mat"), tmp_path / "bfm09.safetensors"
    bfm09_file.convert(front, out)
    np.testing.assert_array_equal(bfm09_file.load(out).model.uv, bfm09.load(front).model.uv)


def test_a_bad_model_is_not_written(tmp_path: Path):
    front = small_file(tmp_path / "front.mat", idBase=np.zeros((240, 79), np.float32))
    with pytest.raises(FaceModelError, match="idBase"):
        bfm09_file.convert(front, tmp_path / "bfm09.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["front.mat"]


def test_another_file_is_refused(tmp_path: Path):
    out = tmp_path / "bfm09.safetensors"
    bfm09_file.convert(small_file(tmp_path / "front.mat"), out)
    with pytest.raises(FaceModelError, match="SHA-256"):
        bfm09_file.load(out, "0" * 64)
    out.write_bytes(b"no tensors here")
    with pytest.raises(FaceModelError, match=r"not a \.safetensors file"):
        bfm09_file.load(out)
    save_file({"tri": np.zeros((2, 3), np.float32)}, out)
    with pytest.raises(FaceModelError, match="has no meanshape"):
        bfm09_file.load(out)
