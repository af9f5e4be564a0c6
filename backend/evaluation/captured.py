"""Captured talking motion on the open head's units, to measure against.

Two layouts, told apart by what lies in a folder: `NAME.csv` with ARKit's names as header beside `NAME.ogg` (a tracked
mouth; frames per second from `fps` in `NAME.npz`, else 30), or `NAME.npz` with `mediapipe_blendshapes` (T, 52),
`mediapipe_names` and `mediapipe_transforms` (T, 16) row-major beside `NAME.ogg`. ARKit's names are the open head's own,
so weights go over one to one, left out where the head has no such unit; amplitudes are the source rig's.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import resample_poly
from scipy.spatial.transform import Rotation

from models.coefficients import FPS
from models.motion.motion import Float32Array, FloatArray

SOUND: Final = (".ogg", ".wav", ".flac")
CSV_FPS: Final = 30.0


class CapturedMotionError(ValueError):
    """A folder does not hold captured motion in a known layout; the message says what is expected."""


@dataclass(frozen=True, eq=False)
class Captured:
    """One take at 25 frames a second: expression (T, 64), degrees (T, 3) of the head about x, y, z or None where the
    head was not captured, and its sound. speaker: takes of one speaker are pooled.
    """

    name: str
    speaker: str
    sound: Path
    expression: Float32Array
    degrees: FloatArray | None


def captured_takes(folder: Path, unit_names: tuple[str, ...]) -> list[Captured]:
    """The takes of a folder, by name, for a face model with units (64) of these names.

    Raises:
        CapturedMotionError: no such folder, or no take in either layout.
    """
    if not folder.is_dir():
        raise CapturedMotionError(f"there is no folder {folder}")
    takes = []
    for sound in sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUND):
        table, arrays = sound.with_suffix(".csv"), sound.with_suffix(".npz")
        if table.is_file():
            takes.append(_tracked_mouth(sound, table, arrays, unit_names))
        elif arrays.is_file():
            takes.append(_tracked_head(sound, arrays, unit_names))
    if not takes:
        raise CapturedMotionError(
            f"{folder} holds no captured motion: expected NAME.csv with ARKit's names or NAME.npz with "
            "mediapipe_blendshapes beside each NAME.ogg"
        )
    return takes


def at_25(curves: FloatArray, fps: float) -> FloatArray:
    """Curves (T, D) at `fps` as (T', D) at 25 per second, with what 25 per second cannot show filtered out."""
    ratio = Fraction(FPS / fps).limit_denominator(100)
    return np.asarray(resample_poly(curves, ratio.numerator, ratio.denominator, axis=0, padtype="edge"))


def _tracked_mouth(sound: Path, table: Path, arrays: Path, unit_names: tuple[str, ...]) -> Captured:
    with table.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    try:
        weights = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise CapturedMotionError(f"{table} holds something other than numbers under its header ({error})") from error
    fps = CSV_FPS
    if arrays.is_file():
        with np.load(arrays, allow_pickle=False) as stored:
            fps = float(stored["fps"])
    return Captured(sound.stem, "", sound, _expression(weights, header, fps, unit_names), None)


def _tracked_head(sound: Path, arrays: Path, unit_names: tuple[str, ...]) -> Captured:
    try:
        with np.load(arrays, allow_pickle=False) as stored:
            names, fps = stored["mediapipe_names"].tolist(), float(stored["mediapipe_fps"])
            weights, transforms = (
                stored[f"mediapipe_{name}"].astype(np.float64) for name in ("blendshapes", "transforms")
            )
    except KeyError as error:
        raise CapturedMotionError(
            f"{arrays} has no {error}; expected MediaPipe's blendshapes and transforms"
        ) from error
    # Euler angles about fixed x, y, z: R = Rz·Ry·Rx, as in the coefficients.
    turns = Rotation.from_matrix(transforms.reshape(-1, 4, 4)[:, :3, :3]).as_euler("xyz", degrees=True)
    expression = _expression(weights, names, fps, unit_names)
    return Captured(sound.stem, sound.stem[0], sound, expression, at_25(np.asarray(turns), fps))


def _expression(weights: FloatArray, names: list[str], fps: float, unit_names: tuple[str, ...]) -> Float32Array:
    resampled = at_25(weights, fps)
    expression = np.zeros((len(resampled), len(unit_names)), dtype=np.float32)
    for column, name in enumerate(names):
        if name in unit_names:
            expression[:, unit_names.index(name)] = np.clip(resampled[:, column], 0, 1)
    return expression
