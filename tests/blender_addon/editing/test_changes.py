"""What amounts and fewer keys do to the mesh and to the keys, in Blender."""

from typing import Any

import numpy as np
import pytest

from tests.blender_addon.editing.conftest import curve_of, face_action, make_bezier, shown

ONE = dict.fromkeys(("lips", "jaw", "brows", "eyes", "cheeks", "tongue", "neck", "head"), 1.0)
HAND_MADE = [(1.0, 0.1), (9.0, 0.9), (22.0, -0.1), (40.0, 0.6)]


def test_reduced_keys_show_the_same_face(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import REDUCED, fingerprint, reduce_keys
    from blender_addon.editing.layers import read_layer

    before, original, keys = shown(blender, animated), face_action(animated), fingerprint(animated)
    count = read_layer(animated).keys
    action = reduce_keys(animated, 0.5)
    said = action[REDUCED]
    off = np.linalg.norm(shown(blender, animated) - before, axis=2).max() * 1000
    assert off <= min(0.5, said[2] + 0.01)
    assert action != original and action.name == f"{original.name} reduced" and original.use_fake_user
    assert (count, read_layer(animated).keys) == (said[0], said[1]) and said[1] < count
    animated.data.shape_keys.animation_data.action = original
    animated.animation_data.action = original
    assert fingerprint(animated) == keys


def test_reducing_in_place_makes_no_action(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import reduce_keys
    from blender_addon.editing.layers import read_layer

    names, keys = sorted(one.name for one in blender.data.actions), read_layer(animated).keys
    before = shown(blender, animated)
    reduce_keys(animated, 0.5, in_place=True)
    assert sorted(one.name for one in blender.data.actions) == names
    assert read_layer(animated).keys < keys
    assert np.linalg.norm(shown(blender, animated) - before, axis=2).max() * 1000 <= 0.51


@pytest.mark.parametrize("interpolation", ["BEZIER", "CONSTANT"])
def test_curves_that_need_no_fewer_keys_stay_as_the_artist_made_them(
    blender: Any, animated: Any, interpolation: str
) -> None:
    from blender_addon.editing.changes import reduce_keys

    curve = make_bezier(animated, "jawOpen", HAND_MADE)
    for point in curve.keyframe_points:
        point.interpolation = interpolation
    before = shown(blender, animated)
    reduce_keys(animated, 0.5)
    off = np.linalg.norm(shown(blender, animated) - before, axis=2).max() * 1000
    assert off <= 0.51
    curve = curve_of(animated, "jawOpen")
    np.testing.assert_allclose([one.co for one in curve.keyframe_points], HAND_MADE, atol=1e-6)
    assert {one.interpolation for one in curve.keyframe_points} == {interpolation}


def test_amounts_can_be_set_again_and_reset(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import amounts_of, set_amounts
    from blender_addon.editing.layers import read_layer

    before, original = read_layer(animated).tracks, face_action(animated)
    scaled = set_amounts(animated, {**ONE, "brows": 0.0})
    name = scaled.name
    column = read_layer(animated).names.index("browInnerUp")
    assert not read_layer(animated).tracks[:, column].any()
    assert amounts_of(animated)["brows"] == 0.0 and scaled != original
    assert set_amounts(animated, {**ONE, "brows": 0.5}).name == name
    np.testing.assert_allclose(read_layer(animated).tracks[:, column], before[:, column] / 2, atol=1e-6)
    set_amounts(animated, ONE)
    np.testing.assert_array_equal(read_layer(animated).tracks, before)
    assert face_action(animated).name == name and original.name in blender.data.actions
    assert len(blender.data.actions) == 2 * len({face_action(animated), animated.animation_data.action})


def test_amounts_keep_a_bezier_a_bezier(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import set_amounts
    from blender_addon.editing.curves import read_keys

    make_bezier(animated, "browInnerUp", HAND_MADE)
    kept = read_keys(make_bezier(animated, "cheekPuff", HAND_MADE)).columns
    set_amounts(animated, {**ONE, "brows": 0.5})
    curve = curve_of(animated, "browInnerUp")
    assert [one.interpolation for one in curve.keyframe_points] == ["BEZIER"] * 4
    np.testing.assert_allclose([one.co for one in curve.keyframe_points], np.multiply(HAND_MADE, (1, 0.5)), atol=1e-6)
    assert curve.keyframe_points[1].handle_right[1] == pytest.approx((0.9 + 0.3) / 2)
    now = read_keys(curve_of(animated, "cheekPuff")).columns
    for name, column in kept.items():
        np.testing.assert_array_equal(now[name], column)


def test_amounts_of_a_bezier_that_closes_are_within_the_tolerance(blender: Any, animated: Any) -> None:
    """Lids that shut hold the curve, so it is not the same curve times a number."""
    from blender_addon.editing.changes import set_amounts
    from blender_addon.editing.layers import read_layer
    from blender_addon.editing.rescale import rescaled_tracks

    lids = [(1.0, 0.0), (9.0, 1.0), (12.0, 1.0), (18.0, 0.05), (40.0, 0.3)]
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        make_bezier(animated, name, lids)
    layer = read_layer(animated)
    assert layer.lids_closed.any() and not layer.lids_closed.all()
    expected = rescaled_tracks(layer, {**ONE, "eyes": 0.4})
    set_amounts(animated, {**ONE, "eyes": 0.4})
    now = read_layer(animated)
    column = now.names.index("eyeBlinkLeft")
    off = np.abs(now.tracks - expected)[:, column] * layer.mesh.reach[column]
    assert off.max() <= 0.0021
    assert len(lids) <= now.counts[column] < len(now.tracks)


def test_keys_that_the_artist_changed_are_never_overwritten(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import amounts_of, set_amounts

    touched = set_amounts(animated, {**ONE, "brows": 0.5})
    curve = curve_of(animated, "jawOpen")
    curve.keyframe_points[3].co[1] = 0.77
    assert amounts_of(animated) == ONE
    assert set_amounts(animated, {**ONE, "brows": 2.0}) != touched
    assert curve.keyframe_points[3].co[1] == pytest.approx(0.77)


def test_an_edit_that_is_given_up_leaves_nothing(blender: Any, animated: Any) -> None:
    from blender_addon.building import unfinished
    from blender_addon.building.steps import Paced
    from blender_addon.editing.changes import amounts_steps, fingerprint

    actions, keys = len(blender.data.actions), fingerprint(animated)
    paced = Paced(amounts_steps(animated.name, {**ONE, "jaw": 0.5}), unfinished.marking)
    while paced.at[0] != "keys":
        assert not paced.advance(0.0)
    assert len(blender.data.actions) > actions
    paced.drop()
    unfinished.take_back()
    assert len(blender.data.actions) == actions and fingerprint(animated) == keys
