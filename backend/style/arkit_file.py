"""Recorded face weights as coefficients: CSV as the Live Link Face app writes it.

A header `Timecode,BlendShapeCount,EyeBlinkLeft,…,HeadYaw,HeadPitch,HeadRoll,…` and a row for each frame; a timecode
is hours:minutes:seconds:frame, the frame with or without a fraction. Names count without regard to case.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from models.coefficients import FPS, Float32Array, assemble
from models.motion.motion import MotionError

FloatArray = NDArray[np.float64]

HEAD: Final = ("headpitch", "headyaw", "headroll")  # about x, y, z, in radians
RATES: Final = (10.0, 120.0)  # frames a second
MOST_ROWS: Final = 100_000  # half an hour of an iPhone
MOST_COLUMNS: Final = 500  # Live Link Face writes 63
_NOT_UNITS: Final = frozenset({"timecode", "blendshapecount", *HEAD})


@dataclass(frozen=True, eq=False)
class Weights:
    """coefficients: (T, 257) at 25 per second; has_head: whether head angles were recorded; seconds: of the file."""

    coefficients: Float32Array
    has_head: bool
    seconds: float


def read_weights(path: Path, unit_names: Sequence[str], longest: float) -> Weights:
    """The first `longest` seconds of a CSV of weights, for a face model whose 64 units are called `unit_names`.

    Columns that the face model lacks are left out, units that the file lacks rest.

    Raises:
        MotionError: the file cannot be read, has no timecode or no known units, holds something else than numbers, or
            is far too large.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names, codes, rows = _table(file, path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MotionError(f"{path} cannot be read as a CSV of face weights: {error}") from error
    columns = {name: i for i, name in enumerate(names)}
    known = [(unit, columns[unit.lower()]) for unit in unit_names if unit.lower() in columns]
    if not any(unit == "jawOpen" for unit, _ in known):
        raise MotionError(
            f"{path} has no column JawOpen; export it from Live Link Face, or rename its columns as ARKit does"
        )
    times = np.arange(len(rows)) / _rate(codes, path)
    even = np.arange(0.0, min(times[-1], longest) + 1e-6, 1 / FPS)
    expression = np.zeros((len(even), 64), np.float32)
    for unit, column in known:
        expression[:, list(unit_names).index(unit)] = np.clip(np.interp(even, times, rows[:, column]), 0, 1)
    has_head = set(HEAD) <= set(columns) and bool(np.ptp(rows[:, [columns[name] for name in HEAD]], axis=0).any())
    angles = np.zeros((len(even), 3), np.float32)
    if has_head:
        for axis, name in enumerate(HEAD):
            angles[:, axis] = np.interp(even, times, np.unwrap(rows[:, columns[name]]))
    still = np.zeros(80, np.float32)
    coefficients = assemble(still, expression, still, angles, np.zeros(27, np.float32), np.zeros(3, np.float32))
    return Weights(coefficients, has_head, float(times[-1]))


def _table(file: TextIO, path: Path) -> tuple[list[str], list[str], FloatArray]:
    """Lower-case column names, timecodes and numbers (T, columns)."""
    lines: Iterator[list[str]] = csv.reader(file)
    names = [name.strip().lower() for name in next(lines, [])]
    if "timecode" not in names:
        raise MotionError(f"{path} has no column Timecode; export the CSV from Live Link Face")
    if len(names) > MOST_COLUMNS:
        raise MotionError(f"{path} has {len(names)} columns, at most {MOST_COLUMNS} are taken; leave out the others")
    place = names.index("timecode")
    codes: list[str] = []
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(names):
            raise MotionError(f"{path}, line {number}: expected {len(names)} columns, got {len(line)}")
        if len(rows) == MOST_ROWS:
            raise MotionError(f"{path} holds more than {MOST_ROWS} frames; cut out the minute to be measured")
        codes.append(line[place])
        rows.append([0.0 if i == place else _number(cell, path, number) for i, cell in enumerate(line)])
    if len(rows) < 2:
        raise MotionError(f"{path} holds {len(rows)} frames; record 5 to 20 seconds of talking")
    return names, codes, np.array(rows)


def _number(cell: str, path: Path, line: int) -> float:
    try:
        value = float(cell or 0)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise MotionError(f"{path}, line {line}: expected a number, got {cell!r}")
    return value


def _rate(codes: Sequence[str], path: Path) -> float:
    """Frames a second, counted between the first and the last change of the timecode's second."""
    whole = [code.rpartition(":")[0] for code in codes]  # hours:minutes:seconds
    changes = [i for i in range(1, len(whole)) if whole[i] != whole[i - 1]]
    if len(changes) < 2:
        raise MotionError(f"{path}: its timecodes span less than 2 seconds, or are not hours:minutes:seconds:frame")
    rate = (changes[-1] - changes[0]) / (len(changes) - 1)
    if not RATES[0] <= rate <= RATES[1]:
        raise MotionError(f"{path}: its timecodes give {rate:.1f} frames a second, which no face recording has")
    return rate
