import numpy as np
import pytest
from skimage import data

from backend.fitting.fit import fit_photo
from backend.texture import unwrap
from backend.texture.unwrap import albedo_texture, mirror_vertices, unwrap_texture, uv_raster
from models.coefficients import ALBEDO
from models.face import open_head
from tests.backend.faces import picture
from tests.face_models import ellipsoid

SIZE = 256


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def at_vertices(model, texture, vertices):
    """Texture colours at `vertices`, read where their UV says."""
    corner = dict(zip(model.triangles.ravel().tolist(), model.uv_triangles.ravel().tolist(), strict=True))
    uv = model.uv[[corner[int(v)] for v in vertices]]
    size = len(texture)
    rows = np.clip(((1 - uv[:, 1]) * size).astype(int), 0, size - 1)
    columns = np.clip((uv[:, 0] * size).astype(int), 0, size - 1)
    return texture[rows, columns].astype(float)


def test_the_baked_albedo_lies_where_uv_says(model):
    albedo = np.random.default_rng(0).normal(size=80).astype(np.float32)
    texture = albedo_texture(model, albedo, SIZE)
    vertices = np.arange(0, model.vertex_count, 7)
    assert np.abs(at_vertices(model, texture, vertices) - model.albedo(albedo)[vertices]).mean() < 2.5


def test_row_zero_is_v_one(model):
    texture = albedo_texture(model, None, SIZE)
    eye = np.unique(model.part_triangles("eye"))
    assert np.all(model.uv[-20:, 1] < 0.2)  # the eyes' islands are at the bottom
    assert np.abs(at_vertices(model, texture, eye) - model.mean_albedo[eye]).mean() < 3


def test_outside_of_islands_is_filled(model):
    texture = albedo_texture(model, None, SIZE)
    assert not uv_raster(model, SIZE).covered.all()
    assert texture.min() > 100


def test_mirror_vertices_is_its_own_inverse(head):
    mirror = mirror_vertices(head)
    assert np.array_equal(mirror[mirror], np.arange(head.vertex_count))
    assert np.abs(head.mean_shape[mirror] * [-1, 1, 1] - head.mean_shape).max() < 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_a_known_albedo_comes_back_where_it_was_seen(model, seed):
    known = picture(model, seed, angles=(0.0, 0.2, 0.0), identity_scale=0.3)
    fit = fit_photo(known.image, model, known)
    texture = unwrap_texture(known.image, fit, model, SIZE)
    skin = np.unique(model.part_triangles("skin"))
    front = skin[(known.world[skin, 2] > 0.6) & (np.abs(known.world[skin, 1]) < 0.5)]
    truth = model.albedo(known.albedo)[front]
    seen = at_vertices(model, texture, front)
    ratio = truth.mean() / seen.mean()  # light and albedo share their brightness; a photo cannot tell
    assert 0.8 < ratio < 1.25
    assert np.abs(seen * ratio - truth).mean() < 9


def test_a_mark_is_kept_and_its_mirror_is_not_made_where_skin_is_seen(model):
    known = picture(model, 3, angles=(0.0, 0.0, 0.0), identity_scale=0.2)
    column = known.image.shape[1] // 2 - 35
    row = known.image.shape[0] // 2
    marked = known.image.copy()
    marked[row - 8 : row + 8, column - 8 : column + 8] = (90, 50, 40)
    fit = fit_photo(known.image, model, known)
    plain, with_mark = (unwrap_texture(image, fit, model, SIZE).astype(int) for image in (known.image, marked))
    changed = np.abs(plain - with_mark).max(axis=2) > 25
    columns = np.nonzero(changed)[1]
    assert 20 < changed.sum() < 2000
    assert columns.max() < SIZE // 2  # the left of the picture is the left of this UV


