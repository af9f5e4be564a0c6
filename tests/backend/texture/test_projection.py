import numpy as np
import pytest

from backend.crop import Crop
from backend.raster.rasterizer import rasterize
from backend.render.view import View
from backend.texture.projection import REST_WEIGHT, Eye, ProjectionError, Projector, RunningTexture, Seen
from models.face.camera import Camera, place
from tests.face_models import ellipsoid

SIZE, PICTURE = 128, 384


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


@pytest.fixture(scope="module")
def projector(model):
    return Projector(model, SIZE, PICTURE)


def turned(model, y=0.0, x=0.0):
    return place(model.mean_shape, np.array([x, y, 0.0]), np.zeros(3)).astype(np.float32)


def drawn(model, world, eye, values):
    """The picture (P, P, C) of `values` (U, C) at the corners of the UV mesh."""
    raster = rasterize(eye.clip(world), model.triangles, PICTURE)
    return raster.interpolate(values.astype(np.float32), model.uv_triangles)


def texels(model):
    """Where the corners of the UV mesh lie on the UV square, (U, 3): column, row, and a third number."""
    u, v = model.uv.T
    return np.column_stack([u * SIZE, (1 - v) * SIZE, np.zeros_like(u)])


EYES: dict[str, Eye] = {
    "camera": Camera.paper(PICTURE),
    "view": View(Crop(40.0, 30.0, 300.0), Crop(20.0, 0.0, 360.0), PICTURE),
}


@pytest.mark.parametrize("name", EYES)
@pytest.mark.parametrize("y", [0.0, 0.5])
def test_what_the_rasteriser_draws_comes_back_within_half_a_texel(model, projector, name, y):
    world, eye = turned(model, y), EYES[name]
    seen = projector(drawn(model, world, eye, texels(model)), world, eye)
    believed = seen.weight > 0
    rows, columns = np.nonzero(believed)
    assert believed.mean() > 0.15
    error = np.abs(seen.texture[believed][:, :2] - np.column_stack([columns, rows]) - 0.5)
    assert error.max() < 0.5
    assert np.abs((seen.texture[believed][:, :2] - np.column_stack([columns, rows]) - 0.5).mean(axis=0)).max() < 0.02


