from dataclasses import replace

import numpy as np
import pytest

from backend.render.photo_colours import BLINKS
from backend.render.shut_lashes import PART, ShutLashes, softened
from models.face import open_head


@pytest.fixture(scope="module")
def model():
    return open_head.load()


def areas(model, shape):
    """Of the lashes' triangles, right and left of the face's middle."""
    triangles = model.part_triangles(PART)
    a, b, c = (shape[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    left = model.mean_shape[triangles[:, 0], 0] > 0
    return area[~left].sum(), area[left].sum()


def blinking(model, right, left):
    expression = np.zeros(64, np.float32)
    for name, amount in zip(BLINKS, (left, right), strict=True):
        expression[model.expression_names.index(name)] = amount
    return expression


@pytest.mark.parametrize(("right", "left"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_lashes_grow_where_the_lid_is_shut(model, right, left):
    expression = blinking(model, right, left)
    shape = model.shape(np.zeros(80, np.float32), expression)
    whole, grown = areas(model, shape), areas(model, ShutLashes(model).shortened(shape, expression))
    for shut, before, after in zip((right, left), whole, grown, strict=True):
        assert after > 0.5 * before if shut else after < 1e-9


def test_nothing_else_moves_and_the_argument_stays(model):
    expression = blinking(model, 0.5, 0.5)
    shape = model.shape(np.zeros(80, np.float32), expression)
    kept = shape.copy()
    moved = np.flatnonzero(np.any(ShutLashes(model).shortened(shape, expression) != shape, axis=1))
    assert set(moved) <= set(np.unique(model.part_triangles(PART))) and len(moved)
    assert np.array_equal(shape, kept)


def test_a_model_without_named_lids_is_left_alone(model):
    bare = replace(model, regions={})
    assert ShutLashes(bare).shortened(model.mean_shape, blinking(model, 1, 1)) is model.mean_shape


def test_some_skin_shows_between_lashes(model):
    size = 256
    texture = np.full((size, size, 3), 200, np.float32)
    corners = model.uv[model.uv_triangles[model.triangle_part == model.part_names.index(PART)].ravel()]
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle = (low + high) / 2
    row, column = int((1 - middle[1]) * size), int(middle[0] * size)
    texture[int((1 - high[1]) * size) : int((1 - low[1]) * size) + 1, int(low[0] * size) :] = 20
    soft = softened(texture, model)
    assert 60 < soft[row, column].mean() < 150 and soft[10, 10].mean() == 200 and texture[row, column].mean() == 20
