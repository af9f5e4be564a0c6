"""ARKit's 52 weights as CSV, as Epic's Live Link Face app records them: write and read (no bpy).

One header line `Timecode,BlendShapeCount,` and 61 columns: the 52 blend shapes with a capital letter, then yaw, pitch
and roll of the head, the left and the right eye in radians. Timecodes are HH:MM:SS:FF.mmm; FF counts frames of the
second and .mmm parts of a frame. Rows in which the app saw no face have a count of 0 and no values.

Epic documents no signs. The head's are those on which programs agree that talk with the app or stand in for it
(JimWest/MeFaMo, a receiver for VRM characters, a sender on ARKit): yaw is positive to the left, pitch upwards, and roll
where the left side rises; in ARKit's axes (ARFaceAnchor: x to the face's own left, y up, z out of the face)
R = Ry(yaw)·Rx(-pitch)·Rz(roll). Unreal's own ARKit plug-in of 4.2x has all three the other way round, and a phone that
lies on its side turns yaw and pitch about. No public recording with angles of a head was found to decide it.

The eyes' can be read from recordings, which hold each look twice, as shapes and as angles (alexdjulin/
LiveLinkFace-CSV-Retarget-For-Motionbuilder, JMTechArt/Pipeline-Examples): yaw is positive to the right, pitch down,
and the columns LeftEye… belong to the shapes …Right; 0.60 of a radian per unit of a shape.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..files.whole_file import whole_file
from ..motion.frames import angles_of, rotation_matrices
from .motion import eye_angles
from .tracks import Tracks, folded
from .units import ARKIT, INDEX, UNITS

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

# The app puts right before left for jaw and mouth; readers go by the names.
_SWAPPED: Final = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}
SHAPES: Final = tuple(_SWAPPED.get(name, name) for name in ARKIT)
ANGLES: Final = tuple(f"{part}{turn}" for part in ("Head", "LeftEye", "RightEye") for turn in ("Yaw", "Pitch", "Roll"))
HEADER: Final = ("Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in SHAPES), *ANGLES)
RATES: Final = (24, 25, 30, 48, 50, 60, 90, 100, 120)
USUAL_RATE: Final = 60  # of the app, for a recording too short to tell
LARGEST: Final = 256 << 20  # bytes; two hours have about 250 MB
LONGEST_GAPS: Final = 20  # frames without a face for every frame with one
_TIMECODE: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})[:;](\d{1,3})(?:\.(\d+))?$")


class CsvError(ValueError):
    """A file is not an ARKit CSV; the message says where and what to do."""


def write(tracks: Tracks, path: Path) -> None:
    """Write `tracks` at their own rate; the project's own units are turned into ARKit's.

    Raises:
        OSError: the folder cannot be written.
    """
    own = folded(tracks)
    shapes = np.clip(own.units[:, [INDEX[name] for name in SHAPES]], 0.0, 1.0)
    values = np.concatenate([shapes, head_turns(tracks.angles), _eye_turns(tracks)], axis=1)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for index, row in enumerate(values):
        writer.writerow([timecode(index, tracks.fps), len(row), *(f"{value:.8f}" for value in row)])
    with whole_file(path) as partial:
        partial.write_text(text.getvalue(), encoding="utf-8")


def timecode(index: int, fps: float) -> str:
    """HH:MM:SS:FF.mmm of frame `index`, counted from midnight."""
    base = int(np.ceil(fps - 1e-6))
    thousandths = round(index / fps * base * 1000)
    frames, part = divmod(thousandths, 1000)
    seconds, frame = divmod(frames, base)
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}.{part:03d}"


def head_turns(angles: Float32Array) -> Float64Array:
    """Yaw, pitch and roll (T, 3) for angles (T, 3) of a take."""
    turns = rotation_matrices(angles)
    yaw = np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    pitch = np.arcsin(np.clip(turns[:, 1, 2], -1.0, 1.0))
    roll = np.arctan2(turns[:, 1, 0], turns[:, 1, 1])
    return np.stack([yaw, pitch, roll], axis=1)


def angles_from(turns: Float64Array) -> Float32Array:
    """Angles (T, 3) of a take for yaw, pitch and roll (T, 3)."""
    yaw, pitch, roll = turns.T
    zero = np.zeros_like(yaw)

    def about(axis: int, angle: Float64Array) -> Float64Array:
        return rotation_matrices(np.stack([angle if axis == place else zero for place in range(3)], axis=1))

    return angles_of(about(1, yaw) @ about(0, -pitch) @ about(2, roll))


def _eye_turns(tracks: Tracks) -> Float64Array:
    """Yaw, pitch and roll (T, 6) as recordings have them: "LeftEye" is the eye of the shapes …Right."""
    eyes = []
    for eye in ("right eye", "left eye"):
        left, up = eye_angles(tracks, eye).T
        eyes += [-left, -up, np.zeros_like(up)]
    return np.stack(eyes, axis=1).astype(np.float64)


def read(path: Path, fps: float | None = None) -> Tracks:
    """The recording at `path`, on an even time axis at its own rate; rows without a face are filled in between.

    fps: frames per second that its timecodes count, for recordings too short to tell; None to find out.

    Raises:
        CsvError: there is no such file, or it is not such a recording.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CsvError(f"{path.name} has more than {LARGEST >> 20} MB; cut it into parts")
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except FileNotFoundError as error:
        raise CsvError(f"there is no file {path.name}; choose another") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CsvError(f"{path.name} cannot be read as text ({error}); export it again") from error
    columns = _columns(lines, path.name)
    rows = list(_rows(lines[1:], columns, path.name))
    if not rows:
        raise CsvError(f"{path.name} holds no frame with a face; record it again")
    base = fps or _rate([stamp for stamp, _ in rows])
    seconds = _seconds([stamp for stamp, _ in rows], base)
    length = round(float(seconds[-1]) * base) + 1
    if length > LONGEST_GAPS * len(rows) + 3600:
        raise CsvError(f"{path.name} has gaps of {seconds[-1] / 60:.0f} minutes in all; cut it into parts")
    even = np.arange(length) / base
    values = np.stack([np.interp(even, seconds, track) for track in np.array([row for _, row in rows]).T], axis=1)
    return _tracks(values, columns, base, path.stem)


