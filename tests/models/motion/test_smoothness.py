import numpy as np
import pytest

from models.motion.motion import MotionError
from models.motion.smoothness import fast_share, log_jerk

TIMES = np.arange(250) / 25.0


def wave(hertz, height=1.0):
    return height * np.sin(2 * np.pi * hertz * TIMES)


def test_jerk_of_a_sine_is_the_cube_of_its_frequency_whatever_its_height():
    slow = log_jerk(wave(0.5), 25.0)
    assert slow == pytest.approx(3 * np.log(2 * np.pi * 0.5), abs=0.01)
    assert log_jerk(wave(0.5, 7.0) + 3, 25.0) == pytest.approx(slow)
    assert log_jerk(wave(1.0), 25.0) - slow == pytest.approx(np.log(8), abs=0.02)


def test_the_share_of_fast_movement_is_that_of_its_power():
    assert fast_share(wave(3.0), 25.0) < 1e-3
    assert fast_share(wave(3.0) + wave(10.0), 25.0) == pytest.approx(0.5, abs=0.02)
    assert fast_share(wave(3.0, 3.0) + wave(10.0), 25.0) == pytest.approx(0.1, abs=0.02)


def test_what_stands_still_is_neither_smooth_nor_rough():
    still = np.full(250, 0.3)
    assert np.isnan(log_jerk(still, 25.0))
    assert np.isnan(fast_share(still, 25.0))


@pytest.mark.parametrize("curve", [np.zeros(7), np.zeros((20, 2)), np.full(20, np.nan)])
def test_what_is_no_curve_is_refused(curve):
    with pytest.raises(MotionError, match="expected a curve"):
        log_jerk(curve, 25.0)


def test_a_frequency_that_the_rate_cannot_show_is_refused():
    with pytest.raises(MotionError, match=r"12\.5 Hz"):
        fast_share(wave(3.0), 25.0, above=13.0)
