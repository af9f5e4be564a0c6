import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def stated(**changes: object) -> str:
    """The facts of a head whose arrays are those of `head_path`, but for `changes`."""
    facts = {"format": head_file.FORMAT, "format_version": head_file.VERSION, "name": "a", "sha256": "b"}
    names = {"part_names": ["skin"] * 20, "expression_names": [f"move {index}" for index in range(64)]}
    return json.dumps({**facts, **names, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"leave_out": "uv"}, "'uv'"),
        ({"leave_out": "meta"}, "not a readable head"),
        ({"triangles": np.full((2, 3), 10**6)}, "triangle"),
        ({"triangles": np.full((2, 3), 2.0)}, "triangles should hold whole numbers, holds float64"),
        ({"triangle_part": np.full(2, 256)}, "triangle_part names something that does not exist"),
        ({"landmark_vertices": np.full((68, 3), -1)}, "does not exist"),
        ({"landmark_vertices": np.full((68, 3), 2**32)}, "does not exist"),
        ({"mean_shape": np.zeros((5, 3))}, "should be"),
        ({"mean_shape": np.float32(1)}, "should be"),
        ({"mean_shape": np.full((5, 3), "a")}, "mean_shape should hold numbers, holds <U1"),
        ({"mean_shape": np.full((5, 3), 1e300)}, "mean_shape holds NaN or infinity"),
        ({"identity_basis": np.full((80, 5, 3), np.nan)}, "identity_basis holds NaN or infinity"),
        ({"uv": np.float32(1)}, "uv should be"),
        ({"uv": np.zeros((5, 3))}, "uv should be"),
        ({"region/odd": np.zeros((1, 1), np.int32)}, "list of vertices"),
        ({"albedo_basis": np.array([{"a": 1}], dtype=object)}, "not a readable head"),
    ],
)
def test_damaged_heads_are_refused(tmp_path: Path, head_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(head_file.HeadFileError, match=message):
        head_file.load(rewritten(head_path, tmp_path / "bad.npz", **changes))


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ("{", "not a readable head"),
        ("[" * 100_000, "not a readable head"),
        ("[]", "not a head"),
        ('{"format": "style-avatar/head", "format_version": 9}', "format 9"),
        ('{"format": "style-avatar/head", "format_version": 1}', "has no 'name'"),
        (stated(part_names=5), "part_names should be a list of texts"),
        (stated(expression_names=[[]] * 64), "expression_names should be a list of texts"),
        (stated(expression_names=["a"] * 64), "64 different expression names"),
    ],
)
def test_heads_with_damaged_facts_are_refused(tmp_path: Path, head_path: Path, meta: str, message: str) -> None:
    with pytest.raises(head_file.HeadFileError, match=message):
        head_file.load(rewritten(head_path, tmp_path / "bad.npz", meta=np.array(meta)))


def test_damaged_files_are_read_or_refused(tmp_path: Path, head_path: Path) -> None:
    """Whatever happened to the file: a head, or one error that names it."""
    good, path = head_path.read_bytes(), tmp_path / "damaged.npz"
    directory = len(good) - good.rindex(b"PK\x05\x06") + 1500  # where the archive's own lists are
    places = st.integers(0, 4000) | st.integers(len(good) - directory, len(good) - 1) | st.integers(0, len(good) - 1)

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(places, st.binary(min_size=1, max_size=6)), max_size=4), st.none() | places)
    def damage(patches: list[tuple[int, bytes]], cut: int | None) -> None:
        data = bytearray(good)
        for place, patch in patches:
            data[place : place + len(patch)] = patch
        path.write_bytes(data[:cut])
        try:
            assert head_file.load(path).expression_basis.shape[0] == 64
        except head_file.HeadFileError as error:
            assert "damaged.npz" in str(error)

    damage()
