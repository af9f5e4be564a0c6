from dataclasses import replace

import numpy as np
import pytest

from models.texture.dynamic import DynamicTexture, DynamicTextureError
from models.texture.storage import load, packed, save
from tests.face_models import ellipsoid

SIZE = 16


@pytest.fixture
def texture():
    random = np.random.default_rng(0)
    weights = np.zeros((2, 64), np.float32)
    weights[0, 3], weights[1, 5], weights[1, 6] = 1.0, 2.0, -1.0
    return DynamicTexture(
        base=random.integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8),
        residuals=random.normal(0, 20, (2, SIZE, SIZE, 3)).astype(np.float32),
        weights=weights,
        bias=np.array([0.0, -0.5], np.float32),
        names=("frown", "smile"),
        face_model="a head",
        sha256="0" * 64,
    )


def test_at_rest_it_is_the_base(texture):
    assert np.array_equal(texture.evaluate(np.zeros(64, np.float32)), texture.base)


def test_it_is_the_clipped_weighted_sum(texture):
    expression = np.zeros(64, np.float32)
    expression[[3, 5]] = 0.25, 0.4
    expected = texture.base + 0.25 * texture.residuals[0] + 0.3 * texture.residuals[1]
    assert np.allclose(texture.evaluate(expression), np.clip(expected, 0, 255), atol=1e-4)


def test_activations_stay_between_nothing_and_all(texture):
    expressions = np.zeros((3, 64), np.float32)
    expressions[1, [3, 5]] = 9
    expressions[2, 6] = 9
    assert np.array_equal(texture.activations(expressions), [[0, 0], [1, 1], [0, 0]])


def test_a_file_brings_it_back(texture, tmp_path):
    digest = save(texture, tmp_path / "a.safetensors", {"clip": "c.mp4"})
    assert save(texture, tmp_path / "b.safetensors", {"clip": "c.mp4"}) == digest
    back = load(tmp_path / "a.safetensors")
    assert np.array_equal(back.base, texture.base)
    assert np.abs(back.residuals - texture.residuals).max() <= np.abs(texture.residuals).max() / 254 + 1e-4
    for name in ("weights", "bias"):
        assert np.array_equal(getattr(back, name), getattr(texture, name))
    assert (back.names, back.face_model, back.sha256) == (texture.names, "a head", "0" * 64)


def test_one_without_residuals_is_a_texture(texture, tmp_path):
    plain = replace(
        texture,
        residuals=np.zeros((0, SIZE, SIZE, 3), np.float32),
        weights=np.zeros((0, 64), np.float32),
        bias=np.zeros(0, np.float32),
        names=(),
    )
    save(plain, tmp_path / "a.safetensors")
    assert np.array_equal(load(tmp_path / "a.safetensors").evaluate(np.ones(64, np.float32)), texture.base)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": np.zeros((8, 9, 3), np.uint8)}, "square base"),
        ({"base": np.zeros((SIZE, SIZE, 3), np.float32)}, "uint8"),
        ({"weights": np.zeros((2, 63), np.float32)}, r"weights of shape \(2, 64\)"),
        ({"bias": np.array([np.nan, 0], np.float32)}, "NaN"),
        ({"names": tuple("abc")}, r"residuals of shape \(3, 16, 16, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(texture, change, said):
    with pytest.raises(DynamicTextureError, match=said):
        replace(texture, **change)


def test_expressions_of_another_layout_are_refused(texture):
    with pytest.raises(DynamicTextureError, match="64"):
        texture.evaluate(np.zeros(63, np.float32))


def test_another_face_model_is_refused(texture):
    with pytest.raises(DynamicTextureError, match="a head"):
        texture.require(ellipsoid())


def test_damaged_files_say_so(texture, tmp_path):
    path = tmp_path / "a.safetensors"
    with pytest.raises(DynamicTextureError, match="no readable"):
        load(path)
    save(texture, path)
    whole = path.read_bytes()
    for cut in (0, 7, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(DynamicTextureError, match="not a dynamic texture"):
            load(path)
    image = whole.index(b"\x89PNG")
    path.write_bytes(whole[:image] + bytes(64) + whole[image + 64 :])
    with pytest.raises(DynamicTextureError, match="cannot be read"):
        load(path)


def test_a_huge_image_in_a_small_file_is_not_decoded(texture, tmp_path):
    path = tmp_path / "a.safetensors"
    save(texture, path)
    from safetensors.numpy import load as load_tensors
    from safetensors.numpy import save as save_tensors

    from models.face.storage import header

    tensors = load_tensors(path.read_bytes())
    tensors["base"] = packed(np.zeros((4100, 4100, 3), np.uint8))
    path.write_bytes(save_tensors(tensors, header(path.read_bytes())))
    with pytest.raises(DynamicTextureError, match="at most 4096"):
        load(path)
