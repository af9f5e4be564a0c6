import cv2
import numpy as np
import pytest
from PIL import Image

from backend.compositing.backgrounds import background, blurred, check_background, covering
from backend.compositing.closed_form import closed_form_alpha
from backend.compositing.cut_out import cut_out
from backend.compositing.multi_band import multi_band
from backend.compositing.plate import clean_plate
from backend.compositing.seam_energy import seam_energy
from backend.photo import PhotoError


def disc(size=96, radius=24.0, soft=3.0):
    """Alpha of a soft disc in the middle."""
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    return np.clip((radius - np.hypot(x, y)) / soft + 0.5, 0, 1).astype(np.float32)


def scene(size=96):
    """A textured background and a textured red disc over it, with the disc's alpha."""
    generator = np.random.default_rng(0)
    coarse = cv2.resize(generator.uniform(60, 200, (6, 6, 1)).astype(np.float32), (size, size))[..., None]
    behind = coarse * [0.7, 1.0, 1.1] + generator.normal(0, 2, (size, size, 1))
    front = np.array([200.0, 60, 40]) * (0.8 + 0.2 * np.sin(np.arange(size) / 3)[:, None, None])
    alpha = disc(size)
    image = alpha[..., None] * front + (1 - alpha[..., None]) * behind
    return np.clip(image, 0, 255).astype(np.uint8), alpha, np.clip(behind, 0, 255).astype(np.uint8)


def test_closed_form_finds_the_soft_edge_that_a_wide_guess_hides():
    image, alpha, _ = scene()
    y, x = np.mgrid[:96, :96] + 0.5 - 48
    unknown = np.abs(np.hypot(x, y) - 24) < 7
    guess = np.where(np.hypot(x, y) < 24, 1.0, 0.0).astype(np.float32)
    guess[unknown] = 0.5
    found = closed_form_alpha(image, guess, unknown)
    assert np.array_equal(found[~unknown], guess[~unknown])
    assert np.abs(found - alpha)[unknown].mean() < 0.04 < np.abs(guess - alpha)[unknown].mean()


def test_closed_form_leaves_what_is_known():
    image, alpha, _ = scene()
    assert closed_form_alpha(image, alpha, np.zeros(alpha.shape, bool)) is alpha


def test_the_plate_has_no_person_and_keeps_the_rest_exactly():
    image, alpha, behind = scene()
    plate = clean_plate(image, alpha)
    far = disc(radius=30, soft=1) == 0
    assert np.array_equal(plate[far], image[far])
    seen = alpha > 0.5
    off, was_off = (np.abs(each[seen].astype(int) - behind[seen]).mean() for each in (plate, image))
    assert off < 35 < was_off
    assert (plate[seen, 0].astype(int) - plate[seen, 2]).max() < 20  # nothing red is left


def test_the_plates_filling_has_the_grain_of_the_rest():
    generator = np.random.default_rng(0)
    noisy = np.clip(128 + generator.normal(0, 6, (96, 96, 1)), 0, 255).repeat(3, axis=2).astype(np.uint8)
    plate = clean_plate(noisy, disc()).astype(float)
    inside, outside = disc(radius=16) == 1, disc(radius=40) == 0
    fine = plate[..., 0] - cv2.GaussianBlur(plate[..., 0], (0, 0), 1)
    assert 0.6 < fine[inside].std() / fine[outside].std() < 1.4


def test_a_person_who_fills_the_photo_leaves_an_even_plate():
    image, _, _ = scene()
    plate = clean_plate(image, np.ones((96, 96), np.float32))
    assert plate.shape == image.shape and np.ptp(plate.reshape(-1, 3), axis=0).max() == 0


def test_person_and_plate_make_the_photo_again():
    image, alpha, behind = scene()
    layers = cut_out(image, alpha, behind)
    together = layers.person[..., :3] + (1 - alpha[..., None]) * layers.plate
    assert np.abs(together - image).max() < 1
    assert np.allclose(layers.person[..., 3], 255 * alpha)
    solid = alpha > 0.3
    colour = layers.person[solid, :3] / alpha[solid, None]
    assert (colour[:, 0] - colour[:, 2]).min() > 60  # the disc's own red, without the background's blue


def test_a_wrong_plate_gives_way_instead_of_spoiling_the_photo():
    image, alpha, behind = scene()
    wrong = (255 - behind.astype(int)).astype(np.uint8)
    layers = cut_out(image, alpha, wrong)
    together = layers.person[..., :3] + (1 - alpha[..., None]) * layers.plate
    off = np.abs(together - image).max(axis=2)
    assert off.mean() < 1 and off.max() < 40
    assert layers.plate.min() >= 0 and layers.plate.max() <= 255


def test_blending_changes_nothing_where_two_pictures_agree():
    image = scene()[0].astype(np.float32)
    alpha = disc()
    assert np.abs(multi_band(image, alpha[..., None] * image, alpha) - image).max() < 1e-3


def test_blending_keeps_the_inside_and_fades_broadly():
    below = np.zeros((96, 96, 3), np.float32)
    alpha = disc(radius=30, soft=2)
    mixed = multi_band(below, 100 * alpha[..., None].repeat(3, axis=2), alpha)[..., 0]
    assert np.abs(mixed[44:52, 44:52] - 100).max() < 0.5 and np.abs(mixed[:4]).max() < 1.5
    slope = np.abs(np.diff(mixed[48])).max()
    assert slope < 0.5 * np.abs(np.diff(100 * alpha[48])).max()


def test_blending_keeps_details_sharp_up_to_the_border():
    stripes = np.tile(np.where(np.arange(96) % 4 < 2, 100.0, 0.0), (96, 1))[..., None].astype(np.float32)
    alpha = disc(radius=30, soft=2)
    mixed = multi_band(np.full((96, 96, 1), 50, np.float32), alpha[..., None] * stripes, alpha)
    assert np.ptp(mixed[48, 26:34, 0]) > 90


def test_seam_energy_tells_a_seam_from_none():
    image, _, behind = scene()
    alpha = disc(radius=30, soft=4)
    assert seam_energy(behind, alpha) < 1.2
    brighter = np.clip(behind + 25 * alpha[..., None], 0, 255).astype(np.uint8)
    assert seam_energy(brighter, alpha) > 1.2
    with pytest.raises(ValueError, match="border"):
        seam_energy(image, np.ones((96, 96), np.float32))


def test_another_picture_covers_the_frame(tmp_path):
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, 40:80] = 200
    assert covering(wide, 64).min() == 200  # the middle square, nothing empty
    assert covering(wide.transpose(1, 0, 2), 64).min() == 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    shown = background(str(tmp_path / "wide.png"), np.zeros((64, 64, 3), np.uint8))
    assert shown is not None and shown.shape == (64, 64, 3) and shown.dtype == np.float32 and shown.min() == 200


def test_blur_spreads_bright_spots_as_a_lens_does():
    plate = np.full((100, 100, 3), 50, np.uint8)
    plate[50, 50] = 255
    soft = blurred(plate)
    assert np.abs(soft[0, 0] - 50).max() < 0.5
    assert 52 < soft[50, 50, 0] < 150 and abs(soft[50, 50, 0] - soft[50, 51, 0]) < 1  # a disc, not a peak
    assert background("blur", plate) is not None and background("transparent", plate) is None
    kept = background("keep", plate)
    assert kept is not None and np.array_equal(kept, plate)


@pytest.mark.parametrize("choice", ["sunset", "beach.jpg"])
def test_an_unknown_background_is_one_clear_error(choice):
    with pytest.raises(PhotoError, match="choose keep, blur, transparent"):
        check_background(choice)
