"""What must hold of the shipped head, measured; and that each measurement notices when it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.training.open_head import checks
from models.face import open_head


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def without(head, *names):
    basis = head.expression_basis.copy()
    for name in names:
        basis[head.expression_names.index(name)] = 0
    return replace(head, expression_basis=basis)


def test_the_shipped_head_keeps_every_limit(head):
    limits = checks.measured(head)
    assert len(limits) > 12
    assert not checks.failures(limits)


def test_a_nan_is_noticed(head):
    shape = head.mean_shape.copy()
    shape[7, 1] = np.nan
    assert checks.not_finite(replace(head, mean_shape=shape)) == 1


def test_asymmetry_is_noticed(head):
    basis = head.expression_basis.copy()
    basis[head.expression_names.index("mouthSmileLeft"), head.regions["mouth_corners"][0]] += 0.01
    assert checks.asymmetry(replace(head, expression_basis=basis)) > 0.5


def test_open_lips_are_noticed(head):
    window = checks.Window(head, checks.MOUTH_BOX)
    assert checks.mouth_showing(head, window, None, {"jawOpen": 0.3}) > 100
    assert checks.mouth_showing(without(head, "mouthClose"), window, None, checks.PRESSED) > 100
    assert checks.lip_opening(head, {"jawOpen": 0.3}) > 3 > 0 > checks.lip_opening(head, {})


def test_open_eyes_are_noticed(head):
    window = checks.Window(head, checks.EYES_BOX)
    assert checks.eyes_showing(head, window, None, {}) > 200
    assert checks.eyes_showing(head, window, None, {"eyeBlinkLeft": 1}) > 100


def test_a_squint_narrows_the_eyes_and_lets_nothing_through(head):
    window = checks.Window(head, checks.EYES_BOX)
    squint = {f"{name}{side}": 1.0 for name in ("eyeSquint", "cheekSquint") for side in ("Left", "Right")}
    area = checks.eyes_showing(head, window, None, squint)
    assert 30 < area < 0.75 * checks.eyes_showing(head, window, None, {})
    shape = head.shape(None, checks.coefficients(head, squint))
    lower = shape[head.regions["lid_lower_left"]]
    below = checks.Window(head, (0.29, float(lower[:, 1].min()) - 0.1, 0.4, 0.18))
    assert below.areas(shape)["eye_left"] == 0


def test_gums_outside_the_skin_are_noticed(head):
    window = checks.Window(head, checks.FACE_BOX, 0.01)
    nobody = np.zeros(80, dtype=np.float32)
    assert checks.outside_skin(head, window, nobody) == 0
    gums = np.unique(head.part_triangles("gums"))
    shape = head.mean_shape.copy()
    shape[gums, 2] += 0.2
    assert checks.outside_skin(replace(head, mean_shape=shape), window, nobody) > 10


def test_a_lip_that_misses_the_teeth_is_noticed(head):
    assert checks.lip_teeth_gap(head, {"lipBiteLower": 1}) <= 1.0
    assert checks.lip_teeth_gap(head, {"lipBiteLower": 0.2, "jawOpen": 0.2}) > 3.0
    failed = checks.failures(checks.measured(without(head, "lipBiteLower", "eyeBlinkLeft"), persons=25))
    assert {limit.name for limit in failed} >= {"lip to teeth, lipBiteLower", "eyes seen, blink"}


def test_the_tongue_is_seen_in_th_and_l(head):
    window = checks.Window(head, checks.MOUTH_BOX)
    for name, jaw in (("tongueInterdental", 0.15), ("tongueTipUp", 0.22)):
        at_rest = window.areas(head.shape(None, checks.coefficients(head, {"jawOpen": jaw})))["tongue"]
        seen = window.areas(head.shape(None, checks.coefficients(head, {"jawOpen": jaw, name: 1})))["tongue"]
        assert seen > 60, (name, at_rest, seen)


def test_the_tip_passes_the_teeth_only_in_th(head):
    tongue = np.unique(head.part_triangles("tongue"))
    edge = head.mean_shape[head.regions["upper_teeth_edge"], 2].max()

    def tip(**values):
        return head.shape(None, checks.coefficients(head, values))[tongue, 2].max()

    assert tip(tongueInterdental=1, jawOpen=0.15) > edge + 0.03
    assert tip(tongueTipUp=1, jawOpen=0.2) < edge + 0.01
    assert tip(tongueBackUp=1, jawOpen=0.2) < tip(jawOpen=0.2)
