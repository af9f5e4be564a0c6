from dataclasses import replace

import numpy as np
import pytest

from models.face import open_head
from models.texture.dynamic import DynamicTextureError
from models.texture.live_maps import load
from tests.face_models import ellipsoid

SIZE = 256


@pytest.fixture(scope="module")
def maps():
    return load()


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def expression(head, **units):
    values = np.zeros(64, np.float32)
    for name, value in units.items():
        values[head.expression_names.index(name)] = value
    return values


def columns(gain):
    """Where light is lost, by the column of the UV square."""
    return (gain.mean(axis=-1) < 0.97).sum(axis=0)


def test_they_fit_the_head_that_ships(maps, head):
    maps.require(head)
    with pytest.raises(DynamicTextureError, match="no live textures"):
        maps.require(ellipsoid())


def test_a_calm_face_keeps_its_texture(maps):
    assert np.array_equal(maps.gain(np.zeros(64, np.float32), SIZE), np.ones((SIZE, SIZE, 3)))
    texture = np.random.default_rng(0).uniform(0, 255, (SIZE, SIZE, 3)).astype(np.float32)
    assert np.allclose(maps.apply(texture, np.zeros(64, np.float32)), texture, atol=1e-3)


def test_no_map_is_cut_off_by_its_window(maps):
    border = np.concatenate([maps.images[:, [0, -1]].ravel(), maps.images[:, :, [0, -1]].ravel()])
    assert (border == 128).all()


def test_one_side_moves_one_side(maps, head):
    left = columns(maps.gain(expression(head, mouthSmileLeft=1), SIZE))
    right = columns(maps.gain(expression(head, mouthSmileRight=1), SIZE))
    half = SIZE // 2
    assert left[half + 8 :].sum() > 20 and left[: half - 8].sum() == 0  # the left half has the greater u
    assert right[: half - 8].sum() > 20 and right[half + 8 :].sum() == 0


@pytest.mark.parametrize(
    ("units", "rows"),
    [
        ({"browInnerUp": 1}, (0.1, 0.28)),
        ({"browDownLeft": 1, "browDownRight": 1}, (0.1, 0.28)),
        ({"mouthPucker": 1}, (0.4, 0.62)),
    ],
)
def test_lines_lie_where_the_skin_is_pressed_together(maps, head, units, rows):
    dark = (maps.gain(expression(head, **units), 512).mean(axis=-1) < 0.93).sum(axis=1)
    first, last = (round(share * 512) for share in rows)
    assert dark.sum() > 150 and dark[first:last].sum() > 0.9 * dark.sum()


def test_forehead_lines_run_across_and_frown_lines_down(maps, head):
    def steepness(**units):
        gain = maps.gain(expression(head, **units), 512).mean(axis=-1)[60:140, 235:277]
        return np.abs(np.diff(gain, axis=0)).sum() / np.abs(np.diff(gain, axis=1)).sum()

    assert steepness(browInnerUp=1) > 2
    assert steepness(browDownLeft=1, browDownRight=1) < 0.7


def test_pressed_lips_are_paler(maps, head):
    gain = maps.gain(expression(head, lipPress=1), 512)
    lips = gain[262:270, 240:272].reshape(-1, 3).mean(axis=0)  # of the upper lip
    assert lips[1] > 1.05 and lips[1] > lips[0] and lips[2] > lips[0]


def test_shapes_that_do_not_fit_are_refused(maps):
    with pytest.raises(DynamicTextureError, match="windows"):
        replace(maps, windows=maps.windows[1:])
    with pytest.raises(DynamicTextureError, match="64"):
        maps.activations(np.zeros(63, np.float32))
