from pathlib import Path

import numpy as np
import pytest

from blender_addon.files import take_file
from models import coefficients as layout
from models import take as models_take


def test_layout_is_the_backends() -> None:
    names = ("IDENTITY", "EXPRESSION", "ALBEDO", "ANGLES", "TRANSLATION", "WIDTH")
    assert {name: getattr(take_file, name) for name in names} == {name: getattr(layout, name) for name in names}
    assert (take_file.FORMAT, take_file.VERSION) == (models_take.FORMAT, models_take.VERSION)


def test_reads_what_the_backend_writes(take_path: Path) -> None:
    written, read = models_take.load(take_path), take_file.load(take_path)
    np.testing.assert_array_equal(read.coefficients, written.coefficients)
    assert (read.fps, dict(read.meta)) == (written.fps, dict(written.meta))
    np.testing.assert_array_equal(read.expression, written.coefficients[:, 80:144])
    np.testing.assert_array_equal(read.translation, written.coefficients[:, 254:257])


def rewritten(source: Path, target: Path, **changes: object) -> Path:
    with np.load(source) as archive:
        np.savez(target, **{**{name: archive[name] for name in archive.files}, **changes})
    return target


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(take_file.TakeFileError, match=r"no take at .*gone\.npz"):
        take_file.load(tmp_path / "gone.npz")


def test_other_archives_are_refused(tmp_path: Path, head_path: Path) -> None:
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(take_file.TakeFileError, match="not a readable take"):
        take_file.load(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(take_file.TakeFileError, match="not a readable take"):
        take_file.load(tmp_path / "text.npz")


def test_newer_format_asks_for_an_update(tmp_path: Path, take_path: Path) -> None:
    newer = rewritten(
        take_path, tmp_path / "new.npz", meta=np.array('{"format": "style-avatar/take", "format_version": 9}')
    )
    with pytest.raises(take_file.TakeFileError, match="format 9"):
        take_file.load(newer)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"coefficients": np.zeros((4, 12), np.float32)}, "257"),
        ({"coefficients": np.zeros((0, 257), np.float32)}, "257"),
        ({"coefficients": np.full((4, 257), np.nan, np.float32)}, "finite"),
        ({"fps": np.float64(0)}, "frames per second"),
    ],
)
def test_damaged_takes_are_refused(tmp_path: Path, take_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(take_file.TakeFileError, match=message):
        take_file.load(rewritten(take_path, tmp_path / "bad.npz", **changes))


def test_pickles_are_never_read(tmp_path: Path, take_path: Path) -> None:
    bad = rewritten(take_path, tmp_path / "bad.npz", coefficients=np.array([{"a": 1}], dtype=object))
    with pytest.raises(take_file.TakeFileError, match="not a readable take"):
        take_file.load(bad)
