import numpy as np
import pytest

from models.coefficients import ANGLES, TRANSLATION, WIDTH
from models.motion.pose_filter import (
    LANDMARK_CUTOFF,
    PoseError,
    low_pass,
    normalise_pose,
    smooth_pose,
    without_mean_rotation,
)
from models.motion.quaternion import from_angles, multiply, to_angles
from tests.golden import GOLDEN, needs

FILE = GOLDEN / "style" / "style_code.npz"
needs_golden = needs(FILE)
TIMES = np.arange(250) / 25


@pytest.mark.parametrize(("hertz", "left"), [(1.0, 1.0), (3.5, 0.5), (8.0, 0.0)])
def test_slow_movement_passes_and_fast_does_not(hertz, left):
    wave = np.sin(2 * np.pi * hertz * TIMES)[:, None]
    assert np.allclose(low_pass(wave, 3.5)[50:200], left * wave[50:200], atol=0.01)


def test_the_frame_rate_counts():
    wave = np.sin(2 * np.pi * 5.0 * np.arange(500) / 50)[:, None]
    assert np.abs(low_pass(wave, 10.0, fps=50)[100:400] - wave[100:400]).max() < 0.01


def test_a_turn_before_every_other_leaves_the_normalised_angles():
    sway = np.stack([0.1 * np.sin(TIMES), 0.2 * np.cos(2 * TIMES), 0.05 * np.sin(3 * TIMES)], axis=1)
    turned = to_angles(multiply(from_angles(sway), from_angles([0.3, -0.2, 0.4])))
    assert np.abs(turned - sway).max() > 0.2
    assert np.allclose(without_mean_rotation(turned), without_mean_rotation(sway), atol=1e-9)


def test_only_the_pose_is_filtered():
    coefficients = np.random.default_rng(1).normal(0, 0.1, (60, WIDTH)).astype(np.float32)
    pose = np.zeros(WIDTH, bool)
    pose[ANGLES] = pose[TRANSLATION] = True
    for made in (smooth_pose(coefficients), normalise_pose(coefficients)):
        assert np.array_equal(made[:, ~pose], coefficients[:, ~pose])
        assert (made[:, pose] != coefficients[:, pose]).all()


def test_short_clips_are_refused():
    assert len(low_pass(np.zeros((28, 2)), 3.5)) == 28
    with pytest.raises(PoseError, match="at least 28 frames, got 27"):
        low_pass(np.zeros((27, 2)), 3.5)
    with pytest.raises(PoseError, match="half the frame rate"):
        low_pass(np.zeros((30, 2)), 3.5, fps=6)


@needs_golden
@pytest.mark.parametrize("clip", ["a", "b"])
def test_golden_pose(clip):
    golden = np.load(FILE)
    coefficients = golden[f"coeff_{clip}"]
    angles = without_mean_rotation(coefficients[:, ANGLES])
    assert np.allclose(angles, golden[f"normalize_euler_{clip}"], atol=1e-6)
    assert np.allclose(smooth_pose(coefficients), golden[f"filter_coeff_{clip}"], atol=1e-6)
    assert np.allclose(normalise_pose(coefficients), golden[f"coeff_norm_{clip}"], atol=1e-6)


@needs_golden
def test_golden_landmarks():
    golden = np.load(FILE)
    tracks = golden["lm5"]
    made = low_pass(tracks.reshape(len(tracks), -1), LANDMARK_CUTOFF).reshape(tracks.shape)
    assert np.allclose(made, golden["filter_lm5"], atol=1e-4)
