import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from backend.photo import MAX_MEGAPIXELS, PhotoError, check_image, read_photo


@pytest.fixture
def picture():
    """Smooth colours with a red top left corner, so that turns and channel swaps show."""
    y, x = np.mgrid[0:60, 0:80]
    image = np.stack([200 - x - y, 60 + x, 60 + 2 * y], axis=-1).astype(np.uint8)
    image[:20, :20] = (250, 10, 10)
    return image


def saved(tmp_path: Path, image: Image.Image, name: str, **options: Any) -> Path:
    path = tmp_path / name
    image.save(path, **options)
    return path


def test_png_comes_back_exactly(tmp_path, picture):
    assert np.array_equal(read_photo(saved(tmp_path, Image.fromarray(picture), "a.png")), picture)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, picture, orientation):
    turn_back = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turn_back(picture)))
    assert np.array_equal(read_photo(saved(tmp_path, stored, "a.png", exif=exif)), picture)


def test_orientation_survives_colour_conversion(tmp_path, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(picture)))
    path = saved(tmp_path, stored, "a.jpg", exif=exif, icc_profile=profile, quality=95, subsampling=0)
    read = read_photo(path)
    assert read.shape == picture.shape
    assert np.abs(read.astype(int) - picture)[5:15, 5:15].mean() < 8


def test_grey_palette_and_one_bit(tmp_path, picture):
    grey = Image.fromarray(picture).convert("L")
    assert np.array_equal(read_photo(saved(tmp_path, grey, "g.png")), np.repeat(np.asarray(grey)[..., None], 3, 2))
    palette = Image.fromarray(picture).quantize(64)
    assert np.array_equal(read_photo(saved(tmp_path, palette, "p.png")), np.asarray(palette.convert("RGB")))
    bits = Image.fromarray(picture).convert("1")
    assert set(np.unique(read_photo(saved(tmp_path, bits, "b.png")))) == {0, 255}


def test_sixteen_bit_grey_keeps_its_range(tmp_path):
    ramp = np.linspace(0, 65535, 80 * 60).reshape(60, 80).astype(np.uint16)
    read = read_photo(saved(tmp_path, Image.fromarray(ramp), "deep.png"))
    assert read.min() == 0 and read.max() == 255
    assert np.abs(read[..., 0] - ramp / 257.0).max() <= 0.51


def test_transparent_parts_become_grey(tmp_path, picture):
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[:, 40:] = 0
    read = read_photo(saved(tmp_path, Image.fromarray(np.dstack([picture, alpha])), "cut.png"))
    assert np.array_equal(read[:, :40], picture[:, :40])
    assert np.all(read[:, 40:] == 128)


def test_cmyk_is_not_a_negative(tmp_path, picture):
    path = saved(tmp_path, Image.fromarray(picture).convert("CMYK"), "print.jpg", quality=95)
    assert np.abs(read_photo(path).astype(int) - picture).mean() < 8


@pytest.mark.parametrize("name", ["large.jpg", "large.png"])
def test_large_photos_are_scaled_down(tmp_path, name):
    path = saved(tmp_path, Image.new("RGB", (3000, 1500), (10, 200, 30)), name)
    read = read_photo(path, max_side=600)
    assert read.shape == (300, 600, 3)
    assert np.abs(read.astype(int) - (10, 200, 30)).max() < 4


def test_a_hundred_megapixels_are_read(tmp_path):
    path = saved(tmp_path, Image.new("L", (12000, 8400), 90), "huge.png")
    assert read_photo(path).shape == (2867, 4096, 3)


def test_too_many_pixels_are_refused_before_decoding(tmp_path):
    side = int((MAX_MEGAPIXELS * 1e6) ** 0.5) + 10
    path = saved(tmp_path, Image.new("1", (side, side)), "absurd.png")
    with pytest.raises(PhotoError, match="megapixels"):
        read_photo(path)
    path = saved(tmp_path, Image.new("1", (2 * side, 2 * side)), "bomb.png")
    with pytest.raises(PhotoError, match="megapixels"):
        read_photo(path)


def test_what_is_not_a_photo(tmp_path, picture):
    with pytest.raises(PhotoError, match="no photo"):
        read_photo(tmp_path / "missing.png")
    with pytest.raises(PhotoError, match="folder"):
        read_photo(tmp_path)
    (tmp_path / "words.jpg").write_text("not a picture")
    with pytest.raises(PhotoError, match="not a picture"):
        read_photo(tmp_path / "words.jpg")
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(PhotoError):
        read_photo(tmp_path / "empty.png")
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    (tmp_path / "half.png").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(PhotoError, match="damaged"):
        read_photo(tmp_path / "half.png")


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), None]
)
def test_arrays_that_are_no_picture(image):
    with pytest.raises(PhotoError):
        check_image(image)
