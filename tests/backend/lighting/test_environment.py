from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from backend.lighting.choice import check_light, chosen_light
from backend.lighting.environment import exposed, light_of_panorama, read_environment, without_ringing
from backend.lighting.light import Light, photo_light
from backend.lighting.studio import panorama, studio
from backend.photo import PhotoError
from models.face.shading import sh_basis

AXES = [sign * axis for axis in np.eye(3) for sign in (1, -1)] + [np.array([0.48, 0.6, -0.64])]
# Orthonormal zonal coefficients of the clamped cosine and of its own irradiance over pi, bands 0, 1, 2 (Ramamoorthi
# and Hanrahan 2001, eq. 8): a lobe max(0, cos) about an axis, seen by a diffuse surface.
LOBE = np.array([np.sqrt(np.pi) / 2, np.sqrt(np.pi / 3), np.sqrt(5 * np.pi) / 8])
DIFFUSE = np.array([1.0, 2 / 3, 1 / 4])


def towards(height):
    """Unit vectors to the pixel centres of a panorama."""
    polar = (np.arange(height) + 0.5) / height * np.pi
    azimuth = ((np.arange(2 * height) + 0.5) / height - 1) * np.pi
    polar, azimuth = np.meshgrid(polar, azimuth, indexing="ij")
    return np.stack([np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)], axis=-1)


def colours(values):
    return np.repeat(values[..., None], 3, axis=-1).astype(np.float32)


def normals(count=200):
    found = np.random.default_rng(0).normal(size=(count, 3))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("height", [4, 5, 64])
def test_even_light_is_exactly_even_at_any_resolution(height):
    light = light_of_panorama(np.full((height, 2 * height, 3), (1.0, 2.0, 3.0), np.float32))
    assert np.allclose(sh_basis(normals()) @ light.bands, [1.0, 2.0, 3.0], atol=1e-6)


@pytest.mark.parametrize("axis", AXES)
def test_a_cosine_lobe_gives_its_analytic_irradiance(axis):
    light = light_of_panorama(colours(np.clip(towards(256) @ axis, 0, None)))
    cosine = normals() @ axis
    legendre = np.stack([np.ones_like(cosine), cosine, (3 * cosine**2 - 1) / 2])
    zonal = np.sqrt((2 * np.arange(3) + 1) / (4 * np.pi))
    expected = (LOBE * DIFFUSE * zonal) @ legendre
    assert np.abs(sh_basis(normals()) @ light.bands[:, 0] - expected).max() < 2e-4


