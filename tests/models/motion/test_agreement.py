import numpy as np
import pytest

from models.motion.agreement import agreement
from models.motion.motion import MotionError

FPS = 25.0


def smooth_noise(frames, seed):
    raw = np.random.default_rng(seed).standard_normal(frames + 10)
    return np.convolve(raw, np.hanning(11), mode="valid")


CURVE = smooth_noise(1500, 0)


def test_a_curve_agrees_with_itself_at_any_size_and_level():
    found = agreement([(3 * CURVE + 5, CURVE)], FPS)
    assert found.r == pytest.approx(1)
    assert found.lag == pytest.approx(0)
    assert found.size == pytest.approx(3)
    assert found.interval == pytest.approx((1, 1))


def test_known_noise_gives_a_known_correlation_inside_of_its_interval():
    other = smooth_noise(1500, 1)
    found = agreement([(CURVE + other, CURVE)], FPS)
    assert found.r == pytest.approx(np.corrcoef(CURVE + other, CURVE)[0, 1])
    assert found.interval[0] < found.r < found.interval[1]
    assert 0.02 < found.interval[1] - found.interval[0] < 0.3


def test_curves_that_have_nothing_to_do_with_each_other_have_an_interval_about_zero():
    low, high = agreement([(smooth_noise(1500, 2), CURVE)], FPS).interval
    assert low < 0 < high


@pytest.mark.parametrize("frames", [-3, 4])
def test_lateness_is_found_and_undone(frames):
    found = agreement([(np.roll(CURVE, frames)[20:-20], CURVE[20:-20])], FPS)
    assert found.lag == pytest.approx(frames / FPS, abs=0.011)
    assert found.best > 0.97 > found.r


def test_levels_of_clips_do_not_count_as_agreement():
    pairs = [(smooth_noise(500, 3), smooth_noise(500, 4)), (smooth_noise(500, 5) + 50, smooth_noise(500, 6) + 50)]
    assert abs(agreement(pairs, FPS).r) < 0.3


def test_a_still_curve_agrees_with_nothing():
    found = agreement([(np.zeros(500), CURVE[:500])], FPS)
    assert np.isnan([found.r, found.lag, found.best, found.size]).all()


def test_curves_of_different_lengths_are_refused():
    with pytest.raises(MotionError, match="one length"):
        agreement([(CURVE, CURVE[1:])], FPS)
    with pytest.raises(MotionError, match="none"):
        agreement([], FPS)
