"""A range of one performance in another, in Blender: what is replaced, and what is not touched."""

from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.trouble import ClientError
from tests.blender_addon.editing.conftest import curve_of, face_action, make_bezier

BEZIER = [(1.0, 0.1), (7.0, 0.9), (20.0, -0.1), (31.0, 0.5), (40.0, 0.6)]


@pytest.fixture
def other(animated: Any, head: HeadFile, take: TakeFile) -> str:
    """The name of another performance of the same voice, which is not assigned."""
    from blender_addon.building.animation import animate_head
    from blender_addon.motion.performance import perform

    original = face_action(animated), animated.animation_data.action
    made = animate_head(animated, perform(head, take, take.fps))
    made.use_fake_user = animated.animation_data.action.use_fake_user = True
    animated.data.shape_keys.animation_data.action, animated.animation_data.action = original
    return str(made.name)


def keys(head_object: Any) -> dict[Any, list[tuple[float, float]]]:
    from blender_addon import compat

    owners = (head_object.data.shape_keys, head_object)
    curves = [curve for owner in owners for curve in compat.curves_of(owner)]
    return {
        (one.data_path, one.array_index): [(point.co[0], point.co[1]) for point in one.keyframe_points]
        for one in curves
    }


def test_a_range_is_redone_and_the_rest_stays(blender: Any, animated: Any, other: str, take: TakeFile) -> None:
    from blender_addon.editing.layers import read_layer
    from blender_addon.editing.ranges import Range, take_range

    old, original, before = read_layer(animated), face_action(animated), keys(animated)
    made = take_range(animated, other, Range(12, 25, 3))
    assert made not in (original, blender.data.actions[other]) and made.name == f"{original.name} redone"
    for one, points in keys(animated).items():
        if len(before[one]) > 1:
            outside = [point for point in points if not 12 <= point[0] <= 25]
            assert outside == [point for point in before[one] if not 12 <= point[0] <= 25]
    result = read_layer(animated).tracks
    np.testing.assert_allclose(result[14:22, :64], take.expression[14:22], atol=1e-5)
    assert np.abs(result[11] - old.tracks[11]).max() > 1e-3
    with pytest.raises(ClientError, match="None of these frames"):
        take_range(animated, other, Range(500, 600))


def test_frames_around_a_bezier_play_as_before(blender: Any, animated: Any, other: str) -> None:
    from blender_addon.editing.layers import read_layer
    from blender_addon.editing.ranges import Range, take_range

    make_bezier(animated, "jawOpen", BEZIER)
    frames = np.r_[np.arange(1.0, 11.01, 0.2), np.arange(26.0, 40.0, 0.2)]
    before = [curve_of(animated, "jawOpen").evaluate(frame) for frame in frames]
    tracks = read_layer(animated).tracks
    take_range(animated, other, Range(12, 25, 3))
    now = curve_of(animated, "jawOpen")
    np.testing.assert_allclose([now.evaluate(frame) for frame in frames], before, atol=2e-4)
    kinds = {round(point.co[0], 3): point.interpolation for point in now.keyframe_points}
    assert kinds[1.0] == kinds[31.0] == kinds[26.0] == "BEZIER" and kinds[11.0] == kinds[25.0] == "LINEAR"
    outside = np.r_[0:11, 25:40]
    np.testing.assert_allclose(read_layer(animated).tracks[outside], tracks[outside], atol=2e-4)


def test_a_reduced_action_stays_reduced(blender: Any, animated: Any, other: str) -> None:
    from blender_addon.building.steps import run_all
    from blender_addon.editing.changes import found_on, reduce_keys
    from blender_addon.editing.draft import Draft
    from blender_addon.editing.layers import layer_steps, read_layer
    from blender_addon.editing.mesh_error import distances
    from blender_addon.editing.ranges import Range, _places_in, take_range

    reduce_keys(animated, 3.0)
    old = read_layer(animated)
    take_range(animated, other, Range(10, 30, 0))
    new = read_layer(animated)
    assert new.keys < old.keys + 70 * 21
    np.testing.assert_allclose(np.delete(new.tracks, np.s_[9:30], 0), np.delete(old.tracks, np.s_[9:30], 0), atol=1e-4)
    wanted, found = new.tracks.copy(), found_on(animated.name)
    wanted[9:30] = run_all(layer_steps(Draft(found, _places_in(found, other)))).tracks[9:30]
    assert distances(new.mesh, wanted, new.tracks).largest.max() <= 3.01


def test_a_source_that_is_for_something_else_is_refused(blender: Any, animated: Any) -> None:
    from blender_addon.editing.ranges import Range, take_range

    blender.data.actions.new("of a lamp")
    with pytest.raises(ClientError, match="does not move the face"):
        take_range(animated, "of a lamp", Range(1, 10))


def test_in_place_nothing_is_added(blender: Any, animated: Any, other: str) -> None:
    from blender_addon.editing.ranges import Range, take_range

    names, original = sorted(one.name for one in blender.data.actions), face_action(animated).name
    take_range(animated, other, Range(12, 25, 3, in_place=True))
    assert sorted(one.name for one in blender.data.actions) == names and face_action(animated).name == original