def test_one_bright_pixel_counts_by_its_solid_angle():
    height = 32
    at_equator, at_pole = np.zeros((2, height, 2 * height))
    at_equator[height // 2, 7] = 1
    at_pole[0, 7] = 1
    bands = [light_of_panorama(colours(image)).bands[0, 0] for image in (at_equator, at_pole)]
    polar = np.array([height // 2, height // 2 + 1, 0, 1]) * np.pi / height
    solid = -np.diff(np.cos(polar))[[0, 2]]
    assert bands[0] / bands[1] == pytest.approx(solid[0] / solid[1], rel=1e-5)


def test_the_middle_is_behind_the_head_and_turning_goes_to_the_right():
    image = np.zeros((32, 64))
    image[16, 31:33] = 100
    ahead = light_of_panorama(colours(image))
    assert ahead.on(np.array([[0, 0, -1.0]])).min() > 3 * ahead.on(np.array([[0, 0, 1.0]])).max()
    turned = light_of_panorama(colours(image), turn=90.0)
    to_the_right, to_the_left = turned.on(np.array([[1.0, 0, 0], [-1.0, 0, 0]]))
    assert to_the_right.min() > 3 * to_the_left.max()


def test_exposure_follows_the_photo_and_leaves_the_tint():
    gamma = np.zeros(27, np.float32)
    gamma[::9] = (0.1, 0.3, 0.4)
    own = photo_light(gamma)
    front = np.array([[0, 0, 1.0]], np.float32)
    white = exposed(light_of_panorama(np.full((8, 16, 3), 17.0, np.float32)), own)
    assert np.allclose(white.on(front), own.on(front), rtol=2e-3)
    red = exposed(light_of_panorama(np.full((8, 16, 3), (4.0, 1.0, 1.0), np.float32)), own)
    assert red.on(front)[0, 0] / white.on(front)[0, 0] > 1.2
    assert red.on(front)[0, 2] / white.on(front)[0, 2] < 0.95


def test_a_lone_lamp_leaves_the_far_side_dark_and_not_coloured():
    image = np.full((32, 64, 3), (0.1, 0.12, 0.2), np.float32)
    image[12:16, 48:52] = (60, 24, 7)
    ringing = light_of_panorama(image)
    assert (sh_basis(normals()) @ ringing.bands).min() < 0
    light = without_ringing(ringing)
    assert (sh_basis(normals()) @ light.bands).min() > -1e-3
    assert np.array_equal(light.bands[0], ringing.bands[0])
    calm = light_of_panorama(np.ones((8, 16, 3), np.float32))
    assert np.array_equal(without_ringing(calm).bands, calm.bands)


def test_the_studio_models_the_face():
    """Its key stands at the upper left: that side is the brighter one, and the top brighter than the bottom."""
    left, right, up, down = studio().on(np.array([[-1, 0, 0.2], [1, 0, 0.2], [0, 1, 0.2], [0, -1, 0.2]], np.float32))
    assert left.mean() > 1.1 * right.mean() and up.mean() > 1.15 * down.mean()
    assert panorama().shape == (64, 128, 3) and panorama().min() > 0


def test_radiance_and_openexr_files_say_the_same(tmp_path: Path):
    image = np.random.default_rng(1).uniform(0, 4, (16, 32, 3)).astype(np.float32)
    cv2.imwrite(str(tmp_path / "a.hdr"), image[..., ::-1])
    with av.open(str(tmp_path / "a.exr"), "w", format="image2") as container:
        stream = container.add_stream("exr")
        stream.width, stream.height, stream.pix_fmt = 32, 16, "gbrpf32le"
        frame = av.VideoFrame.from_ndarray(image, format="gbrpf32le")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    expected = light_of_panorama(image).bands
    assert np.allclose(read_environment(tmp_path / "a.exr").bands, expected, atol=1e-5)
    assert np.allclose(read_environment(tmp_path / "a.hdr").bands, expected, atol=0.02)  # eight bits a channel
    chosen = chosen_light(str(tmp_path / "a.hdr"), np.zeros(27, np.float32))
    assert chosen.power < 1 and np.isfinite(chosen.bands).all()


def test_the_photos_light_is_kept_as_it_is():
    gamma = np.linspace(-0.1, 0.3, 27).astype(np.float32)
    light = chosen_light("photo", gamma)
    assert isinstance(light, Light) and light.power == 1.0
    assert np.array_equal(light.bands, photo_light(gamma).bands)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("disco", None, "choose photo, studio"),
        ("room.jpg", None, "choose photo, studio"),
        ("room.hdr", None, "there is no panorama"),
        ("room.hdr", b"not a picture", "damaged"),
        ("room.exr", b"v/1\x01" + bytes(40), "damaged"),
    ],
)
def test_bad_lights_are_one_clear_error(tmp_path: Path, name, content, said):
    path = tmp_path / name if "." in name else Path(name)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PhotoError, match=said):
        check_light(str(path))
        chosen_light(str(path), np.zeros(27, np.float32))


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.ones((8, 8, 3)), "twice as wide as high"),
        (np.zeros((8, 16, 3)), "no light"),
        (np.full((8, 16, 3), np.nan), "no light"),
        (np.full((8, 16, 3), -1.0), "no light"),
    ],
)
def test_panoramas_that_hold_no_light_are_refused(image, said):
    with pytest.raises(PhotoError, match=said):
        light_of_panorama(image.astype(np.float32))
