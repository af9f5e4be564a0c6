import numpy as np
import pytest

from backend.crop import Crop, at_most


def gradient(height=120, width=160):
    """Red is the column, green the row (both at pixel centres)."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x, y, 0 * x], axis=-1).astype(np.uint8)


def test_positions_there_and_back():
    crop = Crop.around(50.0, 40.0, 30.0)
    points = np.array([[35.0, 25.0], [65.0, 55.0], [50.0, 40.0]])
    assert np.allclose(crop.from_picture(points, 224), [[0, 0], [224, 224], [112, 112]])
    assert np.allclose(crop.to_picture(crop.from_picture(points, 224), 224), points)


@pytest.mark.parametrize(("side", "size"), [(40.0, 40), (40.0, 200), (80.0, 20), (33.3, 64)])
def test_pixels_lie_where_positions_say(side, size):
    crop = Crop.around(70.3, 61.7, side)
    pixels = crop.pixels(gradient(), size).astype(float)
    for place in ([0.3, 0.4], [0.5, 0.5], [0.7, 0.2]):
        column, row = (int(p * size) for p in place)
        expected = crop.to_picture(np.array([column + 0.5, row + 0.5]), size) - 0.5
        assert np.abs(pixels[row, column, :2] - expected).max() < 1.0 + 0.5 * side / size


def test_outside_repeats_the_edge():
    pixels = Crop(-50.0, -50.0, 60.0).pixels(gradient(), 60)
    assert np.all(pixels[:50, :50, :2] == 0)


def test_at_most_averages():
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 254).astype(np.uint8)[..., None].repeat(3, axis=2)
    small = at_most(checks, 32)
    assert small.shape == (32, 32, 3) and np.all(np.abs(small.astype(int) - 127) <= 1)
    assert at_most(checks, 100) is checks
