import numpy as np

from blender_addon.editing.splice import shares, spliced

NEVER = np.zeros(20, dtype=bool)


def test_the_range_is_new_and_its_ends_go_over() -> None:
    share = shares(20, 4, NEVER, NEVER)
    assert (share[4:16] == 1).all()
    assert 0 < share[0] < share[1] < share[2] < share[3] < 1
    np.testing.assert_allclose(share, share[::-1])


def test_a_range_shorter_than_its_ends() -> None:
    assert shares(1, 4, NEVER[:1], NEVER[:1]).tolist() == [1.0]
    assert shares(20, 0, NEVER, NEVER).tolist() == [1.0] * 20


def test_closures_stay_closed_at_the_ends() -> None:
    generator = np.random.default_rng(4)
    for _ in range(200):
        old, new = (generator.uniform(0, 3, (20, 1)) * (generator.random((20, 1)) < 0.6) for _ in range(2))
        closed = old[:, 0] < 0.5, new[:, 0] < 0.5
        share = shares(20, 5, closed[0] & ~closed[1], closed[1] & ~closed[0])
        gap = spliced(old, new, share)[:, 0]
        ends = np.r_[0:5, 15:20]
        assert (gap[ends][(closed[0] | closed[1])[ends]] < 0.5).all()
