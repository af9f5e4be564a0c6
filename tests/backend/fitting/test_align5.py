"""The paper's five-point alignment: what it must bring about, and every number against the original's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from backend.fitting.align5 import (
    AlignmentError,
    align,
    align_video,
    five_points,
    mouth_mask,
    standard_face,
)
from tests.golden import GOLDEN, needs

FILE = GOLDEN / "align" / "align.npz"
needs_golden = needs(FILE)

# A made-up standard face: eyes, nose, mouth corners.
STANDARD = np.array([[-0.3, 0.3, 0.1], [0.3, 0.3, 0.1], [0.0, -0.05, 0.5], [-0.25, -0.4, 0.2], [0.25, -0.4, 0.2]])


def seen(scale: float, centre: tuple[float, float]) -> np.ndarray:
    """The standard face from the front in a picture, y down: `scale` pixels a unit, its origin at `centre`."""
    return np.array(centre) + scale * STANDARD[:, :2] * [1, -1]


def test_five_points_of_sixty_eight():
    landmarks = np.arange(68 * 2, dtype=np.float64).reshape(68, 2)
    expected = [(36 + 39) / 2, (42 + 45) / 2, 30, 48, 54]
    np.testing.assert_array_equal(five_points(landmarks)[:, 0] / 2, expected)
    assert five_points(np.zeros((7, 68, 3))).shape == (7, 5, 3)


@pytest.mark.parametrize(("scale", "centre"), [(50.0, (120.0, 90.0)), (180.0, (250.0, 200.0))])
def test_faces_come_out_equally_large_and_in_the_middle(scale: float, centre: tuple[float, float]):
    alignment = align(seen(scale, centre), STANDARD, 400, 300)
    assert alignment.scale == pytest.approx(scale)
    placed = alignment.points(seen(scale, centre))
    assert placed.mean(axis=0) == pytest.approx([112, 112], abs=25)
    assert placed[1, 0] - placed[0, 0] == pytest.approx(0.6 * 102, abs=1e-6)


def test_the_picture_goes_where_the_points_go():
    picture = np.zeros((300, 400, 3), dtype=np.uint8)
    points = seen(90, (210, 140))
    column, row = points[2].astype(int)
    picture[row - 3 : row + 4, column - 3 : column + 4] = (10, 200, 90)
    alignment = align(points, STANDARD, 400, 300)
    square = alignment.image(picture)
    rows, columns = np.nonzero(square[..., 1] > 100)
    assert square.shape == (224, 224, 3)
    np.testing.assert_allclose([columns.mean(), rows.mean()], alignment.points(points)[2], atol=2.5)
    assert (square[int(rows.mean()), int(columns.mean())] == (10, 200, 90)).all()  # channels keep their order


def test_outside_of_the_picture_is_black():
    picture = np.full((100, 100, 3), 200, dtype=np.uint8)
    square = align(seen(60, (5, 50)), STANDARD, 100, 100).image(picture)
    assert not square[:, :40].any()
    assert (square[112, 150:190] == 200).all()


def test_frames_of_a_video_share_the_mean_scale_and_keep_their_own_offset():
    points = np.stack([seen(60, (100, 80)), seen(80, (110, 90))])
    first, second = align_video(points, STANDARD, 200, 200)
    apart = [align(frame, STANDARD, 200, 200) for frame in points]
    assert first.scale == second.scale == pytest.approx((apart[0].scale + apart[1].scale) / 2)
    assert (second.offset_x, second.offset_y) == (apart[1].offset_x, apart[1].offset_y)


def test_the_mouth_mask_fills_the_outer_lips():
    landmarks = np.zeros((68, 2))
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    landmarks[48:60] = 112.9 + 20 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    mask = mouth_mask(landmarks)
    assert mask[112, 112] == 255
    assert mask[112, 140] == mask[0, 0] == 0
    assert (mask > 0).sum() == pytest.approx(np.pi * 20**2, rel=0.1)


def test_the_standard_face_is_read_and_damage_named(tmp_path: Path):
    lm = np.random.default_rng(0).normal(size=(68, 3)).astype(np.float32)
    savemat(tmp_path / "good.mat", {"lm": lm})
    np.testing.assert_array_equal(standard_face(tmp_path / "good.mat"), five_points(lm))
    savemat(tmp_path / "short.mat", {"lm": lm[:60]})
    with pytest.raises(AlignmentError, match="shape"):
        standard_face(tmp_path / "short.mat")
    with pytest.raises(AlignmentError, match="not a similarity_Lm3D_all"):
        standard_face(tmp_path / "none.mat")


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (np.zeros((4, 2)), "expected landmarks of shape"),
        (np.full((5, 2), np.nan), "NaN"),
        (np.full((5, 2), 50.0), "coincide"),
    ],
)
def test_landmarks_that_cannot_be_aligned_are_refused(points: np.ndarray, words: str):
    with pytest.raises(AlignmentError, match=words):
        align(points, STANDARD, 100, 100)


def test_another_picture_is_refused():
    with pytest.raises(AlignmentError, match="expected a picture"):
        align(seen(60, (50, 50)), STANDARD, 100, 100).image(np.zeros((100, 90, 3), np.uint8))


@needs_golden
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_picture_equals_the_original(number: int):
    golden = np.load(FILE)
    picture, landmarks = golden[f"img{number}_bgr"], golden[f"lm68_{number}"]
    points = five_points(landmarks)
    np.testing.assert_array_equal(points, golden[f"lm5_{number}"])
    alignment = align(points, five_points(golden["lm3D_68"]), picture.shape[1], picture.shape[0])
    np.testing.assert_allclose(alignment.parameters, golden[f"trans{number}"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(alignment.scale, golden[f"pos_s{number}"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(alignment.points(points), golden[f"lm5_new{number}"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(alignment.points(landmarks), golden[f"lm68_aligned{number}"], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(alignment.image(picture), golden[f"aligned{number}"])


@needs_golden
def test_a_video_equals_the_original():
    golden = np.load(FILE)
    height, width = golden["video_bgr"].shape[1:3]
    points = five_points(golden["video_lm68"])
    for frame, alignment in enumerate(align_video(points, golden["lm3D"], width, height)):
        np.testing.assert_allclose(alignment.parameters, golden["video_trans"][frame], rtol=0, atol=1e-6)
        np.testing.assert_array_equal(alignment.image(golden["video_bgr"][frame]), golden["video_aligned"][frame])
        # The original forgot to turn y upwards here; turning it beforehand undoes our turning it.
        forgotten = points[frame] * [1, -1] + [0, height - 1]
        np.testing.assert_allclose(alignment.points(forgotten), golden["video_lm5_new"][frame], rtol=0, atol=1e-6)


@needs_golden
def test_mouths_in_a_video_equal_the_original():
    golden = np.load(FILE)
    height, width = golden["video_bgr"].shape[1:3]
    for frame, landmarks in enumerate(golden["video_lm68"]):
        placed = align(five_points(landmarks), golden["lm3D"], width, height).points(landmarks)
        np.testing.assert_allclose(placed, golden["video_lm68_aligned"][frame], rtol=0, atol=1e-6)
        np.testing.assert_array_equal(placed.astype(np.int32), golden["video_lm68_aligned_int32"][frame])
        if frame == 0:
            np.testing.assert_array_equal(mouth_mask(placed), golden["mouth_mask0"])
