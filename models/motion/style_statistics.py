"""Style codes of the open head in deviations from the average speaker.

A code as it is measured holds raw standard deviations (`style_document.Measure`): which of them are large says little,
as some units move ten times as far as others in anybody. These functions count in deviations among 600 takes in random
styles instead, as the paper counts among its clips (`models/weights/style_statistics.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from safetensors.numpy import load_file

from models.coefficients import Float32Array
from models.motion.style_code import StyleStatistics, check_code
from models.weight_card import checked

WEIGHTS: Final = Path(__file__).parent.parent / "weights" / "style_statistics.safetensors"
FACE_MODEL: Final = "open_head"  # whose coefficients they belong to
LEAST: Final = 0.1  # of its block's median deviation: what hardly ever moves must not make a code explode

BLOCKS: Final = {
    "how far the face moves": slice(0, 64),
    "how fast the face moves": slice(64, 128),
    "how fast the head moves": slice(128, 135),
}
POSE_NAMES: Final = ("w", "pitch", "turn", "tilt", "sideways", "up and down", "to and fro")


@cache
def open_statistics() -> StyleStatistics:
    """The open head's statistics, for `style_code.style_code` and `style_code.measure`.

    Raises:
        WeightCardError: the file is missing, or not the one that its card records.
    """
    stored = load_file(checked(WEIGHTS))
    mean, deviation = stored["mean"], stored["deviation"].copy()
    for part in BLOCKS.values():
        moving = deviation[part][deviation[part] > 0]
        deviation[part] = np.maximum(deviation[part], LEAST * np.median(moving))
    (face, faces), (change, changes), (pose, poses) = ((mean[part], deviation[part]) for part in BLOCKS.values())
    return StyleStatistics(face, faces, change, changes, pose, poses)


def normalised(raw: ArrayLike) -> Float32Array:
    """A raw code (135,) of the open head in deviations from the average speaker.

    Raises:
        StyleCodeError: not (135,) finite numbers.
    """
    mean, deviation = _rows()
    return (check_code(raw) - mean) / deviation


def denormalised(code: ArrayLike) -> Float32Array:
    """The raw code (135,) of one in deviations (135,); below 0 nothing moves, so it is 0 there.

    Raises:
        StyleCodeError: not (135,) finite numbers.
    """
    mean, deviation = _rows()
    return np.maximum(check_code(code) * deviation + mean, 0)


def most_unusual(raw: ArrayLike, names: Sequence[str], count: int = 4) -> dict[str, list[tuple[str, float]]]:
    """By block, what moves most unlike the average speaker's: up to `count` names with deviations, the farthest first.

    raw: (135,); names: of the 64 expression units. The quaternion's w is left out: it follows from the others.
    """
    code = normalised(raw)
    labels = (names, names, POSE_NAMES)
    found = {}
    for (block, part), named in zip(BLOCKS.items(), labels, strict=True):
        rows = [(name, float(value)) for name, value in zip(named, code[part], strict=True) if name != POSE_NAMES[0]]
        found[block] = sorted(rows, key=lambda row: -abs(row[1]))[:count]
    return found


def _rows() -> tuple[Float32Array, Float32Array]:
    s = open_statistics()
    mean = np.concatenate([s.expression_mean, s.expression_change_mean, s.pose_change_mean])
    return mean, np.concatenate([s.expression_deviation, s.expression_change_deviation, s.pose_change_deviation])
