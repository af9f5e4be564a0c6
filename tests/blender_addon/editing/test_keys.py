"""Keys of Bézier and other curves around a range that is replaced, in Blender."""

from typing import Any

import numpy as np
import pytest

OUTSIDE = np.r_[np.arange(1.0, 14.01, 0.25), np.arange(26.0, 41.0, 0.25)]


@pytest.fixture
def curve(blender: Any) -> Any:
    from blender_addon import compat

    owner = blender.data.objects.new("owner", None)
    action = compat.new_actions("hand-made", [(owner, "OBJECT")])[0]
    return compat.ensure_curve(compat.channels_of(action, "OBJECT"), "location", 0)


def fill(curve: Any, interpolation: str, handles: str, frames: tuple[float, ...] = (1, 8, 12.5, 30, 40)) -> None:
    generator = np.random.default_rng(3)
    curve.keyframe_points.add(len(frames))
    for point, frame in zip(curve.keyframe_points, frames, strict=True):
        point.co, point.interpolation = (frame, generator.normal()), interpolation
        point.handle_left_type = point.handle_right_type = handles
        point.handle_left = (frame - generator.uniform(0.5, 14), point.co[1] + generator.normal())
        point.handle_right = (frame + generator.uniform(0.5, 14), point.co[1] + generator.normal())
    curve.update()


def evaluated(curve: Any, frames: np.ndarray) -> np.ndarray:
    return np.array([curve.evaluate(frame) for frame in frames])


def replace_middle(curve: Any, first: int = 15, last: int = 25) -> None:
    from blender_addon.editing.curves import read_keys, sampler, write_keys
    from blender_addon.editing.keys import replaced, straight

    frames = np.arange(first, last + 1)
    new = straight(frames, np.linspace(5.0, 6.0, len(frames)))
    write_keys(curve, replaced(read_keys(curve), first, last, new, sampler(curve), (True, True)))


@pytest.mark.parametrize("handles", ["FREE", "ALIGNED", "VECTOR", "AUTO", "AUTO_CLAMPED"])
@pytest.mark.parametrize("smoothing", ["NONE", "CONT_ACCEL"])
def test_a_bezier_outside_of_the_range_keeps_its_shape(curve: Any, handles: str, smoothing: str) -> None:
    fill(curve, "BEZIER", handles)
    curve.auto_smoothing = smoothing
    curve.update()
    before = evaluated(curve, OUTSIDE)
    kept = [(tuple(one.co), one.interpolation) for one in curve.keyframe_points if not 15 <= one.co[0] <= 25]
    replace_middle(curve)
    np.testing.assert_allclose(evaluated(curve, OUTSIDE), before, atol=2e-4)
    now = [(tuple(one.co), one.interpolation) for one in curve.keyframe_points]
    assert set(kept) <= set(now)
    curve.update()  # as Blender does when the artist touches a key
    np.testing.assert_allclose(evaluated(curve, OUTSIDE), before, atol=2e-4)


def test_nothing_overshoots_at_the_borders(curve: Any) -> None:
    fill(curve, "BEZIER", "FREE")
    ends = evaluated(curve, np.array([14.0, 26.0]))
    replace_middle(curve)
    inside = evaluated(curve, np.arange(14.0, 26.01, 0.05))
    low, high = min(ends.min(), 5.0), max(ends.max(), 6.0)
    assert inside.min() >= low - 1e-5 and inside.max() <= high + 1e-5
    np.testing.assert_allclose(evaluated(curve, np.arange(15.0, 26.0)), np.linspace(5.0, 6.0, 11), atol=1e-5)


@pytest.mark.parametrize("interpolation", ["CONSTANT", "LINEAR", "BOUNCE", "ELASTIC", "SINE"])
def test_other_interpolations_keep_their_frames(curve: Any, interpolation: str) -> None:
    fill(curve, interpolation, "AUTO_CLAMPED")
    frames = np.r_[1:15, 26:41].astype(float)
    before = evaluated(curve, frames)
    replace_middle(curve)
    np.testing.assert_allclose(evaluated(curve, frames), before, atol=2e-5)


def test_hand_made_handles_and_far_keys_are_not_touched(curve: Any) -> None:
    fill(curve, "BEZIER", "ALIGNED")
    before = key(curve, 1)
    replace_middle(curve)
    assert key(curve, 1) == before


def key(curve: Any, index: int) -> list[Any]:
    point = curve.keyframe_points[index]
    places = [*point.co, *point.handle_left, *point.handle_right]
    return [*np.round(places, 4).tolist(), point.handle_left_type, point.handle_right_type, point.easing]


def test_a_stretched_curve_is_stretched_everywhere(curve: Any) -> None:
    from blender_addon.editing.curves import read_keys, write_keys
    from blender_addon.editing.keys import stretched

    fill(curve, "BEZIER", "FREE")
    frames = np.arange(1.0, 40.0, 0.3)
    before, count = evaluated(curve, frames), len(curve.keyframe_points)
    write_keys(curve, stretched(read_keys(curve), 0.5, 2.0))
    np.testing.assert_allclose(evaluated(curve, frames), 0.5 * before + 2.0, atol=1e-5)
    assert len(curve.keyframe_points) == count


def test_a_range_before_the_first_key_keeps_the_curve_after_it(curve: Any) -> None:
    fill(curve, "BEZIER", "FREE", (30, 40))
    before = evaluated(curve, np.arange(26.0, 41.0))
    replace_middle(curve)
    np.testing.assert_allclose(evaluated(curve, np.arange(26.0, 41.0)), before, atol=1e-5)
