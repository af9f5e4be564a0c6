import numpy as np
import pytest

from backend.crop import Crop
from backend.photo import PhotoError
from backend.render.view import View, checked_size, window_of
from models.face.camera import Camera

WORLD = np.random.default_rng(0).uniform(-1, 1, (50, 3)).astype(np.float32)
VIEW = View(Crop(100.0, 80.0, 300.0), Crop(40.0, 20.0, 500.0), 256)


def test_points_fall_where_the_photo_shows_them():
    in_photo = VIEW.frame.to_picture(Camera.paper().image_points(WORLD), 224)
    assert np.allclose(VIEW.points(WORLD), VIEW.window.from_picture(in_photo, VIEW.size), atol=1e-3)


def test_clip_positions_project_onto_the_points():
    clip = VIEW.clip(WORLD)
    ndc = clip[:, :2] / clip[:, 3:]
    points = np.stack([(ndc[:, 0] + 1) / 2, (1 - ndc[:, 1]) / 2], axis=1) * VIEW.size
    assert np.allclose(points, VIEW.points(WORLD), atol=1e-3)
    assert np.allclose(clip[:, 3], 10 - WORLD[:, 2], atol=1e-5)


def test_world_undoes_points():
    assert np.allclose(VIEW.world(VIEW.points(WORLD), 10 - WORLD[:, 2]), WORLD, atol=1e-4)


@pytest.mark.parametrize("frame", [Crop(400, 100, 150), Crop(-20, -20, 150), Crop(700, 450, 200), Crop(0, 0, 2000)])
@pytest.mark.parametrize("framing", ["head", "photo"])
def test_the_window_stays_in_the_photo(frame, framing):
    window = window_of((600, 900, 3), frame, framing)
    assert window.left >= 0 and window.top >= 0
    assert window.left + window.side <= 900 and window.top + window.side <= 600


def test_the_head_has_room_and_stands_in_the_middle():
    window = window_of((2000, 2000), Crop(900, 700, 200))
    assert window.side == 400
    assert window.left + window.side / 2 == 1000 and window.top < 700
    with pytest.raises(ValueError, match="head or photo"):
        window_of((600, 900), Crop(0, 0, 100), "face")


@pytest.mark.parametrize("size", [63, 62, 255, 2050, 0, -2])
def test_odd_and_absurd_sizes_are_refused(size):
    with pytest.raises(PhotoError, match="even number"):
        checked_size(size)
    assert checked_size(258) == 258
