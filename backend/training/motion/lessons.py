"""All training material in a few arrays, and random stretches of it for the trainer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor

from backend.progress import Progress, silent
from backend.training.motion.material import Item, read_item
from backend.training.motion.teacher import TaughtStyles, lesson
from models.motion.learned.features import spans_as_posteriors
from models.motion.motion import Float32Array
from models.speech.phones import CLASSES
from models.whole_file import whole_file

STYLES_PER_ITEM: Final = 3
CROP: Final = 256  # frames: 5.1 s
WARM_UP: Final = 30  # first frames of a crop that do not count: they lack their past
KNOWN: Final = 0.4  # share of crops that are told the phones in place of hearing them

Target = Callable[[Item], Float32Array]


@dataclass(frozen=True, eq=False)
class Lessons:
    """Rows of all items one after the other.

    heard (R, 80); known (R, 29): the posteriors of a transcript; controls (R, 3, 12) as weights in the three styles
    `styles` (I, 3) of each item; contacts (R, 3); captured (R, 3), NaN where nothing was captured; starts (I + 1,).
    """

    heard: NDArray[np.float16]
    known: NDArray[np.float16]
    controls: NDArray[np.float16]
    contacts: NDArray[np.float16]
    captured: NDArray[np.float32]
    styles: NDArray[np.int64]
    starts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """heard (B, N, 80), style (B,) numbers, controls (B, N, 12) as weights, contacts (B, N, 3), counts (B, N): which
    frames do.
    """

    heard: Tensor
    style: NDArray[np.int64]
    controls: Tensor
    contacts: Tensor
    counts: Tensor


def written_lessons(
    files: Sequence[Path], styles: TaughtStyles, target: Target, seed: int, path: Path, progress: Progress = silent
) -> Lessons:
    """Let the teacher say every item in three styles each; kept in `path`."""
    if not path.exists():
        parts: dict[str, list[NDArray[Any]]] = {}
        lengths, chosen = [], []
        for number, file in enumerate(files):
            progress("teach", number, len(files))
            item = read_item(file)
            numbers = np.random.default_rng([seed, number]).integers(0, len(styles.styles), STYLES_PER_ITEM)
            taught = [lesson(item, styles.styles[k], int(k)) for k in numbers]
            rows: dict[str, NDArray[Any]] = {
                "heard": item.features.matrix().astype(np.float16),
                "known": spans_as_posteriors(item.spans, len(item.features)).astype(np.float16),
                "controls": np.stack([controls for controls, _ in taught], axis=1).astype(np.float16),
                "contacts": taught[0][1].astype(np.float16),
                "captured": target(item),
            }
            for name, array in rows.items():
                parts.setdefault(name, []).append(array)
            lengths.append(len(item.features))
            chosen.append(numbers)
        arrays = {name: np.concatenate(pieces) for name, pieces in parts.items()}
        arrays |= {"styles": np.array(chosen), "starts": np.concatenate([[0], np.cumsum(lengths)])}
        with whole_file(path) as partial:
            save_file(arrays, partial)
        progress("teach", len(files), len(files))
    return Lessons(**load_file(path))


class Stretches:
    """Random stretches of lessons, longer items more often."""

    def __init__(self, lessons: Lessons, batch: int) -> None:
        self._lessons, self._batch = lessons, batch
        lengths = np.diff(lessons.starts).astype(np.float64)
        self._shares = lengths / lengths.sum()

    def draw(self, random: np.random.Generator) -> Batch:
        """A batch."""
        items = random.choice(len(self._shares), self._batch, p=self._shares)
        crops = [self._crop(int(item), random) for item in items]
        columns = {name: torch.stack([crop[name] for crop in crops]) for name in crops[0] if name != "style"}
        return Batch(style=np.array([int(crop["style"]) for crop in crops]), **columns)

    def _crop(self, item: int, random: np.random.Generator) -> dict[str, Tensor]:
        lessons = self._lessons
        first, last = int(lessons.starts[item]), int(lessons.starts[item + 1])
        start = first + int(random.integers(0, max(last - first - CROP, 0) + 1))
        rows, which = slice(start, min(start + CROP, last)), int(random.integers(0, STYLES_PER_ITEM))
        heard = lessons.heard[rows].astype(np.float32)
        if random.random() < KNOWN:
            heard[:, : len(CLASSES)] = lessons.known[rows]
        taken: dict[str, NDArray[Any]] = {
            "heard": heard,
            "controls": lessons.controls[rows, which],
            "contacts": lessons.contacts[rows],
        }
        counts = torch.zeros(CROP, dtype=torch.bool)
        counts[(WARM_UP if start > first else 0) : rows.stop - rows.start] = True
        crop = {name: _padded(array) for name, array in taken.items()}
        return crop | {"counts": counts, "style": torch.tensor(lessons.styles[item, which])}


def _padded(rows: NDArray[Any]) -> Tensor:
    array = torch.from_numpy(rows.astype(np.float32))
    return torch.nn.functional.pad(array, (0, 0, 0, CROP - len(array)))
