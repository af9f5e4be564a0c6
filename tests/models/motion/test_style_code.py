import os
import pickle
from dataclasses import fields

import numpy as np
import pytest

from models.coefficients import EXPRESSION, WIDTH
from models.motion.style_code import (
    StyleCodeError,
    StyleStatistics,
    interpolate,
    measure,
    pose_of,
    read_code,
    read_codes,
    read_statistics,
    style_code,
)
from tests.golden import GOLDEN, needs

FOLDER = GOLDEN / "style"
needs_golden = needs(FOLDER)


def original_rows(width, mean=0.0, deviation=1.0):
    row = np.ones(width, np.float32)
    return {"s_m": mean * row, "s_s": deviation * row, "d_s_m": mean * row, "d_s_s": deviation * row}


PLAIN = StyleStatistics.from_original(original_rows(64), original_rows(7))


def test_parts_lie_in_their_places():
    frames = np.arange(40)
    expression, pose = np.zeros((40, 64)), np.zeros((40, 7))
    expression[:, 2] = np.where(frames % 2, 3.0, -3.0)
    pose[:, 5] = np.where(frames % 2, 1.0, -1.0)
    code = style_code(expression, pose, PLAIN)
    assert code.dtype == np.float32
    assert {int(i) for i in np.flatnonzero(code)} == {2, 64 + 2, 128 + 5}
    assert np.allclose(code[[2, 66, 133]], [3.0, 6.0, 2.0], atol=1e-2)


def test_codes_are_deviations_from_the_statistics():
    expression = np.random.default_rng(2).normal(size=(50, 64))
    shifted = StyleStatistics.from_original(original_rows(64, 0.25, 2.0), original_rows(7, 0.25, 2.0))
    plain = style_code(expression, np.zeros((50, 7)), PLAIN)
    assert np.allclose(style_code(expression, np.zeros((50, 7)), shifted), (plain - 0.25) / 2, atol=1e-6)


def test_styles_between_two():
    first, second = np.zeros(135, np.float32), np.full(135, 4.0, np.float32)
    assert np.array_equal(interpolate(first, second, 0.25), np.full(135, 1.0))
    assert interpolate(first, second, [0.0, 0.5, 1.5])[:, 0].tolist() == [0.0, 2.0, 6.0]


