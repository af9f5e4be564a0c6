"""Style codes: how lively each part of somebody's face and head is, in 135 numbers (SPEC 3.1, 3.2; Wu et al. 2021).

They say how far a clip's movement lies from that of many clips, in standard deviations:
0:64 spread of expression, 64:128 spread of its change from frame to frame, 128:135 spread of the pose's change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.coefficients import ANGLES, EXPRESSION, TRANSLATION, Float32Array, validate
from models.motion import quaternion
from models.npy_file import NpyFileError, read_npy

CODE_WIDTH: Final = 135
EXPRESSION_WIDTH: Final = 64
POSE_WIDTH: Final = 7
SHORTEST: Final = 2  # frames: below, nothing changes from frame to frame


class StyleCodeError(ValueError):
    """A style code, its statistics or its file are not what they should be; the message says what to do."""


@dataclass(frozen=True, eq=False)
class StyleStatistics:
    """Mean and standard deviation, over many clips, of each clip's standard deviations; all float32.

    expression_*: (64,) of the expression; expression_change_*: (64,) of its difference from frame to frame;
    pose_change_*: (7,) of the pose's difference (`pose_of`). They belong to one face model and one reconstruction:
    another one's coefficients have other spreads.

    Raises:
        StyleCodeError: a wrong width, numbers that are not finite, or a deviation that is not positive.
    """

    expression_mean: Float32Array
    expression_deviation: Float32Array
    expression_change_mean: Float32Array
    expression_change_deviation: Float32Array
    pose_change_mean: Float32Array
    pose_change_deviation: Float32Array

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            width = POSE_WIDTH if name.startswith("pose") else EXPRESSION_WIDTH
            array = _numbers(getattr(self, name), f"style statistics {name}")
            if array.shape != (width,):
                raise StyleCodeError(f"expected style statistics {name} of shape ({width},), got {array.shape}")
            if name.endswith("deviation") and not (array > 0).all():
                raise StyleCodeError(f"expected style statistics {name} above 0; the file is damaged")
            object.__setattr__(self, name, array)

    @classmethod
    def from_original(cls, expression: Mapping[str, Any], pose: Mapping[str, Any]) -> StyleStatistics:
        """From the contents of the original's `exp_mean_std` and `pose_mean_std`, by its names for the rows.

        Raises:
            StyleCodeError: a row is missing, or as the class says.
        """
        rows = {"s_m", "s_s", "d_s_m", "d_s_s"}
        for file, given in (("exp_mean_std", expression), ("pose_mean_std", pose)):
            if not isinstance(given, Mapping):
                raise StyleCodeError(f"expected {file} to hold named rows, got a {type(given).__name__}")
            if missing := sorted(rows - set(given)):
                raise StyleCodeError(f"expected {file} to hold {', '.join(missing)}; it is another kind of file")
        return cls(
            expression_mean=expression["s_m"],
            expression_deviation=expression["s_s"],
            expression_change_mean=expression["d_s_m"],
            expression_change_deviation=expression["d_s_s"],
            pose_change_mean=pose["d_s_m"],
            pose_change_deviation=pose["d_s_s"],
        )


def read_statistics(expression: Path, pose: Path) -> StyleStatistics:
    """The statistics of the original's `exp_mean_std.pkl` and `pose_mean_std.pkl`; nothing in them is executed.

    Raises:
        StyleCodeError: a file is missing, is no such pickle, or as `StyleStatistics` says.
    """
    from models.pickles import PickleRefusedError, read_pickle  # needs torch, which styles otherwise do without

    try:
        return StyleStatistics.from_original(read_pickle(expression), read_pickle(pose))
    except OSError as error:
        raise StyleCodeError(f"style statistics {error.filename} cannot be read: {error.strerror}") from error
    except PickleRefusedError as error:
        raise StyleCodeError(f"{expression} or {pose} is not a file of style statistics: {error}") from error


def pose_of(coefficients: Float32Array) -> Float32Array:
    """Pose (T, 7) of coefficients (T, 257): quaternion w, x, y, z (`quaternion.from_angles`), translation x, y, z.

    Raises:
        CoefficientError: not valid coefficients.
    """
    valid = validate(coefficients)
    return np.hstack([quaternion.from_angles(valid[:, ANGLES]), valid[:, TRANSLATION]]).astype(np.float32)


def style_code(expression: ArrayLike, pose: ArrayLike, statistics: StyleStatistics) -> Float32Array:
    """The code (135,) of a clip at 25 frames a second: expression (T, 64), pose (T, 7) as `pose_of` gives it.

    Five to twenty seconds of somebody talking make a good code.

    Raises:
        StyleCodeError: wrong shapes, frame counts that disagree, fewer than 2 frames, NaN or infinity.
    """
    expression, pose = _numbers(expression, "expression"), _numbers(pose, "pose")
    frames = len(expression) if expression.ndim else 0
    if expression.shape != (frames, EXPRESSION_WIDTH) or pose.shape != (frames, POSE_WIDTH):
        raise StyleCodeError(
            f"expected expression (frames, {EXPRESSION_WIDTH}) and pose (frames, {POSE_WIDTH}) of the same clip, "
            f"got {expression.shape} and {pose.shape}"
        )
    if frames < SHORTEST:
        raise StyleCodeError(f"expected a clip of at least {SHORTEST} frames, got {frames}; 5 to 20 seconds are best")
    s = statistics
    return np.concatenate(
        [
            (expression.std(axis=0) - s.expression_mean) / s.expression_deviation,
            (_change(expression).std(axis=0) - s.expression_change_mean) / s.expression_change_deviation,
            (_change(pose).std(axis=0) - s.pose_change_mean) / s.pose_change_deviation,
        ]
    )


def measure(coefficients: Float32Array, statistics: StyleStatistics) -> Float32Array:
    """The code (135,) of a reconstructed clip, coefficients (T, 257) at 25 frames a second.

    Pose is normalised and smoothed first, as it was for the clips the original learnt from.

    Raises:
        CoefficientError: not valid coefficients.
        PoseError: fewer than 28 frames.
    """
    from models.motion.pose_filter import normalise_pose  # two seconds of scipy, which documents do without

    normalised = normalise_pose(coefficients)
    return style_code(normalised[:, EXPRESSION], pose_of(normalised), statistics)


def interpolate(first: ArrayLike, second: ArrayLike, amount: ArrayLike) -> Float32Array:
    """Codes (..., 135) between two (135,): `amount` (...) is 0 for the first and 1 for the second; beyond exaggerates.

    Raises:
        StyleCodeError: not (135,), NaN or infinity.
    """
    start, end = check_code(first), check_code(second)
    share = _numbers(amount, "amount")[..., None]
    return (1 - share) * start + share * end


def check_code(code: ArrayLike) -> Float32Array:
    """`code` as float32.

    Raises:
        StyleCodeError: not (135,) finite numbers.
    """
    array = _numbers(code, "a style code")
    if array.shape != (CODE_WIDTH,):
        raise StyleCodeError(f"expected a style code of shape ({CODE_WIDTH},), got {array.shape}")
    return array


def read_codes(path: Path) -> Float32Array:
    """All codes (N, 135) of a `.npy` file such as the original's `sty.npy`; a single (135,) counts as one.

    Raises:
        StyleCodeError: no such file, not a plain `.npy`, or not style codes.
    """
    try:
        stored = read_npy(path.read_bytes())
    except OSError as error:
        raise StyleCodeError(f"style file {path} cannot be read: {error.strerror or error}") from error
    except NpyFileError as error:
        raise StyleCodeError(
            f"style file {path} is not a plain .npy array of numbers; expected one (N, {CODE_WIDTH}), no .npz archive"
        ) from error
    codes = np.atleast_2d(_numbers(stored, f"style file {path}"))
    if codes.ndim != 2 or codes.shape[1] != CODE_WIDTH or not len(codes):
        raise StyleCodeError(f"expected codes (N, {CODE_WIDTH}) in style file {path}, got {stored.shape}")
    return codes


def read_code(reference: str) -> Float32Array:
    """The code (135,) named by "sty.npy#3": row 3, counted from 0, of that file; without "#" the file's only row.

    Raises:
        StyleCodeError: as `read_codes`, no such row, or no row named and more than one there.
    """
    name, mark, row = reference.rpartition("#") if "#" in reference else (reference, "", "0")
    codes = read_codes(Path(name))
    if not mark and len(codes) > 1:
        raise StyleCodeError(f"{name} holds {len(codes)} styles; choose one, for example {name}#0")
    if not (row.isascii() and row.isdigit() and int(row) < len(codes)):
        raise StyleCodeError(f"{name} holds styles 0 to {len(codes) - 1}, got #{row}")
    return codes[int(row)]


def _change(tracks: Float32Array) -> Float32Array:
    return tracks[:-1] - tracks[1:]


def _numbers(given: object, what: str) -> NDArray[np.float32]:
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise StyleCodeError(f"expected real numbers for {what}, got {array.dtype}")
    array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise StyleCodeError(f"{what} holds NaN or infinity; make it again from an undamaged clip")
    return array
