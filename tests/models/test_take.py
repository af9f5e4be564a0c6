from pathlib import Path

import numpy as np
import pytest

from models.take import Take, TakeError, load, save

META = {"face_model": {"name": "open_head", "sha256": "0" * 64}, "style": "calm", "seed": 3}


def make_take() -> Take:
    return Take(np.random.default_rng(0).standard_normal((7, 257)).astype(np.float32), 25.0, META)


def test_a_take_comes_back_as_it_was(tmp_path: Path) -> None:
    take = make_take()
    save(take, tmp_path / "new folder" / "take.npz")
    back = load(tmp_path / "new folder" / "take.npz")
    np.testing.assert_array_equal(back.coefficients, take.coefficients)
    assert back.fps == 25.0 and back.meta == META and back.seconds == pytest.approx(7 / 25)


def test_equal_takes_are_equal_bytes_and_leave_nothing_behind(tmp_path: Path) -> None:
    save(make_take(), tmp_path / "a.npz")
    save(make_take(), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npz", "b.npz"]


def test_a_take_needs_no_pickle_and_pickles_are_refused(tmp_path: Path) -> None:
    save(make_take(), tmp_path / "take.npz")
    with np.load(tmp_path / "take.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)
    np.savez(tmp_path / "bad.npz", coefficients=np.zeros((1, 257)), fps=25.0, meta=np.array([{}], dtype=object))
    with pytest.raises(TakeError, match="not a readable take"):
        load(tmp_path / "bad.npz")


@pytest.mark.parametrize("keep", [0, 10, 200, -50])
def test_a_truncated_take_is_one_clear_error(tmp_path: Path, keep: int) -> None:
    save(make_take(), tmp_path / "take.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "take.npz").read_bytes()[:keep])
    with pytest.raises(TakeError, match=r"cut\.npz"):
        load(tmp_path / "cut.npz")


def test_missing_foreign_and_newer_files_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="no take at"):
        load(tmp_path / "none.npz")
    np.savez(tmp_path / "foreign.npz", coefficients=np.zeros((1, 257)), fps=25.0, meta=np.array("{}"))
    with pytest.raises(TakeError, match="not a take"):
        load(tmp_path / "foreign.npz")
    newer = '{"format": "style-avatar/take", "format_version": 99, "face_model": {"name": "x", "sha256": "y"}}'
    np.savez(tmp_path / "newer.npz", coefficients=np.zeros((1, 257)), fps=25.0, meta=np.array(newer))
    with pytest.raises(TakeError, match="update Style Avatar"):
        load(tmp_path / "newer.npz")


def test_a_take_must_name_its_face_model_and_a_sane_rate() -> None:
    with pytest.raises(TakeError, match="face model"):
        Take(np.zeros((1, 257), np.float32), 25.0, {})
    with pytest.raises(TakeError, match="frames per second"):
        Take(np.zeros((1, 257), np.float32), 0.0, META)
