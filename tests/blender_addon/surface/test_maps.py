"""The small maps: periodic, the same every time, and with what they promise."""

import numpy as np
import pytest

from blender_addon.surface import maps

SIZE = 128


@pytest.mark.parametrize("make", [maps.pore_map, maps.lip_map])
def test_tiles_are_unit_normals_without_a_seam(make: object) -> None:
    tile = make(SIZE)  # type: ignore[operator]
    assert tile.shape == (SIZE, SIZE, 4) and tile.dtype == np.uint8
    np.testing.assert_array_equal(tile, make(SIZE))  # type: ignore[operator]
    normal = tile[..., :3] / 127.5 - 1
    np.testing.assert_allclose(np.linalg.norm(normal, axis=2), 1, atol=0.02)
    assert abs(normal[..., :2].mean()) < 0.02 and normal[..., 2].mean() > 0.8
    for axis in (0, 1):
        steps = np.abs(np.diff(np.concatenate([normal, normal.take([0], axis)], axis), axis=axis)).mean((1 - axis, 2))
        assert steps[-1] < 1.5 * steps[:-1].max()  # where the tile meets itself


def test_pores_are_pits() -> None:
    tile = maps.pore_map(256).astype(float)
    pit = tile[..., 3] < 130
    assert 0.005 < pit.mean() < 0.2
    left, right = pit & ~np.roll(pit, 1, axis=1), pit & ~np.roll(pit, -1, axis=1)
    assert tile[left][:, 0].mean() > 135 and tile[right][:, 0].mean() < 120  # both walls face the middle


def test_lip_lines_run_along_v() -> None:
    tile = maps.lip_map().astype(float) - 127.5
    assert np.abs(tile[..., 0]).mean() > 1.5 * np.abs(tile[..., 1]).mean()


def test_the_eye_has_a_pupil_an_iris_a_rim_and_a_warm_white() -> None:
    eye = maps.eye_map(256).astype(float) / 127.5
    axis = (np.arange(256) + 0.5) / 128 * maps.EYE_REACH - maps.EYE_REACH
    radius = np.hypot(*np.meshgrid(axis, axis))
    assert eye[radius < 0.3, :3].max() < 0.1
    iris, rim = eye[(radius > 0.5) & (radius < 0.75), :3], eye[(radius > 0.96) & (radius < 1.0), :3]
    assert 0.9 < iris.mean() < 1.5 and rim.mean() < 0.7 * iris.mean() and iris.std() > 0.1
    near, far = eye[(radius > 1.3) & (radius < 1.6)].mean(axis=0), eye[radius > 2.1].mean(axis=0)
    assert near[0] - near[2] < far[0] - far[2] and far[0] > far[2] + 0.1
