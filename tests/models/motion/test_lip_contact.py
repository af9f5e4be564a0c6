import dataclasses

import numpy as np
import pytest

from models.motion.lip_contact import LipGauge
from models.motion.motion import MotionError
from tests.face_models import EXPRESSIONS, ellipsoid

UPPER, LOWER = np.arange(7, dtype=np.int32), np.arange(7, 14, dtype=np.int32)


@pytest.fixture(scope="module")
def model():
    """The ellipsoid with two rows of vertices made into lips that meet until the jaw opens."""
    plain = ellipsoid()
    shape = plain.mean_shape.copy()
    shape[UPPER] = shape[LOWER] = [(x, -0.5, 0.7) for x in np.linspace(-0.25, 0.25, 7)]
    basis = np.zeros_like(plain.expression_basis)
    basis[EXPRESSIONS.index("jawOpen")][LOWER] = (0, -0.3, 0)
    regions = {"lip_rim_upper": UPPER, "lip_rim_lower": LOWER, "lower_lip_edge": LOWER, "upper_teeth_edge": UPPER}
    return dataclasses.replace(plain, mean_shape=shape, expression_basis=basis, regions=regions)


def jaw(*weights):
    expression = np.zeros((len(weights), 64), dtype=np.float32)
    expression[:, EXPRESSIONS.index("jawOpen")] = weights
    return expression


def test_gap_is_the_opening_in_millimetres(model):
    assert LipGauge.of(model).lip_gap(jaw(0, 0.5, 1)) == pytest.approx([0, 15, 30], abs=1e-4)


def test_lip_to_teeth_is_the_nearest_distance(model):
    assert LipGauge.of(model).lip_to_teeth(jaw(0, 1)) == pytest.approx([0, 30], abs=1e-4)


def test_a_lip_before_the_teeth_is_as_far_as_their_face(model):
    shape = model.mean_shape.copy()
    shape[LOWER] += (0, 0.05, 0.02)
    raised = dataclasses.replace(model, mean_shape=shape)
    assert LipGauge.of(raised).lip_to_teeth(jaw(0)) == pytest.approx(2, abs=1e-4)


def test_corners_do_not_count(model):
    shape = model.mean_shape.copy()
    shape[LOWER[[0, -1]], 1] -= 0.1
    assert LipGauge.of(dataclasses.replace(model, mean_shape=shape)).lip_gap(jaw(0)) == pytest.approx(0, abs=1e-4)


def test_identity_is_measured_too(model):
    identity = np.full(80, 2.0, dtype=np.float32)
    assert LipGauge.of(model, identity).lip_gap(jaw(0.5)) != pytest.approx(15, abs=1e-3)


def test_model_without_the_regions_is_refused(model):
    with pytest.raises(MotionError, match="lower_lip_edge"):
        LipGauge.of(dataclasses.replace(model, regions={"lip_rim_upper": UPPER}))
