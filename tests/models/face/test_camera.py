import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.face.camera import Camera, angles_of, place, rotation
from tests.golden import GOLDEN, needs

GOLDEN_FILE = GOLDEN / "facemodel/facemodel_small.npz"
angle = st.floats(-1.4, 1.4)


def test_each_axis_turns_the_right_way():
    quarter = np.pi / 2
    about_x, about_y, about_z = (rotation(quarter * axis) for axis in np.eye(3))
    assert np.allclose(about_x @ [0, 1, 0], [0, 0, 1])
    assert np.allclose(about_y @ [0, 0, 1], [1, 0, 0])
    assert np.allclose(about_z @ [1, 0, 0], [0, 1, 0])


def test_order_is_z_after_y_after_x():
    x, y, z = 0.3, -0.5, 0.8
    parts = [rotation(np.array(a)) for a in ([0, 0, z], [0, y, 0], [x, 0, 0])]
    assert np.allclose(rotation(np.array([x, y, z])), parts[0] @ parts[1] @ parts[2])


@given(angle, angle, angle)
def test_angles_come_back(x, y, z):
    angles = np.array([x, y, z])
    assert np.allclose(angles_of(rotation(angles)), angles, atol=1e-9)


def test_place_works_on_batches():
    shape = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    angles = np.array([[0.1, 0.2, 0.3], [-0.4, 0.0, 0.2]], np.float32)
    translation = np.array([[0.0, 0.1, 0.2], [1.0, 2.0, 3.0]], np.float32)
    placed = place(shape, angles, translation)
    assert placed.shape == (2, 5, 3)
    assert np.allclose(placed[1], shape @ rotation(angles[1]).T + translation[1], atol=1e-6)


def test_projection_by_hand():
    camera = Camera.paper()
    assert np.allclose(camera.project(np.array([0.5, -0.25, 2.0])), [112 + 1015 * 0.5 / 8, 112 - 1015 * 0.25 / 8])
    assert np.allclose(camera.image_points(np.zeros(3, np.float32)), [112, 112])
    assert camera.image_points(np.array([0, 1.0, 0]))[1] < 112  # up in the world is up in the picture


@given(st.integers(16, 2048))
def test_another_size_shows_the_same_picture(size):
    points = np.array([[0.3, -0.7, 0.9], [-0.2, 0.1, -0.5]])
    assert np.allclose(Camera.paper(size).project(points) / size, Camera.paper().project(points) / 224)


def test_clip_and_projection_agree():
    camera = Camera.paper(512)
    points = np.random.default_rng(1).uniform(-0.8, 0.8, (50, 3)).astype(np.float32)
    clip = camera.clip(points)
    screen = (clip[:, :2] / clip[:, 3:] + 1) * 256
    assert np.allclose(screen, camera.project(points), atol=1e-3)
    nearer = points + np.array([0, 0, 0.1], np.float32)
    assert np.all(camera.clip(nearer)[:, 2] / camera.clip(nearer)[:, 3] < clip[:, 2] / clip[:, 3])


@needs(GOLDEN_FILE)
def test_against_the_paper():
    golden = np.load(GOLDEN_FILE)
    coefficients = golden["coeff"]
    angles, translation = coefficients[:, 224:227], coefficients[:, 254:257]
    assert np.allclose(rotation(angles), golden["rotation"].swapaxes(1, 2), atol=1e-6)
    placed = np.stack([place(*each) for each in zip(golden["face_shape"], angles, translation, strict=True)])
    assert np.allclose(placed, golden["face_shape_t"], atol=1e-5)
    assert np.allclose(Camera.paper().project(placed), golden["projection_all"], atol=2e-3)
    paper = Camera(near=0.01, far=50.0)
    assert np.allclose(paper.clip(placed), golden["clip_vertices"], atol=1e-4)