def test_a_checker_comes_back_upright(model, projector):
    world, eye = turned(model), EYES["camera"]
    coordinates = drawn(model, world, eye, texels(model))
    checker = np.repeat(((coordinates[..., :1] // 16 + coordinates[..., 1:2] // 16) % 2) * 255, 3, axis=2)
    seen = projector(checker, world, eye)
    rows, columns = np.nonzero(seen.weight > 0.5)
    inside = (np.abs(rows % 16 - 7.5) < 6) & (np.abs(columns % 16 - 7.5) < 6)
    rows, columns = rows[inside], columns[inside]
    assert len(rows) > 500
    expected = ((rows // 16 + columns // 16) % 2) * 255
    assert np.abs(seen.texture[rows, columns, 0] - expected).max() < 1


def test_the_weight_follows_the_angle_and_the_back_is_unseen(model, projector):
    world, eye = turned(model), EYES["camera"]
    weight = projector(np.zeros((PICTURE, PICTURE, 3), np.float32), world, eye).weight
    facing = projector(drawn(model, world, eye, np.repeat(model.uv[:, :1], 3, axis=1)), world, eye)
    assert weight.max() == pytest.approx(1, abs=1e-3)
    assert np.array_equal(facing.weight, weight)
    middle = SIZE // 2  # the columns start at the back
    rows = slice(round(0.57 * SIZE), round(0.65 * SIZE))  # below the eyes
    assert weight[rows, middle].min() > 0.9
    assert weight[rows, : SIZE // 8].max() == 0
    assert (np.diff(weight[rows, middle : SIZE * 7 // 8].mean(axis=0)) < 0.02).all()


def test_what_something_stands_before_is_not_seen(model):
    both = np.concatenate([model.mean_shape, model.mean_shape * 0.3 + [0, 0, 3]]).astype(np.float32)
    from dataclasses import replace

    count = len(model.mean_shape)
    double = replace(
        model,
        mean_shape=both,
        identity_basis=np.zeros((80, 2 * count, 3), np.float32),
        expression_basis=np.zeros((64, 2 * count, 3), np.float32),
        mean_albedo=np.tile(model.mean_albedo, (2, 1)),
        albedo_basis=np.zeros((80, 2 * count, 3), np.float32),
        triangles=np.concatenate([model.triangles, model.triangles + count]),
        uv_triangles=np.concatenate([model.uv_triangles, model.uv_triangles]),
        triangle_part=np.concatenate([model.triangle_part, model.triangle_part + 2]),
        part_names=("skin", "eye", "ball", "ball eye"),
    )
    eye = EYES["camera"]
    colours = np.zeros((len(double.mean_shape), 3), np.float32)
    colours[count:] = 255
    picture = rasterize(eye.clip(both), double.triangles, PICTURE).interpolate(colours, double.triangles)
    seen = Projector(double, SIZE, PICTURE, parts=("skin",))(picture, both, eye)
    assert seen.texture[seen.weight > 0].max() == 0  # nothing of the ball before it
    assert seen.weight[SIZE // 2, SIZE // 2] == 0


def test_pixels_that_are_not_trusted_are_not_seen(model, projector):
    world, eye = turned(model), EYES["camera"]
    trust = np.zeros((PICTURE, PICTURE), np.float32)
    trust[:, : PICTURE // 2] = 1
    seen = projector(np.full((PICTURE, PICTURE, 3), 9, np.float32), world, eye, trust)
    rows = slice(round(0.4 * SIZE), round(0.6 * SIZE))
    sides = sorted([seen.weight[rows, : SIZE // 2 - 2].sum(), seen.weight[rows, SIZE // 2 + 2 :].sum()])
    assert sides[0] == 0 and sides[1] > 100


def test_what_does_not_fit_is_refused(model, projector):
    world, eye = turned(model), EYES["camera"]
    picture = np.zeros((PICTURE, PICTURE, 3), np.float32)
    with pytest.raises(ProjectionError, match="picture"):
        projector(picture[1:], world, eye)
    with pytest.raises(ProjectionError, match="vertices"):
        projector(picture, world[1:], eye)
    with pytest.raises(ProjectionError, match="no parts"):
        Projector(model, SIZE, PICTURE, parts=("beak",))


def test_unseen_texels_keep_the_photo_and_seen_ones_follow():
    rest = np.full((4, 4, 3), 100, np.float32)
    running = RunningTexture(rest)
    weight = np.zeros((4, 4), np.float32)
    weight[:2] = 1
    for _ in range(12):
        texture = running.add(Seen(np.full((4, 4, 3), 200, np.float32) * (weight[..., None] > 0), weight))
    assert np.array_equal(texture[2:], rest[2:])
    assert np.allclose(texture[:2], 100 + 100 / (1 + REST_WEIGHT), atol=0.1)


def test_noise_is_smoothed_and_hiding_makes_no_step():
    random = np.random.default_rng(0)
    running = RunningTexture(np.zeros((8, 8, 3), np.float32))
    full, none = np.ones((8, 8), np.float32), np.zeros((8, 8), np.float32)
    frames = [running.add(Seen(random.normal(100, 10, (8, 8, 3)).astype(np.float32), full)) for _ in range(60)]
    flicker = np.abs(np.diff(frames[10:], axis=0)).mean()
    assert flicker < 0.6 * 2 * 10 / np.sqrt(np.pi)  # what noise of 10 makes between two frames
    hidden = [frames[-1], *(running.add(Seen(np.zeros((8, 8, 3), np.float32), none)) for _ in range(12))]
    steps = np.diff([frame.mean() for frame in hidden])
    assert (steps < 0).all() and steps.min() > -40
    assert hidden[-1].mean() < 1


def test_a_resting_texture_may_follow_the_expression():
    running = RunningTexture(np.zeros((2, 2, 3), np.float32))
    other = np.full((2, 2, 3), 7, np.float32)
    nothing = Seen(np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.float32))
    assert np.array_equal(running.add(nothing, other), other)
