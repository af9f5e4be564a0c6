import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.face.camera import rotation
from models.motion.quaternion import (
    CYCLIC,
    ORDERS,
    QuaternionError,
    average,
    from_angles,
    inverse,
    multiply,
    rotate,
    to_angles,
)
from tests.golden import GOLDEN, needs

FILE = GOLDEN / "style" / "quaternion.npz"
needs_golden = needs(FILE)
angle = st.floats(-1.4, 1.4)


@pytest.mark.parametrize("order", ORDERS)
@settings(deadline=None)
@given(x=angle, y=angle, z=angle)
def test_angles_come_back(order, x, y, z):
    angles = np.array([x, y, z])
    assert np.allclose(to_angles(from_angles(angles, order), order), angles, atol=1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_multiplies_rotations_from_left_to_right(order):
    angles = np.array([0.3, -0.7, 1.1])
    single = {axis: rotation(np.where(np.arange(3) == i, angles, 0.0)) for i, axis in enumerate("xyz")}
    expected = single[order[0]] @ single[order[1]] @ single[order[2]] @ [1.0, 2.0, 3.0]
    assert np.allclose(rotate(from_angles(angles, order), [1.0, 2.0, 3.0]), expected)


def test_the_sign_is_the_originals():
    assert all((from_angles(np.zeros(3), order)[0] < 0) == (order in CYCLIC) for order in ORDERS)


def test_products_turn_by_the_second_first():
    first, second = from_angles([0.5, 0.2, -0.1]), from_angles([-0.3, 0.9, 0.4])
    vector = np.array([1.0, -2.0, 0.5])
    assert np.allclose(rotate(multiply(first, second), vector), rotate(first, rotate(second, vector)))
    assert np.allclose(multiply(first, inverse(first)), [1, 0, 0, 0])


def test_the_average_does_not_mind_signs():
    turns = from_angles(np.array([[0.2, 0.1, 0.0], [0.2, -0.1, 0.0]]), "zyx")
    for signs in ([1, 1], [1, -1], [-1, -1]):
        mean = average(turns * np.array(signs)[:, None])
        assert np.allclose(to_angles(mean, "zyx"), [0.2, 0.0, 0.0], atol=1e-2)
        assert mean[0] > 0


def test_bad_input_is_named():
    with pytest.raises(QuaternionError, match=r"expected angles of shape \(\.\.\., 3\)"):
        from_angles(np.zeros(4))
    with pytest.raises(QuaternionError, match="one of the orders xyz"):
        to_angles(np.zeros(4), "xyx")
    with pytest.raises(QuaternionError, match="N >= 1"):
        average(np.zeros((0, 4)))


@needs_golden
@pytest.mark.parametrize("order", ORDERS)
def test_golden_angles(order):
    golden = np.load(FILE)
    made = from_angles(golden["euler"], order)
    assert made.dtype == np.float32
    assert np.allclose(made, golden[f"e2q_{order}"], atol=1e-6)
    assert np.allclose(from_angles(golden["euler"].astype(np.float64), order), golden[f"e2q64_{order}"], atol=1e-12)
    assert np.allclose(to_angles(made, order), golden[f"q2e_{order}"], atol=1e-5)
    assert np.allclose(to_angles(made, order, margin=1e-5), golden[f"q2e_eps_{order}"], atol=1e-5)


@needs_golden
def test_golden_algebra():
    golden = np.load(FILE)
    assert np.allclose(multiply(golden["qa"], golden["qb"]), golden["qmul"], atol=1e-5)
    assert np.allclose(rotate(golden["unit"], golden["v"]), golden["qrot"], atol=1e-5)
    assert np.allclose(inverse(golden["qa"]), golden["qinv"], atol=1e-6)
    assert np.allclose(to_angles(golden["qa"], margin=1e-5), golden["q2e_nonunit_xyz"], atol=1e-5)
    assert np.allclose(average(golden["near"]), golden["average_sign_fixed"][0], atol=1e-6)


@needs_golden
def test_golden_rotation_is_not_the_face_models():
    golden = np.load(FILE)
    turns = from_angles(golden["euler"].astype(np.float64))
    columns = [rotate(turns, np.broadcast_to(axis, (len(turns), 3))) for axis in np.eye(3)]
    assert np.allclose(np.stack(columns, axis=-1), golden["rotmat_of_e2q_xyz"], atol=1e-6)
    assert np.allclose(rotation(golden["euler"].astype(np.float64)), golden["rotmat_deep3d_RzRyRx"], atol=1e-6)
