import numpy as np
import pytest

from models.motion import habits
from models.motion.curves import Bump, bumps

FPS = 25.0
TIMES = np.arange(500) / FPS


def test_blinks_are_counted_with_their_time_and_duration():
    shapes = [Bump(time, 0.075, 0.04, 0.2, 0.95) for time in (2.0, 7.0, 12.4)]
    found = habits.blinks(0.2 + 0.8 * bumps(shapes, TIMES), FPS)
    assert [time for time, _ in found] == pytest.approx([2.0, 7.0, 12.4], abs=0.05)
    half_height = 0.075 / 2 + 0.04 + 0.2 / 2
    assert [duration for _, duration in found] == pytest.approx([half_height] * 3, abs=0.03)


def test_looks_down_and_flutter_are_no_blinks():
    look_down = Bump(5.0, 0.2, 1.5, 0.2, 0.6)
    assert habits.blinks(bumps([look_down], TIMES) + 0.1 * np.sin(40 * TIMES), FPS) == []


def test_blinks_of_a_tracker_that_shows_them_small_count_too():
    assert len(habits.blinks(0.15 + bumps([Bump(3.0, 0.08, 0.04, 0.12, 0.3)], TIMES), FPS)) == 1


def test_shifts_of_gaze_are_counted_with_their_size():
    looking = np.where(TIMES < 4, 0.0, np.where(TIMES < 9, 6.0, -4.0))
    noisy = looking + 0.3 * np.random.default_rng(0).standard_normal(len(TIMES))
    assert sorted(habits.gaze_shifts(noisy, FPS)) == pytest.approx([6.0, 10.0], abs=0.6)


def test_slow_pursuit_is_no_shift():
    assert habits.gaze_shifts(5 * np.sin(0.5 * TIMES), FPS).size == 0
    assert habits.gaze_shifts(np.zeros(3), FPS).size == 0


def test_range_and_speed_of_a_head_that_swings():
    degrees = np.stack([4 * np.sin(2 * np.pi * 0.5 * TIMES), 0 * TIMES, 0 * TIMES], axis=1)
    assert habits.head_range(degrees, FPS) == pytest.approx([4 / np.sqrt(2), 0, 0], rel=0.05)
    assert habits.head_speed(degrees, FPS).max() == pytest.approx(4 * 2 * np.pi * 0.5, rel=0.05)


def test_movement_on_stress_is_told_from_movement_elsewhere():
    speaking = (TIMES > 1).astype(float)
    speed = np.where(np.abs(TIMES - 5) < 0.2, 10.0, 2.0)
    near, elsewhere = habits.on_stress(speed, FPS, [5.0], speaking)
    assert near > 3 * elsewhere
    assert elsewhere == pytest.approx(2.0)
    assert habits.on_stress(speed, FPS, [12.0], speaking)[0] == pytest.approx(2.0)
    assert np.isnan(habits.on_stress(speed, FPS, [], speaking)[0])