def _tracks(values: Float64Array, columns: dict[str, int], fps: float, name: str) -> Tracks:
    units = np.zeros((len(values), len(UNITS)), dtype=np.float32)
    places = {column: place for place, column in enumerate(columns)}
    for shape in ARKIT:
        if shape.lower() in places:
            units[:, INDEX[shape]] = values[:, places[shape.lower()]]
    turns = np.zeros((len(values), 3))
    for axis, angle in enumerate(("headyaw", "headpitch", "headroll")):
        if angle in places:
            turns[:, axis] = values[:, places[angle]]
    return Tracks(units, angles_from(turns), np.zeros((len(values), 3), dtype=np.float32), float(fps), name)


def _columns(lines: Sequence[Sequence[str]], name: str) -> dict[str, int]:
    """{name in lower case: column} of the known columns."""
    known = {column.lower() for column in HEADER[2:]}
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    found = {cell: place for place, cell in enumerate(header) if cell in known}
    if header[:1] != ["timecode"] or not found:
        raise CsvError(f"{name} does not begin with Timecode, BlendShapeCount and ARKit's names; export it again")
    return found


def _rows(lines: Sequence[Sequence[str]], columns: dict[str, int], name: str) -> Iterator[tuple[str, list[float]]]:
    for number, cells in enumerate(lines, start=2):
        if len(cells) < 3:  # an empty line, or a frame without a face
            continue
        if not _TIMECODE.match(cells[0].strip()):
            raise CsvError(f"{name}, line {number}: {cells[0][:20]!r} is no timecode HH:MM:SS:FF; export it again")
        try:
            values = [float(cells[place]) for place in columns.values()]
        except (ValueError, IndexError) as error:
            raise CsvError(f"{name}, line {number}: expected {len(columns)} numbers; export it again") from error
        if not np.isfinite(values).all() or np.abs(values).max() > 100:
            raise CsvError(f"{name}, line {number}: a number is not finite or far too large; export it again")
        yield cells[0].strip(), values


def _rate(stamps: Sequence[str]) -> float:
    """Frames per second that the timecodes count: the smallest usual rate above the highest count within a second."""
    counts = [int(match.group(4)) for match in map(_TIMECODE.match, stamps) if match]
    if len({stamp.rsplit(":", 1)[0] for stamp in stamps}) < 2:
        return float(USUAL_RATE if max(counts) < USUAL_RATE else max(counts) + 1)
    return float(next((rate for rate in RATES if rate > max(counts)), max(counts) + 1))


def _seconds(stamps: Sequence[str], base: float) -> Float64Array:
    """Increasing times from the first row on; an even axis where timecodes stand still or jump back."""
    times = []
    for match in map(_TIMECODE.match, stamps):
        assert match is not None
        hours, minutes, seconds, frame = (int(match.group(place)) for place in range(1, 5))
        times.append(3600 * hours + 60 * minutes + seconds + (frame + float(f"0.{match.group(5) or 0}")) / base)
    midnight = np.cumsum(np.diff(times, prepend=times[0]) < -43200) * 86400.0
    seconds_ = np.array(times) + midnight
    if (np.diff(seconds_) <= 0).any():
        return np.arange(len(times)) / base
    return np.asarray(seconds_ - seconds_[0])