def test_the_hidden_side_takes_the_seen_sides_skin(model):
    known = picture(model, 4, angles=(0.0, 0.75, 0.0), identity_scale=0.2)
    fit = fit_photo(known.image, model, known)
    texture = unwrap_texture(known.image, fit, model, SIZE)
    band = texture[int(0.45 * SIZE) : int(0.6 * SIZE), int(0.2 * SIZE) : int(0.8 * SIZE)].astype(float)
    assert (
        np.abs(band[:, : band.shape[1] // 2].mean(axis=(0, 1)) - band[:, band.shape[1] // 2 :].mean(axis=(0, 1))).max()
        < 25
    )
    assert np.abs(np.diff(band.mean(axis=0), axis=0)).max() < 14  # no seam from column to column


def test_the_wall_does_not_bleed_in(model):
    """A green wall must not tint the texture anywhere."""
    known = picture(model, 5, angles=(0.0, 0.3, 0.0), identity_scale=0.2)
    wall = np.all(known.image == 100, axis=2)
    green = known.image.copy()
    green[wall] = (20, 220, 40)
    fit = fit_photo(green, model, known)
    texture = unwrap_texture(green, fit, model, SIZE).astype(int)
    assert (texture[..., 1] - texture[..., 0]).max() < 15


def test_the_astronaut(head):
    photo = data.astronaut()
    fit = fit_photo(photo, head)
    texture = unwrap_texture(photo, fit, head, 512)
    assert texture.shape == (512, 512, 3) and texture.dtype == np.uint8
    skin = np.unique(head.part_triangles("skin"))
    x, y, z = head.mean_shape[skin].T
    cheeks = skin[(np.abs(np.abs(x) - 0.35) < 0.1) & (np.abs(y) < 0.15) & (z > 0)]
    colour = at_vertices(head, texture, cheeks).mean(axis=0)
    assert colour[0] > colour[1] > colour[2] and colour[0] > 150  # fair skin
    teeth = np.unique(head.part_triangles("teeth_upper"))
    assert np.abs(at_vertices(head, texture, teeth) - head.albedo()[teeth]).mean() < 6  # the model's own
    assert np.abs(texture.astype(int) - albedo_texture(head, fit.coefficients[ALBEDO], 512)).max() > 40


def scalp_and_cheek(head, texture):
    x, y, z = head.mean_shape.T
    skin = np.zeros(head.vertex_count, bool)
    skin[head.part_triangles("skin")] = True
    top = np.flatnonzero(skin & (y > 1.1))
    cheek = np.flatnonzero(skin & (np.abs(np.abs(x) - 0.35) < 0.1) & (np.abs(y) < 0.15) & (z > 0))
    return at_vertices(head, texture, top), at_vertices(head, texture, cheek)


def test_hair_becomes_even_cropped_hair(head):
    """The astronaut's locks are not smeared over the scalp: it is darker than the face, and evenly so."""
    photo = data.astronaut()
    texture = unwrap_texture(photo, fit_photo(photo, head), head, 512)
    scalp, cheek = scalp_and_cheek(head, texture)
    assert scalp.mean() < 0.8 * cheek.mean()
    assert scalp.mean(axis=1).std() < 14
    assert scalp[:, 0].mean() > scalp[:, 2].mean() + 40  # fair brown


def test_a_black_and_white_photo_gives_skin_and_not_stone(head):
    grey = np.repeat(data.astronaut().mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    texture = unwrap_texture(grey, fit_photo(grey, head), head, 512)
    _, cheek = scalp_and_cheek(head, texture)
    red, green, blue = cheek.mean(axis=0)
    assert red > green + 20 > blue + 25


def test_bald_stays_bald(head):
    known = picture(head, 2, angles=(0.0, 0.1, 0.0), identity_scale=0.5)
    texture = unwrap_texture(known.image, fit_photo(known.image, head, known), head, SIZE)
    scalp, cheek = scalp_and_cheek(head, texture)
    truth = head.albedo(known.albedo)
    y = head.mean_shape[:, 1]
    assert abs(scalp.mean() / cheek.mean() - truth[y > 1.1].mean() / truth[np.abs(y) < 0.1].mean()) < 0.25


def test_the_fit_must_be_of_this_model(model, head):
    known = picture(model, 1)
    fit = fit_photo(known.image, model, known)
    with pytest.raises(ValueError, match="fit the photo again"):
        unwrap_texture(known.image, fit, head, SIZE)


def test_shadow_is_bent_back_only_beside_the_mouth_and_gloss_everywhere():
    smooth = np.zeros((4, 3), np.float32)
    offset = np.array([[-60, -66, -54], [-60, -66, -54], [60, 60, 60], [-4, -4, -4]], np.float32)
    softened = unwrap._softened(offset, smooth, np.array([1, 0, 0, 1], np.float32))
    assert np.all(softened[0] < 0) and softened[0].mean() > -15
    assert softened[0, 1] / softened[0, 2] == pytest.approx(66 / 54)  # the hue stays
    np.testing.assert_allclose(softened[1], offset[1], rtol=1e-5)
    assert softened[2].mean() < 20
    np.testing.assert_allclose(softened[3], offset[3], rtol=1e-5)


def test_beside_the_mouth_means_the_corners_and_not_the_eyes(head):
    shaded = unwrap._shaded_weight(head)
    assert np.all(shaded[head.regions["mouth_corners"]] == 1)
    assert np.all(shaded[head.regions["lid_lower_left"]] == 0)
    assert 0.01 < np.mean(shaded > 0.5) < 0.3