def test_styles_of_a_file(tmp_path):
    codes = np.arange(3 * 135, dtype=np.float32).reshape(3, 135)
    np.save(tmp_path / "sty.npy", codes)
    np.save(tmp_path / "one#1.npy", codes[1])
    assert np.array_equal(read_codes(tmp_path / "sty.npy"), codes)
    assert np.array_equal(read_code(f"{tmp_path}/sty.npy#2"), codes[2])
    assert np.array_equal(read_code(f"{tmp_path}/one#1.npy#0"), codes[1])
    with pytest.raises(StyleCodeError, match="styles 0 to 2, got #3"):
        read_code(f"{tmp_path}/sty.npy#3")
    with pytest.raises(StyleCodeError, match="holds 3 styles; choose one"):
        read_code(f"{tmp_path}/sty.npy")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((2, 134)), r"expected codes \(N, 135\)"),
        (np.full((1, 135), np.nan), "NaN"),
        (np.array([{"run": "me"}], dtype=object), "not a plain .npy"),
        (np.array(["text"]), "expected real numbers"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    np.save(tmp_path / "bad.npy", content)
    with pytest.raises(StyleCodeError, match=message):
        read_codes(tmp_path / "bad.npy")
    with pytest.raises(StyleCodeError, match="cannot be read"):
        read_codes(tmp_path / "none.npy")


def test_bad_input_is_named():
    with pytest.raises(StyleCodeError, match="at least 2 frames, got 1"):
        style_code(np.zeros((1, 64)), np.zeros((1, 7)), PLAIN)
    with pytest.raises(StyleCodeError, match="of the same clip"):
        style_code(np.zeros((9, 64)), np.zeros((8, 7)), PLAIN)
    with pytest.raises(StyleCodeError, match="exp_mean_std to hold d_s_m"):
        StyleStatistics.from_original({"s_m": 0, "s_s": 0, "d_s_s": 0}, original_rows(7))
    with pytest.raises(StyleCodeError, match="above 0"):
        StyleStatistics.from_original(original_rows(64, deviation=0.0), original_rows(7))


def test_statistics_of_the_originals_pickles(tmp_path):
    expression, pose = tmp_path / "exp_mean_std.pkl", tmp_path / "pose_mean_std.pkl"
    expression.write_bytes(pickle.dumps(original_rows(64, 0.25, 2.0), protocol=3))
    pose.write_bytes(pickle.dumps(original_rows(7, 0.5, 3.0), protocol=3))
    statistics = read_statistics(expression, pose)
    assert (statistics.expression_mean == 0.25).all()
    assert (statistics.expression_change_deviation == 2.0).all()
    assert (statistics.pose_change_deviation == 3.0).all()
    with pytest.raises(StyleCodeError, match=r"expression_mean of shape \(64,\), got \(7,\)"):
        read_statistics(pose, pose)


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("made_by_a_pickle",)


def test_hostile_statistics_do_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "exp_mean_std.pkl"
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(StyleCodeError, match="not a file of style statistics"):
        read_statistics(path, path)
    assert not (tmp_path / "made_by_a_pickle").exists()
    path.write_bytes(pickle.dumps([1.0]))
    with pytest.raises(StyleCodeError, match="named rows, got a list"):
        read_statistics(path, path)
    with pytest.raises(StyleCodeError, match="cannot be read"):
        read_statistics(tmp_path / "none.pkl", path)


def test_measuring_normalises_the_pose_first():
    coefficients = np.random.default_rng(3).normal(0, 0.05, (60, WIDTH)).astype(np.float32)
    raw = style_code(coefficients[:, EXPRESSION], pose_of(coefficients), PLAIN)
    measured = measure(coefficients, PLAIN)
    assert np.array_equal(measured[:128], raw[:128])
    assert (measured[128:] < 0.7 * raw[128:]).all()  # jitter from frame to frame is smoothed away


@needs_golden
@pytest.mark.parametrize("clip", ["a", "b"])
def test_golden_codes(clip):
    if not (FOLDER / "exp_mean_std.npz").is_file():
        pytest.skip("golden style/exp_mean_std.npz is not here")
    golden = np.load(FOLDER / "style_code.npz")
    statistics = StyleStatistics.from_original(
        np.load(FOLDER / "exp_mean_std.npz"), np.load(FOLDER / "pose_mean_std.npz")
    )
    coefficients = golden[f"coeff_{clip}"]
    assert np.allclose(pose_of(coefficients), golden[f"pose_{clip}"], atol=1e-6)
    raw = style_code(coefficients[:, EXPRESSION], golden[f"pose_{clip}"], statistics)
    assert np.allclose(raw, golden[f"style_raw_{clip}"], atol=1e-5)
    assert np.allclose(pose_of(golden[f"coeff_norm_{clip}"]), golden[f"pose_norm_{clip}"], atol=1e-6)
    assert np.allclose(measure(coefficients, statistics), golden[f"style_norm_{clip}"], atol=1e-4)


@needs_golden
def test_golden_example_styles():
    if not (FOLDER / "sty.npy").is_file():
        pytest.skip("golden style/sty.npy is not here")
    codes, expected = read_codes(FOLDER / "sty.npy"), np.load(FOLDER / "sty_statistics.npz")
    assert np.allclose(codes.mean(axis=1), expected["per_style_mean"], atol=1e-6)
    assert np.allclose(codes.std(axis=0), expected["per_dim_std"], atol=1e-6)
    assert np.array_equal(read_code(f"{FOLDER / 'sty.npy'}#3"), codes[3])


@needs_golden
def test_golden_statistics_are_the_same_in_both_containers():
    if not (FOLDER / "exp_mean_std.pkl").is_file():
        pytest.skip("golden style/exp_mean_std.pkl is not here")
    pickled = read_statistics(FOLDER / "exp_mean_std.pkl", FOLDER / "pose_mean_std.pkl")
    plain = StyleStatistics.from_original(np.load(FOLDER / "exp_mean_std.npz"), np.load(FOLDER / "pose_mean_std.npz"))
    for field in fields(StyleStatistics):
        assert np.array_equal(getattr(pickled, field.name), getattr(plain, field.name)), field.name
