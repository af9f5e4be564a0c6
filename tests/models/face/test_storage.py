"""Face models in .safetensors files: what comes back, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.face.model import FaceModel, FaceModelError
from models.face.storage import header, load, quantised, save
from tests.face_models import ellipsoid


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


def mirrored(model: FaceModel) -> FaceModel:
    """The model with identity components made even and odd under x -> -x, and its mirror vertices named."""
    wanted = model.mean_shape * [-1, 1, 1]
    partner = np.linalg.norm(wanted[:, None] - model.mean_shape[None], axis=2).argmin(axis=1).astype(np.int32)
    assert (partner[partner] == np.arange(len(partner))).all()
    sign = np.where(np.arange(80) % 2 == 0, 1, -1)[:, None, None]
    identity = model.identity_basis + sign * model.identity_basis[:, partner] * [-1, 1, 1]
    albedo = model.albedo_basis + sign * model.albedo_basis[:, partner]
    return replace(
        model,
        identity_basis=identity.astype(np.float32),
        albedo_basis=albedo.astype(np.float32),
        regions={**model.regions, "mirror": partner},
    )


def test_a_model_comes_back_as_it_was(model, tmp_path):
    digest = save(model, tmp_path / "m.safetensors", {"licence": "CC0-1.0"})
    back = load(tmp_path / "m.safetensors", digest)
    assert back.sha256 == digest and back.name == model.name
    for name in ("mean_shape", "mean_albedo", "triangles", "uv", "uv_triangles", "triangle_part"):
        np.testing.assert_array_equal(getattr(back, name), getattr(model, name))
    assert back.expression_names == model.expression_names and back.part_names == model.part_names
    np.testing.assert_array_equal(back.landmarks68.vertices, model.landmarks68.vertices)
    assert back.regions.keys() == model.regions.keys()


@pytest.mark.parametrize(
    ("basis", "steps"), [("identity_basis", 127), ("albedo_basis", 127), ("expression_basis", 32767)]
)
def test_bases_lose_at_most_half_a_step(model, tmp_path, basis, steps):
    save(model, tmp_path / "m.safetensors")
    back, true = getattr(load(tmp_path / "m.safetensors"), basis), getattr(model, basis)
    largest = np.abs(true).max(axis=(1, 2), keepdims=True)
    assert (np.abs(back - true) <= largest / steps * 0.501).all()


def test_a_symmetric_model_is_stored_once_a_side_and_comes_back_exactly_symmetric(model, tmp_path):
    both = mirrored(model)
    save(both, tmp_path / "half.safetensors")
    save(replace(both, regions=model.regions), tmp_path / "whole.safetensors")
    size = {name: (tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "whole")}
    assert size["half"] < 0.75 * size["whole"]
    back = load(tmp_path / "half.safetensors")
    image = back.identity_basis[:, both.regions["mirror"]] * np.array([-1, 1, 1], dtype=np.float32)
    np.testing.assert_array_equal(image[::2], back.identity_basis[::2])
    np.testing.assert_array_equal(image[1::2], -back.identity_basis[1::2])
    assert np.abs(back.identity_basis - both.identity_basis).max() <= np.abs(both.identity_basis).max() / 127


def test_equal_models_give_equal_bytes(model, tmp_path):
    assert save(model, tmp_path / "a") == save(ellipsoid(), tmp_path / "b")
    assert save(ellipsoid(seed=1), tmp_path / "c") != save(model, tmp_path / "a")


def test_quantising_nothing_gives_nothing():
    values, scale = quantised(np.zeros((2, 3, 3), dtype=np.float32), np.int8)
    assert not values.any() and (scale == 1).all()


def test_the_header_holds_the_facts(model, tmp_path):
    save(model, tmp_path / "m", {"licence": "CC0-1.0"})
    assert "CC0-1.0" in header((tmp_path / "m").read_bytes())["facts"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FaceModelError, match=r"no readable face model at .*nowhere"):
        load(tmp_path / "nowhere.safetensors")


def test_a_changed_file_is_refused(model, tmp_path):
    digest = save(model, tmp_path / "m")
    data = bytearray((tmp_path / "m").read_bytes())
    data[-1] ^= 1
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(FaceModelError, match="restore the file or build it again"):
        load(tmp_path / "m", digest)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x02\0\0\0\0\0\0\0{}", b"\xff" * 64])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(FaceModelError, match="not a face-model file"):
        load(tmp_path / "m")


def test_a_newer_format_is_refused(model, tmp_path):
    save(model, tmp_path / "m")
    data = (tmp_path / "m").read_bytes().replace(b'format_version\\": \\"1\\"', b'format_version\\": \\"2\\"')
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(FaceModelError, match="this version reads"):
        load(tmp_path / "m")
