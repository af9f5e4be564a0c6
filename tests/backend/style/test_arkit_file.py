from pathlib import Path

import numpy as np
import pytest

from backend.style import arkit_file
from backend.style.arkit_file import read_weights
from models.coefficients import ANGLES, EXPRESSION
from models.motion.motion import MotionError
from tests.face_models import EXPRESSIONS

UNITS = ("EyeBlinkLeft", "EyeBlinkRight", "JawOpen", "MouthPucker", "TongueOut")
HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")


def write(path: Path, seconds: float = 6.0, rate: int = 60, *, fraction: bool = True, head: bool = True) -> Path:
    """Live Link Face's table: the jaw swings once a second, the head turns by 0.2 radians."""
    lines = [",".join(("Timecode", "BlendShapeCount", *UNITS, *(HEAD if head else ())))]
    for i in range(round(seconds * rate)):
        second, frame = divmod(i + 17, rate)
        code = f"11:59:{50 + second:02d}:{frame:02d}" if second < 10 else f"12:00:{second - 10:02d}:{frame:02d}"
        jaw = 0.3 + 0.3 * np.sin(2 * np.pi * i / rate)
        pose = [f"{0.2 * np.sin(i / rate):.5f}", "0.1", "0"] if head else []
        lines.append(",".join([code + (".250" if fraction else ""), "61", "0", "0", f"{jaw:.5f}", "1.2", "0", *pose]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("rate", "fraction"), [(60, True), (30, False), (24, True)])
def test_weights_come_out_at_25_a_second(tmp_path, rate, fraction):
    read = read_weights(write(tmp_path / "a.csv", rate=rate, fraction=fraction), EXPRESSIONS, 60)
    assert abs(len(read.coefficients) - 150) <= 1 and read.has_head
    jaw = read.coefficients[:, EXPRESSION.start + EXPRESSIONS.index("jawOpen")]
    assert jaw == pytest.approx(0.3 + 0.3 * np.sin(2 * np.pi * np.arange(len(jaw)) / 25), abs=0.03)
    assert read.coefficients[:, EXPRESSION.start + EXPRESSIONS.index("mouthPucker")].max() == 1.0
    assert read.coefficients[:, ANGLES].std(axis=0)[1] > 0.1


def test_a_file_without_a_head_says_so(tmp_path):
    read = read_weights(write(tmp_path / "a.csv", head=False), EXPRESSIONS, 60)
    assert not read.has_head and not read.coefficients[:, ANGLES].any()


def test_only_so_much_is_read_as_asked(tmp_path):
    assert len(read_weights(write(tmp_path / "a.csv", 9), EXPRESSIONS, 4.0).coefficients) == 101


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("Timecode", "Time"), "no column Timecode"),
        (lambda text: text.replace("JawOpen", "Jaw"), "no column JawOpen"),
        (lambda text: text.replace("0.30000", "nan", 1), "expected a number"),
        (lambda text: text.replace("0.30000", "wide", 1), "'wide'"),
        (lambda text: text.replace(",61,", ",", 1), "line 2: expected 10 columns"),
        (lambda text: text.replace(":", "-"), "timecodes"),
        (lambda text: text.splitlines()[0], "0 frames"),
        (lambda text: "", "no column Timecode"),
    ],
)
def test_a_broken_table_is_one_error(tmp_path, change, said):
    path = write(tmp_path / "a.csv")
    path.write_text(change(path.read_text()))
    with pytest.raises(MotionError, match=said):
        read_weights(path, EXPRESSIONS, 60)


def test_a_table_that_is_far_too_large_is_one_error(tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv")
    rows = len(path.read_text().splitlines()) - 1
    monkeypatch.setattr(arkit_file, "MOST_ROWS", rows)
    read_weights(path, EXPRESSIONS, 60)
    monkeypatch.setattr(arkit_file, "MOST_ROWS", rows - 1)
    with pytest.raises(MotionError, match=f"more than {rows - 1} frames; cut"):
        read_weights(path, EXPRESSIONS, 60)
    (tmp_path / "wide.csv").write_text("Timecode" + ",JawOpen" * 500)
    with pytest.raises(MotionError, match="501 columns, at most 500"):
        read_weights(tmp_path / "wide.csv", EXPRESSIONS, 60)


def test_a_file_that_is_no_text_is_one_error(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("a.csv", "none.csv"):
        with pytest.raises(MotionError, match="cannot be read"):
            read_weights(tmp_path / name, EXPRESSIONS, 60)
