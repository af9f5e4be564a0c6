"""What the artist's changes do to the mesh and to the keys, in Blender."""

from typing import Any

import numpy as np
import pytest

from blender_addon.editing.reduce import reduce
from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from tests.blender_addon.conftest import world_positions

FRAMES = (1, 5, 18, 33, 40)
ONE = dict.fromkeys(("lips", "jaw", "brows", "eyes", "cheeks", "tongue", "neck", "head"), 1.0)


@pytest.fixture
def animated(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    from blender_addon.building.build import Options, Timer, build

    smooth = np.array([np.convolve(track, np.full(5, 0.2), mode="same") for track in take.coefficients.T]).T
    smooth[:, :80] = take.coefficients[:, :80]
    calm = TakeFile(np.ascontiguousarray(smooth, dtype=np.float32), take.fps, take.meta)
    return build(head, calm, Options(staged=False), Timer(lambda *_: None))


def shown(blender: Any, head_object: Any) -> np.ndarray:
    positions = []
    for frame in FRAMES:
        blender.context.scene.frame_set(frame)
        positions.append(world_positions(head_object))
    return np.array(positions)


def face_action(head_object: Any) -> Any:
    return head_object.data.shape_keys.animation_data.action


def test_reduced_keys_show_the_same_face(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import fingerprint, write_reduced
    from blender_addon.editing.layers import read_layer

    before, original, keys = shown(blender, animated), face_action(animated), fingerprint(animated)
    layer = read_layer(animated)
    reduction = reduce(layer.tracks, layer.mesh, 0.5, layer.exact)
    action = write_reduced(animated, layer, reduction, in_place=False)
    off = np.linalg.norm(shown(blender, animated) - before, axis=2).max() * 1000
    assert off <= min(0.5, reduction.largest + 0.01)
    assert action != original and action.name == f"{original.name} reduced" and original.use_fake_user
    again = read_layer(animated)
    assert again.keys == reduction.keys < layer.keys
    animated.data.shape_keys.animation_data.action = original
    animated.animation_data.action = original
    assert fingerprint(animated) == keys


def test_reducing_in_place_makes_no_action(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import write_reduced
    from blender_addon.editing.layers import read_layer

    layer = read_layer(animated)
    actions = len(blender.data.actions)
    write_reduced(animated, layer, reduce(layer.tracks, layer.mesh, 0.5, layer.exact), in_place=True)
    assert len(blender.data.actions) == actions
    assert read_layer(animated).keys < layer.keys


def test_amounts_can_be_set_again_and_reset(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import amounts_of, set_amounts
    from blender_addon.editing.layers import read_layer

    before, original = read_layer(animated).tracks, face_action(animated)
    scaled = set_amounts(animated, {**ONE, "brows": 0.0})
    column = read_layer(animated).names.index("browInnerUp")
    assert not read_layer(animated).tracks[:, column].any()
    assert amounts_of(animated)["brows"] == 0.0 and scaled != original
    assert set_amounts(animated, {**ONE, "brows": 0.5}) == scaled
    np.testing.assert_allclose(read_layer(animated).tracks[:, column], before[:, column] / 2, atol=1e-6)
    set_amounts(animated, ONE)
    np.testing.assert_allclose(read_layer(animated).tracks, before, atol=1e-4)
    assert face_action(animated) == scaled and original.name in blender.data.actions


def test_keys_that_the_artist_changed_are_never_overwritten(blender: Any, animated: Any) -> None:
    from blender_addon import compat
    from blender_addon.editing.changes import amounts_of, set_amounts

    touched = set_amounts(animated, {**ONE, "brows": 0.5})
    curve = next(one for one in compat.curves_of(animated.data.shape_keys) if "jawOpen" in one.data_path)
    curve.keyframe_points[3].co[1] = 0.77
    assert amounts_of(animated) == ONE
    assert set_amounts(animated, {**ONE, "brows": 2.0}) != touched
    assert curve.keyframe_points[3].co[1] == pytest.approx(0.77)


def test_what_is_keyed_on_a_layer_is_added(blender: Any, animated: Any) -> None:
    from blender_addon.editing.changes import make_layer

    key = animated.data.shape_keys.key_blocks["browInnerUp"]
    blender.context.scene.frame_set(10)
    below = key.value
    make_layer(animated, "take")
    blender.context.scene.frame_set(10)
    assert key.value == pytest.approx(below, abs=1e-6)
    key.value = below - 0.25
    key.keyframe_insert("value", frame=10)
    blender.context.scene.frame_set(9)
    blender.context.scene.frame_set(10)
    assert key.value == pytest.approx(below - 0.25, abs=1e-4)
    assert [track.name for track in animated.data.shape_keys.animation_data.nla_tracks] == ["take"]


def test_a_range_is_redone_and_the_rest_stays(blender: Any, animated: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head
    from blender_addon.editing.changes import take_range
    from blender_addon.editing.layers import curves_of_head, read_layer
    from blender_addon.motion.performance import perform

    def keys() -> dict[Any, list[tuple[float, float]]]:
        return {one: [tuple(p.co) for p in curve.keyframe_points] for one, curve in curves_of_head(animated).items()}

    old, original, before = read_layer(animated), face_action(animated), keys()
    other = animate_head(animated, perform(head, take, take.fps))
    new = read_layer(animated)
    animated.data.shape_keys.animation_data.action = animated.animation_data.action = original
    made = take_range(animated, other.name, 12, 25, 3, in_place=False)
    assert made not in (original, other)
    for one, points in keys().items():
        if len(before[one]) > 1:
            outside = [point for point in points if not 12 <= point[0] <= 25]
            assert outside == [point for point in before[one] if not 12 <= point[0] <= 25]
    result = read_layer(animated).tracks
    np.testing.assert_allclose(result[14:22], new.tracks[14:22], atol=1e-5)
    assert np.abs(result[11] - old.tracks[11]).max() > 1e-3
    with pytest.raises(ValueError, match="no frames"):
        take_range(animated, other.name, 500, 600, 3, in_place=True)


def test_operators_run_and_say_what_they_did(blender: Any, animated: Any) -> None:
    from blender_addon import registration

    registration.register()
    try:
        blender.context.view_layer.objects.active = animated
        blender.context.scene.style_avatar_edit.tolerance = 0.5
        assert blender.ops.style_avatar.reduce_keys() == {"FINISHED"}
        before, after, error = face_action(animated)["style_avatar_reduced"]
        assert after < before and 0 < error <= 0.5
        assert blender.ops.style_avatar.set_amounts(brows=0.5) == {"FINISHED"}
        assert blender.ops.style_avatar.reset_amounts() == {"FINISHED"}
        assert not blender.ops.style_avatar.reset_amounts.poll()
        assert blender.ops.style_avatar.make_layer() == {"FINISHED"}
        assert not blender.ops.style_avatar.make_layer.poll()
    finally:
        registration.unregister()
