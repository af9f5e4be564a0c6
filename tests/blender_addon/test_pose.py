from typing import Any

import numpy as np
import pytest

from blender_addon.frames import EULER_ORDER, angles_of, directions, eulers, rotation_matrices
from blender_addon.head_file import HeadFile
from blender_addon.pose import mean_rotation, pose_keys
from blender_addon.take_file import TakeFile
from models.face.camera import rotation

from .conftest import in_blender, placed


def blender_mathutils() -> Any:
    """Blender's own mathematics, which comes with bpy."""
    pytest.importorskip("bpy")
    import mathutils

    return mathutils


def test_directions_turn_the_face_to_minus_y() -> None:
    left, up, forward = np.eye(3, dtype=np.float32)
    np.testing.assert_allclose(
        directions(np.stack([left, up, forward])), 0.1 * np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    )


def test_rotations_are_the_backends(take: TakeFile) -> None:
    np.testing.assert_allclose(rotation_matrices(take.angles), rotation(take.angles), atol=1e-6)
    np.testing.assert_allclose(angles_of(rotation_matrices(take.angles)), take.angles, atol=1e-6)


def test_eulers_are_the_same_rotation_in_blenders_frame(take: TakeFile) -> None:
    mathutils = blender_mathutils()
    exchange = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    for angles in take.angles:
        expected = exchange @ rotation_matrices(angles) @ exchange.T
        built = np.array(mathutils.Euler(eulers(angles), EULER_ORDER).to_matrix())
        np.testing.assert_allclose(built, expected, atol=1e-6)


def moved(keys, pivot, points, frame):
    """`points` (V, 3) of the face model's frame, moved as Blender moves an object whose origin is `pivot`."""
    mathutils = blender_mathutils()
    matrix = np.array(mathutils.Euler(keys.rotation[frame], EULER_ORDER).to_matrix())
    return in_blender(points - pivot) @ matrix.T + keys.location[frame]


def test_take_mode_moves_every_vertex_as_the_take_says(head: HeadFile, take: TakeFile) -> None:
    neutral = head.shape(take.identity)
    pivot = head.neck_pivot(neutral)
    keys = pose_keys(take.angles, take.translation, pivot, "take")
    offsets = []
    for frame in (0, 13, 39):
        shape = neutral + np.tensordot(take.expression[frame], head.expression_basis, axes=1)
        offsets.append(in_blender(placed(head, take, frame)) - moved(keys, pivot, shape, frame))
    assert np.ptp(np.concatenate(offsets), axis=0).max() < 1e-6
    np.testing.assert_allclose(offsets[0][0], keys.rest_location, atol=1e-6)


def test_neck_mode_stands_upright_at_the_origin(take: TakeFile) -> None:
    keys = pose_keys(take.angles, take.translation, np.zeros(3, np.float32), "neck")
    np.testing.assert_allclose(keys.location.mean(axis=0), 0, atol=1e-6)
    assert np.abs(keys.rotation.mean(axis=0)).max() < 0.01
    assert np.abs(eulers(take.angles).mean(axis=0)).max() > 0.2
    np.testing.assert_allclose(np.ptp(keys.location, axis=0), np.ptp(directions(take.translation), axis=0), atol=1e-6)


def test_neck_mode_keeps_the_motion_between_frames(take: TakeFile) -> None:
    mathutils = blender_mathutils()
    keys = pose_keys(take.angles, take.translation, np.zeros(3, np.float32), "neck")
    ours = [np.array(mathutils.Euler(rotation, EULER_ORDER).to_matrix()) for rotation in keys.rotation]
    theirs = rotation_matrices(take.angles)
    for frame in range(1, len(theirs)):
        turn_ours = np.arccos((np.trace(ours[frame - 1].T @ ours[frame]) - 1) / 2)
        turn_theirs = np.arccos((np.trace(theirs[frame - 1].T @ theirs[frame]) - 1) / 2)
        assert turn_ours == pytest.approx(turn_theirs, abs=1e-4)


def test_mean_rotation_of_opposite_turns_is_none() -> None:
    turns = rotation_matrices(np.array([[0.3, 0, 0], [-0.3, 0, 0], [0, 0.2, 0], [0, -0.2, 0]]))
    np.testing.assert_allclose(mean_rotation(turns), np.eye(3), atol=1e-9)
