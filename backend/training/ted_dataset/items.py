"""What the motion network learns from and is tested on: windows of TED-HD's clips (SPEC 2, 10.1).

A window is 32 video frames of motion and the 80 speech features about them. Pose stays raw; the trainer standardises
it. Items are named tuples of arrays, which PyTorch's loader stacks into tensors.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from torch.utils.data import Dataset

from backend.training.clips.records import ClipFileError
from backend.training.ted_dataset.lmdb_file import Split, TedReader
from models.coefficients import EXPRESSION, Float32Array
from models.motion.sliding import CONTEXT, SEEN, WINDOW, compat_starts
from models.motion.style_code import StyleStatistics, pose_of, style_code


class TrainingItem(NamedTuple):
    """One window, and the style of the whole clip it was cut from."""

    expression: Float32Array  # (64, 32)
    pose: Float32Array  # (7, 32): quaternion w, x, y, z, translation x, y, z
    audio: Float32Array  # (29, 80)
    energy: Float32Array  # (1, 80)
    style: Float32Array  # (135,)


class ClipWindows(NamedTuple):
    """All W windows of a clip, as the original's sliding inference places them."""

    expression: Float32Array  # (W, 64, 32)
    pose: Float32Array  # (W, 7, 32)
    audio: Float32Array  # (W, 29, 80)
    energy: Float32Array  # (W, 1, 80)
    frames: int  # of the clip


class TrainingItems(Dataset[TrainingItem]):
    """The clips of a split, each as one window that is drawn anew whenever it is asked for.

    `generator` is Python's, as in the original: seeded alike, it draws the same windows.

    Raises:
        ClipFileError: no such split.
    """

    def __init__(
        self, reader: TedReader, statistics: StyleStatistics, generator: random.Random, split: Split = "train"
    ) -> None:
        self._reader, self._split = reader, split
        self._statistics, self._generator = statistics, generator
        self._count = reader.count(split)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> TrainingItem:
        """The item of clip `index`.

        Raises:
            IndexError: no such clip.
            ClipFileError: damaged, or shorter than a window.
        """
        clip = _Clip.read(self._reader, self._split, _in_range(index, self._count))
        start = self._generator.randint(0, len(clip.expression) - WINDOW)
        expression, pose, audio, energy = (part[0] for part in clip.cut([start]))
        return TrainingItem(expression, pose, audio, energy, style_code(clip.expression, clip.pose, self._statistics))


class TestItems(Dataset[ClipWindows]):
    """The clips of a split, each with all its windows.

    Raises:
        ClipFileError: no such split.
    """

    __test__ = False  # not a class of tests, whatever pytest thinks of its name

    def __init__(self, reader: TedReader, split: Split = "test") -> None:
        self._reader, self._split = reader, split
        self._count = reader.count(split)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> ClipWindows:
        """The windows of clip `index`.

        Raises: as `TrainingItems`.
        """
        clip = _Clip.read(self._reader, self._split, _in_range(index, self._count))
        frames = len(clip.expression)
        return ClipWindows(*clip.cut(compat_starts(frames)), frames)


class _Clip(NamedTuple):
    expression: Float32Array  # (T, 64)
    pose: Float32Array  # (T, 7)
    audio: Float32Array  # (F, 29)
    energy: Float32Array  # (F, 1)

    @classmethod
    def read(cls, reader: TedReader, split: Split, index: int) -> _Clip:
        coefficients = reader.array(split, "coeff_norm", index)
        audio, energy = reader.array(split, "deepspeech", index), reader.array(split, "energy", index).T
        if len(coefficients) < WINDOW:
            raise ClipFileError(
                f"clip {index} of {split} has {len(coefficients)} frames and a window needs {WINDOW}; leave it out"
            )
        if len(audio) != len(energy):
            raise ClipFileError(
                f"clip {index} of {split} has {len(audio)} audio features and {len(energy)} energies; prepare it again"
            )
        return cls(coefficients[:, EXPRESSION], pose_of(coefficients), audio, energy)

    def cut(self, starts: Sequence[int]) -> tuple[Float32Array, Float32Array, Float32Array, Float32Array]:
        """Expression, pose, audio and energy of the windows from video frames `starts`; channels before time."""
        first = np.asarray(starts)[:, None]
        frames = first + np.arange(WINDOW)
        # Beyond its ends the clip's first and last features are heard on.
        features = np.clip(2 * first - CONTEXT + np.arange(SEEN), 0, len(self.audio) - 1)
        return (
            _channels_first(self.expression[frames]),
            _channels_first(self.pose[frames]),
            _channels_first(self.audio[features]),
            _channels_first(self.energy[features]),
        )


def _channels_first(windows: Float32Array) -> Float32Array:
    return np.ascontiguousarray(windows.transpose(0, 2, 1))


def _in_range(index: int, count: int) -> int:
    if not 0 <= index < count:
        raise IndexError(f"expected a clip from 0 to {count - 1}, got {index}")
    return index
