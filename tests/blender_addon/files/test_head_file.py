from pathlib import Path

import numpy as np
import pytest

from backend import blender as writer
from blender_addon.files import head_file
from models.face.model import FaceModel

MILLIMETRE = 0.01  # decimetres


def test_both_sides_name_the_same_format() -> None:
    assert (writer.HEAD_FORMAT, writer.HEAD_VERSION, writer.REGION_PREFIX) == (
        head_file.FORMAT,
        head_file.VERSION,
        head_file.REGION_PREFIX,
    )


def test_geometry_survives_the_wire(face_model: FaceModel, head: head_file.HeadFile) -> None:
    np.testing.assert_array_equal(head.mean_shape, face_model.mean_shape)
    np.testing.assert_array_equal(head.triangles, face_model.triangles)
    np.testing.assert_array_equal(head.uv_triangles, face_model.uv_triangles)
    np.testing.assert_array_equal(head.triangle_part, face_model.triangle_part)
    assert (head.name, head.sha256) == (face_model.name, face_model.sha256)
    assert (head.part_names, head.expression_names) == (face_model.part_names, face_model.expression_names)
    assert set(head.regions) == set(face_model.regions)
    for name, vertices in face_model.regions.items():
        np.testing.assert_array_equal(head.regions[name], vertices)
    np.testing.assert_allclose(head.expression_basis, face_model.expression_basis, atol=0.02 * MILLIMETRE, rtol=0)
    np.testing.assert_allclose(head.identity_basis, face_model.identity_basis, atol=0.02 * MILLIMETRE, rtol=0)


def test_person_is_the_backends(face_model: FaceModel, head: head_file.HeadFile) -> None:
    coefficients = np.random.default_rng(3).normal(size=80).astype(np.float32)
    np.testing.assert_allclose(head.shape(coefficients), face_model.shape(coefficients), atol=0.05 * MILLIMETRE, rtol=0)
    np.testing.assert_allclose(head.albedo(coefficients), face_model.albedo(coefficients) / 255, atol=1e-3)
    shape = head.shape(coefficients)
    np.testing.assert_allclose(head.landmarks(shape), face_model.landmarks68.of(shape), atol=1e-6)


def test_too_large_bases_are_refused(face_model: FaceModel, tmp_path: Path) -> None:
    import dataclasses

    in_nanometres = dataclasses.replace(face_model, expression_basis=face_model.expression_basis * 1e8)
    with pytest.raises(writer.BlenderError, match="check its units"):
        writer.write_head_file(in_nanometres, tmp_path / "head.npz")


def rewritten(source: Path, target: Path, leave_out: str = "", **changes: object) -> Path:
    with np.load(source) as archive:
        arrays = {name: archive[name] for name in archive.files if name != leave_out}
    np.savez(target, **{**arrays, **changes})
    return target


def test_missing_and_foreign_files(tmp_path: Path, take_path: Path) -> None:
    with pytest.raises(head_file.HeadFileError, match="no head file"):
        head_file.load(tmp_path / "gone.npz")
    with pytest.raises(head_file.HeadFileError, match="not a head"):
        head_file.load(take_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"leave_out": "uv"}, "'uv'"),
        ({"triangles": np.full((2, 3), 10**6)}, "triangle"),
        ({"landmark_vertices": np.full((68, 3), -1)}, "does not exist"),
        ({"mean_shape": np.zeros((5, 3))}, "should be"),
    ],
)
def test_damaged_heads_are_refused(tmp_path: Path, head_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(head_file.HeadFileError, match=message):
        head_file.load(rewritten(head_path, tmp_path / "bad.npz", **changes))
