import numpy as np

from blender_addon.editing.amounts import REGIONS, held, region_of, scaled, without_crossing
from blender_addon.files.head_file import HeadFile

NAMES = ("jawOpen", "mouthClose", "browInnerUp", "eyeBlinkLeft", "eyeBlinkRight")
FRAMES = 30


def tracks() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.1, 0.9, (FRAMES, len(NAMES) + 6))


def never() -> np.ndarray:
    return np.zeros(FRAMES, dtype=bool)


def test_every_expression_has_a_region(head: HeadFile) -> None:
    assert {region_of(name) for name in head.expression_names} == set(REGIONS)


def test_one_region_moves_by_its_amount_and_the_others_as_before() -> None:
    before = tracks()
    after = scaled(before, NAMES, {"brows": 0.5}, never(), never())
    np.testing.assert_allclose(after[:, 2], before[:, 2] / 2)
    np.testing.assert_array_equal(np.delete(after, 2, axis=1), np.delete(before, 2, axis=1))


def test_the_head_moves_about_the_place_it_stands_at() -> None:
    before = tracks()
    after = scaled(before, NAMES, {"head": 0.0}, never(), never())
    np.testing.assert_allclose(after[:, -6:], np.broadcast_to(before[:, -6:].mean(axis=0), (FRAMES, 6)))
    np.testing.assert_array_equal(after[:, :-6], before[:, :-6])


def test_closures_stay_and_go_over_smoothly() -> None:
    before, lips = tracks(), never()
    lips[10:12] = True
    after = scaled(before, NAMES, {"jaw": 0.0, "lips": 0.0}, lips, never())
    np.testing.assert_array_equal(after[10:12, :2], before[10:12, :2])
    assert (after[[6, 15], :2] == 0).all()
    np.testing.assert_allclose(after[9, :2], before[9, :2] * 2 / 3)
    np.testing.assert_allclose(held(lips)[7:15], [0, 1 / 3, 2 / 3, 1, 1, 2 / 3, 1 / 3, 0])


def test_blinks_stay_whole_and_lids_do_not_go_through_the_eye() -> None:
    before, lids = tracks(), never()
    lids[20] = True
    before[20, 3:5] = 1.05
    less, more = (scaled(before, NAMES, {"eyes": amount}, never(), lids) for amount in (0.0, 2.0))
    np.testing.assert_array_equal(less[20, 3:5], before[20, 3:5])
    assert less[5, 3] == 0.0
    assert more[:, 3:5].max() == 1.05 and more[5, 3] > before[5, 3]


def test_lips_do_not_go_through_each_other() -> None:
    before = tracks()
    gap = np.array([20.0, -30.0, 0.0, 0.0, 0.0])
    after = scaled(before, NAMES, {"lips": 2.0}, never(), never())
    kept = without_crossing(before, after, gap, 1.0)
    was, wild, now = (1.0 + one[:, :5] @ gap for one in (before, after, kept))
    assert (wild < was - 1).any()
    assert (now >= np.minimum(was, 0.0) - 1e-9).all()
    fine = wild >= np.minimum(was, 0.0)
    np.testing.assert_allclose(kept[fine], after[fine])
