"""A head that speaks smoothly, and how to look at it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from tests.blender_addon.conftest import world_positions

FRAMES = (1, 5, 18, 33, 40)


@pytest.fixture
def animated(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    from blender_addon.building.build import Options, Timer, build

    smooth = np.array([np.convolve(track, np.full(5, 0.2), mode="same") for track in take.coefficients.T]).T
    smooth[:, :80] = take.coefficients[:, :80]
    calm = TakeFile(np.ascontiguousarray(smooth, dtype=np.float32), take.fps, take.meta)
    return build(head, calm, Options(staged=False), Timer(lambda *_: None))


def shown(blender: Any, head_object: Any) -> np.ndarray:
    """(5, V, 3) where the vertices are in `FRAMES`."""
    positions = []
    for frame in FRAMES:
        blender.context.scene.frame_set(frame)
        positions.append(world_positions(head_object))
    return np.array(positions)


def face_action(head_object: Any) -> Any:
    return head_object.data.shape_keys.animation_data.action


def curve_of(head_object: Any, name: str) -> Any:
    """The curve of a shape key in the Action that is assigned."""
    from blender_addon import compat

    path = f'key_blocks["{name}"].value'
    return next(one for one in compat.curves_of(head_object.data.shape_keys) if one.data_path == path)


def make_bezier(head_object: Any, name: str, points: list[tuple[float, float]]) -> Any:
    """Let a hand-made Bézier with long handles move a shape key."""
    curve = curve_of(head_object, name)
    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(points))
    for point, place in zip(curve.keyframe_points, points, strict=True):
        point.co, point.interpolation = place, "BEZIER"
        point.handle_left_type = point.handle_right_type = "FREE"
        point.handle_left = (place[0] - 4.0, place[1] - 0.3)
        point.handle_right = (place[0] + 4.0, place[1] + 0.3)
    curve.update()
    return curve
