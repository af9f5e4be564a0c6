from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.motion.frames import EULER_ORDER, angles_of, directions, eulers, rotation_matrices
from blender_addon.motion.pose import mean_rotation, pose_keys
from models.face.camera import rotation
from tests.blender_addon.conftest import in_blender, placed


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


def test_every_vertex_moves_as_the_take_says(head: HeadFile, take: TakeFile) -> None:
    neutral = head.shape(take.identity)
    pivot = head.neck_pivot(neutral)
    keys = pose_keys(take.angles, take.translation, pivot, "take")
    offsets = []
    for frame in (0, 13, 39):
        shape = neutral + np.tensordot(take.expression[frame], head.expression_basis, axes=1)
        offsets.append(in_blender(placed(head, take, frame)) - moved(keys, pivot, shape, frame))
    assert np.ptp(np.concatenate(offsets), axis=0).max() < 1e-6
    np.testing.assert_allclose(offsets[0][0], keys.rest_location, atol=1e-6)


def test_the_head_stands_at_the_origin(take: TakeFile) -> None:
    for mode in ("take", "upright"):
        keys = pose_keys(take.angles, take.translation, np.zeros(3, np.float32), mode)
        np.testing.assert_allclose(keys.location.mean(axis=0), 0, atol=1e-6)


def test_a_nod_about_the_neck_is_all_rotation(take: TakeFile) -> None:
    pivot = np.array([0.0, -1.1, -0.9], np.float32)
    about_pivot = (pivot - rotation_matrices(take.angles) @ pivot).astype(np.float32)
    assert np.abs(about_pivot).max() > 0.2
    np.testing.assert_allclose(pose_keys(take.angles, about_pivot, pivot).location, 0, atol=1e-6)


def test_upright_takes_one_rigid_motion_away(head: HeadFile, take: TakeFile) -> None:
    pivot = head.neck_pivot(head.shape(take.identity))
    keys = pose_keys(take.angles, take.translation, pivot, "upright")
    assert np.abs(keys.rotation.mean(axis=0)).max() < 0.01
    assert np.abs(eulers(take.angles).mean(axis=0)).max() > 0.2
    mathutils = blender_mathutils()
    rest = np.array(mathutils.Euler(keys.rest_rotation, EULER_ORDER).to_matrix())
    points = head.mean_shape
    for frame in (0, 13, 39):
        expected = points @ rotation_matrices(take.angles)[frame].T + take.translation[frame]
        restored = moved(keys, pivot, points, frame) @ rest.T + keys.rest_location
        np.testing.assert_allclose(restored, in_blender(expected), atol=1e-6)


def test_mean_rotation_of_opposite_turns_is_none() -> None:
    turns = rotation_matrices(np.array([[0.3, 0, 0], [-0.3, 0, 0], [0, 0.2, 0], [0, -0.2, 0]]))
    np.testing.assert_allclose(mean_rotation(turns), np.eye(3), atol=1e-9)
