"""ARKit CSV out and in again; recordings as the app makes them; files that are none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.motion.frames import rotation_matrices
from blender_addon.retarget import arkit_csv
from blender_addon.retarget.arkit_csv import HEADER, CsvError, angles_from, head_turns
from blender_addon.retarget.tracks import folded
from blender_addon.retarget.units import ARKIT, INDEX
from tests.blender_addon.characters import speaking, tracks_of

HEAD = ",".join(HEADER)


def recording(path: Path, stamps: list[str], jaw: list[float]) -> Path:
    place = HEADER.index("JawOpen")
    rows = [[stamp, "61", *["0"] * 61] for stamp in stamps]
    for row, value in zip(rows, jaw, strict=True):
        row[place] = str(value)
    path.write_text("\n".join([HEAD, *(",".join(row) for row in rows)]) + "\n")
    return path


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 60.0])
def test_what_is_written_is_read(tmp_path: Path, fps: float) -> None:
    from dataclasses import replace

    tracks = replace(speaking(100), fps=fps)
    arkit_csv.write(tracks, tmp_path / "voice.csv")
    again = arkit_csv.read(tmp_path / "voice.csv")
    assert again.fps == fps and len(again) == 100 and again.name == "voice"
    own = folded(tracks)
    columns = [INDEX[name] for name in ARKIT]
    np.testing.assert_allclose(again.units[:, columns], np.clip(own.units[:, columns], 0, 1), atol=1e-6)
    np.testing.assert_allclose(again.angles, tracks.angles, atol=1e-6)


def test_the_format_of_the_app(tmp_path: Path) -> None:
    arkit_csv.write(speaking(30), tmp_path / "voice.csv")
    lines = (tmp_path / "voice.csv").read_text().splitlines()
    header = lines[0].split(",")
    assert header[:3] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft"] and len(header) == 63
    assert header[16:19] == ["JawForward", "JawRight", "JawLeft"] and header[53] == "TongueOut"
    assert header[54:58] == ["HeadYaw", "HeadPitch", "HeadRoll", "LeftEyeYaw"] and header[62] == "RightEyeRoll"
    assert lines[26].startswith("00:00:01:00.000,61,")


def test_timecodes_count_frames_of_the_second() -> None:
    assert arkit_csv.timecode(61, 60.0) == "00:00:01:01.000"
    assert arkit_csv.timecode(25 * 3723, 25.0) == "01:02:03:00.000"
    assert arkit_csv.timecode(1, 30000 / 1001) == "00:00:00:01.001"


def test_frames_without_a_face_are_filled_in(tmp_path: Path) -> None:
    stamps = [f"23:59:59:{frame:02d}.000" for frame in range(60)] + [f"00:00:00:{frame:02d}.000" for frame in range(60)]
    path = recording(tmp_path / "a.csv", stamps, list(np.linspace(0, 1, 120)))
    lines = path.read_text().splitlines()
    lines[40:50] = [line.split(",")[0] + ",0" for line in lines[40:50]]
    path.write_text("\n".join(lines))
    tracks = arkit_csv.read(path)
    assert tracks.fps == 60.0 and len(tracks) == 120, "also past midnight"
    np.testing.assert_allclose(tracks.unit("jawOpen"), np.linspace(0, 1, 120), atol=1e-6)


def test_a_short_recording_counts_as_told(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.csv", [f"10:00:00:{frame:02d}.000" for frame in range(10)], [0.0] * 10)
    assert arkit_csv.read(path).fps == 60.0
    assert arkit_csv.read(path, 25.0).fps == 25.0


def test_columns_go_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Timecode,BlendshapeCount,mouthPucker,JAWOPEN,Unknown\n1:00:00:00,2,0.25,0.5,7\n")
    tracks = arkit_csv.read(path)
    assert tracks.unit("jawOpen")[0] == 0.5 and tracks.unit("mouthPucker")[0] == 0.25


BAD = [
    ("", "does not begin"),
    ("a,b,c\n1,2,3\n", "does not begin"),
    (f"{HEAD}\n", "no frame"),
    ("Timecode,BlendShapeCount,JawOpen\nnoon,1,0.5\n", "line 2.*timecode"),
    ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00,1,wide\n", "line 2.*numbers"),
    ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00,1,nan\n", "line 2.*finite"),
    ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00,1,1e9\n", "line 2.*finite"),
    ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00,1,0\n09:00:00:00,1,0\n", "gaps"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_other_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(CsvError, match=said):
        arkit_csv.read(tmp_path / "a.csv")
    with pytest.raises(CsvError, match="no file"):
        arkit_csv.read(tmp_path / "b.csv")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(b"Timecode,BlendShapeCount,JawOpen\n" + data)
    try:
        tracks = arkit_csv.read(path)
    except CsvError:
        return
    assert np.isfinite(tracks.units).all()


@given(*(st.floats(-1.2, 1.2) for _ in range(3)))
def test_turns_and_back(yaw: float, pitch: float, roll: float) -> None:
    turns = np.array([[yaw, pitch, roll]])
    np.testing.assert_allclose(head_turns(angles_from(turns)), turns, atol=1e-5)


def written(path: Path, **units: Any) -> dict[str, np.ndarray]:
    """{column: values} of a file with these units and angles."""
    arkit_csv.write(tracks_of(3, **units), path)
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    return dict(zip(header[2:], np.array([row[2:] for row in rows], dtype=float).T, strict=True))


TURNED = [
    ("HeadYaw", (0.0, 0.3, 0.0), (1.0, 0.0, 0.0), "the nose goes to the subject's left"),
    ("HeadPitch", (-0.3, 0.0, 0.0), (0.0, 1.0, 0.0), "the nose goes up"),
]


@pytest.mark.parametrize(("column", "angles", "nose", "what"), TURNED)
def test_signs_of_the_head(
    tmp_path: Path, column: str, angles: tuple[float, ...], nose: tuple[float, ...], what: str
) -> None:
    found = written(tmp_path / "a.csv", angles=np.tile(angles, (3, 1)))
    ahead = rotation_matrices(np.array(angles, dtype=np.float32)) @ [0.0, 0.0, 1.0]
    assert ahead @ nose == pytest.approx(np.sin(0.3), abs=1e-6), what
    assert found[column][0] == pytest.approx(0.3, abs=1e-6)
    others = {"HeadYaw", "HeadPitch", "HeadRoll"} - {column}
    assert all(abs(found[other][0]) < 1e-6 for other in others)


def test_a_roll_is_positive_where_the_left_side_rises(tmp_path: Path) -> None:
    angles = np.array([0.0, 0.0, 0.2], dtype=np.float32)
    assert (rotation_matrices(angles) @ [1.0, 0.0, 0.0])[1] > 0
    assert written(tmp_path / "a.csv", angles=np.tile(angles, (3, 1)))["HeadRoll"][0] == pytest.approx(0.2, abs=1e-6)


def test_eyes_have_the_signs_of_recordings(tmp_path: Path) -> None:
    found = written(tmp_path / "a.csv", eyeLookOutLeft=0.6, eyeLookInRight=0.7, eyeLookUpLeft=0.2, eyeLookUpRight=0.2)
    assert found["LeftEyeYaw"][0] < found["RightEyeYaw"][0] < 0, "to the left; the column LeftEye has the shapes' right"
    assert found["LeftEyePitch"][0] < 0 and found["RightEyePitch"][0] < 0, "upwards"
