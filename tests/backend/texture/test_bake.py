import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from backend.render.buffers import raster
from backend.texture.bake import BakeError, baked, resampled, resized, textures_of, together
from backend.texture.delivery import loaded_take, write_archive
from backend.texture.projection import Seen
from models.take import Take, save
from models.texture import storage
from models.texture.dynamic import DynamicTexture, DynamicTextureError
from tests.face_models import ellipsoid

SIZE = 256


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


def take_of(model, frames=3):
    coefficients = np.zeros((frames, 257), np.float32)
    coefficients[:, 80 + 17] = np.linspace(0, 1, frames)
    return Take(coefficients, 25.0, {"face_model": {"name": model.name, "sha256": model.sha256}})


@pytest.fixture(scope="module")
def texture():
    return np.random.default_rng(0).integers(90, 200, (SIZE, SIZE, 3)).astype(np.uint8)


def test_a_matt_renderer_leaves_the_texture(model, texture):
    frames = list(baked(take_of(model), model, textures_of(texture, model, SIZE, None, live=False)))
    assert len(frames) == 3
    assert all(np.array_equal(frame, texture) for frame in frames)


def test_going_round_by_the_renderer_changes_nothing_that_is_matt(model, texture):
    frames = list(
        baked(take_of(model), model, textures_of(texture, model, SIZE, None, live=False), lambda one: raster(one))
    )
    assert np.abs(frames[-1].astype(int) - texture).max() <= 1


def test_what_a_renderer_darkens_with_the_expression_is_darker_where_it_is_seen(model, texture):
    calls = []

    def darker_below(buffers):
        calls.append(buffers)
        drawn = 0.8 * buffers.lambert
        if len(calls) > 3:  # the calm face's three views come first
            drawn[len(drawn) // 2 :] *= 0.5
        return drawn

    textures = textures_of(texture, model, SIZE, None, live=False)
    frame = list(baked(take_of(model, 4), model, textures, darker_below))[-1] / texture
    middle = SIZE // 2
    eyes = 0.35 * SIZE
    upper, lower = (
        frame[round(eyes) : round(eyes) + 8, middle - 8 : middle + 8],
        frame[150:160, middle - 8 : middle + 8],
    )
    assert upper.mean() == pytest.approx(1, abs=0.02)
    assert lower.mean() == pytest.approx(0.5, abs=0.03)
    assert np.abs(frame[:, :6] - 1).max() < 1e-6  # the back of the head, which no view shows, keeps the photo


def test_a_learned_texture_takes_the_place_of_the_photos(model, tmp_path):
    weights = np.zeros((1, 64), np.float32)
    weights[0, 17] = 1
    learned = DynamicTexture(
        base=np.full((SIZE, SIZE, 3), 100, np.uint8),
        residuals=np.full((1, SIZE, SIZE, 3), 50, np.float32),
        weights=weights,
        bias=np.zeros(1, np.float32),
        names=("jaw",),
        face_model=model.name,
        sha256=model.sha256,
    )
    storage.save(learned, tmp_path / "learned.safetensors")
    frames = baked(take_of(model), model, textures_of(None, model, SIZE, tmp_path / "learned.safetensors", live=True))
    assert [int(frame.mean()) for frame in frames] == [100, 125, 150]
    storage.save(replace(learned, sha256="0" * 64), tmp_path / "other.safetensors")
    with pytest.raises(DynamicTextureError, match="is for the face model"):
        textures_of(None, model, SIZE, tmp_path / "other.safetensors", live=True)


def test_bad_wishes_are_refused(model, texture):
    with pytest.raises(BakeError, match="256 to 2048"):
        textures_of(texture, model, 100, None, live=False)
    with pytest.raises(BakeError, match="neither"):
        textures_of(None, model, SIZE, None, live=False)
    with pytest.raises(DynamicTextureError, match="no live textures"):
        textures_of(texture, model, SIZE, None, live=True)
    with pytest.raises(BakeError, match="240"):
        resampled(take_of(model), 1000)


def test_a_take_of_another_face_model_is_refused(model, tmp_path):
    save(take_of(model), tmp_path / "take.npz")
    assert loaded_take(tmp_path / "take.npz", model, 50.0).fps == 50
    with pytest.raises(BakeError, match="for the face model ellipsoid, not other"):
        loaded_take(tmp_path / "take.npz", replace(model, name="other"), None)


@pytest.mark.parametrize("fps", [24.0, 25.0, 30000 / 1001, 60.0])
def test_another_frame_rate_shows_the_same_at_the_same_time(model, fps):
    take = resampled(take_of(model, 26), fps)  # one second
    assert take.fps == fps
    seconds = np.arange(len(take.coefficients)) / fps
    assert abs(take.seconds - 1.0) < 1.5 / fps
    assert np.allclose(take.coefficients[:, 80 + 17], np.minimum(seconds, 1), atol=1e-5)


def test_views_are_joined_by_weight():
    one = Seen(np.full((1, 2, 3), 10, np.float32), np.array([[1.0, 0.0]], np.float32))
    other = Seen(np.full((1, 2, 3), 40, np.float32), np.array([[0.5, 0.0]], np.float32))
    seen = together([one, other])
    assert np.allclose(seen.texture[0, 0], 20) and seen.weight.tolist() == [[1.0, 0.0]]


def test_an_archive_is_numbered_from_one_and_equal_each_time(tmp_path):
    frames = [np.full((8, 8, 3), n, np.uint8) for n in range(3)]
    for name in ("a.zip", "b.zip"):
        assert write_archive(tmp_path / name, iter(frames), 3) == 3
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["000001.png", "000002.png", "000003.png"]
        assert np.array_equal(np.asarray(Image.open(archive.open("000002.png"))), frames[1])
    with pytest.raises(BakeError, match="shorter range"):
        write_archive(tmp_path / "c.zip", iter(frames), 10_000)
    assert not (tmp_path / "c.zip").exists()


def test_sizes_change_by_mean_and_cubic(texture):
    assert resized(texture.astype(np.float32), SIZE // 2).shape == (SIZE // 2, SIZE // 2, 3)
    assert abs(resized(texture.astype(np.float32), 2 * SIZE).mean() - texture.mean()) < 0.5
