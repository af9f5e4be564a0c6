import numpy as np
import pytest

from backend.preview.frames import HeadRenderer, render_frames
from backend.texture.unwrap import albedo_texture, uv_raster
from models.coefficients import assemble
from models.face import open_head
from models.take import Take

SIZE = 128
STILL = np.zeros(3, np.float32)


@pytest.fixture(scope="module")
def head():
    return open_head.load()


@pytest.fixture(scope="module")
def texture(head):
    return albedo_texture(head, None, 256)


@pytest.fixture(scope="module")
def renderer(head, texture):
    return HeadRenderer(head, np.zeros(80, np.float32), texture, SIZE)


def expression(head, **units):
    values = np.zeros(64, np.float32)
    for name, value in units.items():
        values[head.expression_names.index(name)] = value
    return values


def take(head, frames=3, **parts):
    given = {
        "identity": np.zeros(80),
        "expression": np.zeros(64),
        "albedo": np.zeros(80),
        "angles": np.zeros(3),
        "gamma": np.zeros(27),
        "translation": np.zeros((frames, 3)),
    } | parts
    coefficients = assemble(**{name: np.asarray(part, np.float32) for name, part in given.items()})
    return Take(coefficients, 25.0, {"face_model": {"name": head.name, "sha256": head.sha256}})


def head_box(frame):
    """Rows and columns where skin is (red well above blue)."""
    skin = frame[..., 0].astype(int) - frame[..., 2] > 25
    rows, columns = np.nonzero(skin)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_the_head_fills_the_picture_and_is_centred(renderer):
    frame = renderer.frame(np.zeros(64, np.float32), STILL, STILL)
    assert frame.shape == (SIZE, SIZE, 3) and frame.dtype == np.uint8
    top, bottom, left, right = head_box(frame)
    assert 0.03 * SIZE < top < 0.25 * SIZE and bottom > 0.85 * SIZE
    assert abs((left + right) / 2 - SIZE / 2) < 0.06 * SIZE
    assert frame[2:6, 2:6].std(axis=(0, 1)).max() < 3  # the backdrop is calm


def test_edges_are_smooth(renderer):
    """Along the skull's outline pixels lie between skin and backdrop."""
    frame = renderer.frame(np.zeros(64, np.float32), STILL, STILL).astype(int)
    row = frame[SIZE // 3]
    red_over_blue = row[:, 0] - row[:, 2]
    inner = red_over_blue[SIZE // 2 - 30 : SIZE // 2 + 30].max()
    assert np.any((red_over_blue > 0.1 * inner) & (red_over_blue < 0.9 * inner))


def test_opening_the_jaw_shows_the_dark_of_the_mouth(head, renderer):
    closed = renderer.frame(np.zeros(64, np.float32), STILL, STILL).astype(int)
    opened = renderer.frame(expression(head, jawOpen=0.7), STILL, STILL).astype(int)
    changed = np.abs(opened - closed).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 30
    assert abs(columns.mean() - SIZE / 2) < 6 and rows.mean() > SIZE / 2


def test_the_head_turns_the_way_the_angles_say(head):
    """A green nose moves to the right for a turn about +y, down for one about +x."""
    colours = np.full((head.vertex_count, 3), 180.0, np.float32)
    colours[head.mean_shape[:, 2] > head.mean_shape[:, 2].max() - 0.15] = (0, 255, 0)
    texture = uv_raster(head, 256).interpolate(colours, head.triangles).astype(np.uint8)
    renderer = HeadRenderer(head, np.zeros(80, np.float32), texture, SIZE)

    def nose(*angles):
        frame = renderer.frame(np.zeros(64, np.float32), np.array(angles, np.float32), STILL).astype(int)
        return np.argwhere(frame[..., 1] - frame[..., 0] > 60).mean(axis=0)

    row, column = nose(0, 0, 0)
    assert abs(column - SIZE / 2) < 2
    assert nose(0, 0.5, 0)[1] > column + 4 and nose(0, -0.5, 0)[1] < column - 4
    assert nose(0.3, 0, 0)[0] > row + 3


def test_one_frame_per_row_and_the_same_again(head, texture):
    performance = take(head, 4, expression=np.linspace(0, 0.5, 4)[:, None] * expression(head, jawOpen=1.0))
    frames = list(render_frames(performance, head, texture, SIZE))
    assert len(frames) == 4
    assert all(frame.shape == (SIZE, SIZE, 3) for frame in frames)
    assert not np.array_equal(frames[0], frames[-1])
    for one, other in zip(frames, render_frames(performance, head, texture, SIZE), strict=True):
        assert np.array_equal(one, other)


def test_the_photos_place_does_not_move_the_head(head, texture):
    centred = next(iter(render_frames(take(head, 1), head, texture, SIZE)))
    away = take(head, 1, translation=np.array([[0.4, -0.3, 0.5]]))
    assert np.array_equal(centred, next(iter(render_frames(away, head, texture, SIZE))))


def test_the_take_must_be_of_this_model(head, texture):
    other = Take(take(head).coefficients, 25.0, {"face_model": {"name": "bfm09", "sha256": "0"}})
    with pytest.raises(ValueError, match="bfm09"):
        next(iter(render_frames(other, head, texture, SIZE)))
