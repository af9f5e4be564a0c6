import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.motion.resample import resample, runs, sample_times, scene_length

RATES = [24.0, 25.0, 30000 / 1001, 30.0, 50.0, 60.0]


def test_same_rate_changes_nothing() -> None:
    tracks = np.random.default_rng(0).normal(size=(17, 5)).astype(np.float32)
    np.testing.assert_array_equal(resample(tracks, sample_times(17, 25.0, 25.0, [(3, 3), (9, 12)])), tracks)


@pytest.mark.parametrize("fps", RATES)
def test_length_covers_the_last_frame(fps: float) -> None:
    frames = 251
    seconds = (frames - 1) / 25.0
    assert seconds * fps <= scene_length(frames, 25.0, fps) - 1 < seconds * fps + 1


def test_straight_axis_is_linear_in_time() -> None:
    ramp = np.arange(101, dtype=np.float32)[:, None]
    sampled = resample(ramp, sample_times(101, 25.0, 30.0))[:, 0]
    np.testing.assert_allclose(sampled, np.minimum(np.arange(121) * 25 / 30, 100), atol=1e-4)


@pytest.mark.parametrize("fps", RATES)
def test_every_contact_is_seen_closed(fps: float) -> None:
    tracks = np.ones((100, 1), dtype=np.float32)
    tracks[[7, 15, 22, 30, 43, 57, 58, 71, 90]] = 0.0
    contacts = runs(tracks[:, 0] == 0)
    sampled = resample(tracks, sample_times(100, 25.0, fps, contacts))[:, 0]
    assert len(runs(sampled < 1e-6)) == len(contacts)


def test_without_contacts_a_one_frame_closure_is_lost_at_30() -> None:
    tracks = np.ones((100, 1), dtype=np.float32)
    tracks[8] = 0.0
    assert resample(tracks, sample_times(100, 25.0, 30.0)).min() > 0.3
    assert resample(tracks, sample_times(100, 25.0, 30.0, [(8, 8)])).min() == 0.0


contact_lists = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=25
)


@given(contacts=contact_lists, fps=st.sampled_from([12.0, *RATES, 120.0]))
def test_time_never_runs_back_nor_far_from_straight(contacts: list[tuple[int, int]], fps: float) -> None:
    frames, step = 90, 25.0 / fps
    times = sample_times(frames, 25.0, fps, contacts)
    straight = np.minimum(np.arange(len(times)) * step, frames - 1)
    assert (np.diff(times) >= 0).all()
    assert times.min() >= 0 and times.max() <= frames - 1
    assert np.abs(times - straight).max() <= step / 2 + 1e-6


@given(seed=st.integers(0, 99), fps=st.sampled_from(RATES))
def test_values_stay_between_their_neighbours(seed: int, fps: float) -> None:
    tracks = np.random.default_rng(seed).uniform(0, 1, (40, 3)).astype(np.float32)
    sampled = resample(tracks, sample_times(40, 25.0, fps, [(5, 5), (20, 22)]))
    assert sampled.min() >= tracks.min() and sampled.max() <= tracks.max()


def test_runs_are_inclusive() -> None:
    assert runs(np.array([True, False, True, True, False, True])) == [(0, 0), (2, 3), (5, 5)]
    assert runs(np.zeros(4, dtype=bool)) == []
