from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile, TakeFileError
from blender_addon.motion.performance import perform, performance_name
from tests.blender_addon.conftest import in_blender, placed, world_positions

MICROMETRE = 1e-6


@pytest.fixture
def head_object(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    from blender_addon.building.head import build_head

    made = build_head(head, take.identity, take.albedo)
    blender.context.scene.collection.objects.link(made)
    return made


def curves(owner: Any) -> dict[tuple[str, int], Any]:
    from blender_addon.compat import curves_of

    return {(curve.data_path, curve.array_index): curve for curve in curves_of(owner)}


def test_every_frame_moves_as_the_take_says(blender: Any, head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head

    performance = perform(head, take, take.fps, "take")
    animate_head(head_object, performance)
    for frame in (0, 11, 39):
        blender.context.scene.frame_set(frame + 1)
        expected = in_blender(placed(head, take, frame)) - performance.pose.rest_location
        np.testing.assert_allclose(world_positions(head_object), expected, atol=2 * MICROMETRE)


def test_keys_are_on_every_frame_and_linear(head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head

    action = animate_head(head_object, perform(head, take, take.fps), first_frame=11)
    assert action.name == "voice (calm)"
    face, body = curves(head_object.data.shape_keys), curves(head_object)
    assert len(face) == 64 and len(body) == 6
    jaw = face['key_blocks["jawOpen"].value', 0]
    assert [point.co[0] for point in jaw.keyframe_points] == list(range(11, 51))
    assert {point.interpolation for point in jaw.keyframe_points} == {"LINEAR"}
    column = head.expression_names.index("jawOpen")
    np.testing.assert_allclose([point.co[1] for point in jaw.keyframe_points], take.expression[:, column], atol=1e-6)


def test_channels_are_grouped_by_place(head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import GROUPS, animate_head

    animate_head(head_object, perform(head, take, take.fps))
    groups = {path: curve.group.name for (path, _), curve in curves(head_object.data.shape_keys).items()}
    assert set(groups.values()) == set(GROUPS)
    assert groups['key_blocks["eyeBlinkLeft"].value'] == "Eyes"
    assert groups['key_blocks["upperLipRaise"].value'] == "Mouth and jaw"


def test_a_track_that_never_moves_gets_one_key(head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head

    animate_head(head_object, perform(head, take, take.fps))
    still = curves(head_object.data.shape_keys)[f'key_blocks["{head.expression_names[60]}"].value', 0]
    assert [tuple(point.co) for point in still.keyframe_points] == [(1.0, 0.25)]


def test_a_take_of_one_frame_is_one_key(head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head

    still = TakeFile(take.coefficients[:1], take.fps, take.meta)
    for fps in (25.0, 30.0):
        animate_head(head_object, perform(head, still, fps))
        assert {len(curve.keyframe_points) for curve in curves(head_object).values()} == {1}


def test_values_beyond_the_slider_are_not_clamped(
    blender: Any, head_object: Any, head: HeadFile, take: TakeFile
) -> None:
    from blender_addon.building.animation import animate_head

    animate_head(head_object, perform(head, take, take.fps))
    frame, column = np.unravel_index(take.expression.argmax(), take.expression.shape)
    blender.context.scene.frame_set(int(frame) + 1)
    value = head_object.data.shape_keys.key_blocks[head.expression_names[column]].value
    assert value == pytest.approx(take.expression[frame, column]) and value > 1.2


def test_bezier_keys_do_not_overshoot(head_object: Any, head: HeadFile, take: TakeFile) -> None:
    from blender_addon.building.animation import animate_head

    animate_head(head_object, perform(head, take, take.fps), interpolation="BEZIER")
    jaw = curves(head_object.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    dense = [jaw.evaluate(frame) for frame in np.linspace(1, 40, 400)]
    track = take.expression[:, head.expression_names.index("jawOpen")]
    assert min(dense) >= track.min() - 1e-4 and max(dense) <= track.max() + 1e-4
    assert {point.interpolation for point in jaw.keyframe_points} == {"BEZIER"}


def test_a_second_performance_leaves_the_first_alone(
    blender: Any, head_object: Any, head: HeadFile, take: TakeFile
) -> None:
    from blender_addon.building.animation import animate_head

    first = animate_head(head_object, perform(head, take, take.fps))
    before = {key: len(curve.keyframe_points) for key, curve in curves(head_object.data.shape_keys).items()}
    second = animate_head(head_object, perform(head, take, 30.0))
    assert first != second and first.name == "voice (calm)" and second.name == "voice (calm).001"
    assert first.use_fake_user and head_object.data.shape_keys.animation_data.action == second
    head_object.data.shape_keys.animation_data.action = first
    assert {key: len(curve.keyframe_points) for key, curve in curves(head_object.data.shape_keys).items()} == before


def test_a_take_of_another_face_model_is_refused(head: HeadFile, take: TakeFile) -> None:
    other = TakeFile(take.coefficients, take.fps, {"face_model": {"name": "bfm09", "sha256": "f00"}})
    with pytest.raises(TakeFileError, match=r"for bfm09 \(f00\), the head is ellipsoid"):
        perform(head, other, 25.0)


def test_names_come_from_voice_and_style() -> None:
    assert performance_name({"audio": {"name": "hello.flac"}, "style": "calm"}) == "hello (calm)"
    assert performance_name({"audio": {"name": "hello.flac"}, "style": {"name": "mumbling"}}) == "hello (mumbling)"
    assert performance_name({}) == "voice"
