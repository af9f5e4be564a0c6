"""Rendered frames on disk, each written whole: rendering goes on where it was stopped.

python -m backend.training.neural_renderer.frames --work build/neural --count 1000
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.delivery import DEMO_TRANSCRIPT, DEMO_VOICE
from backend.synthesis import default_person, hear, perform
from backend.training.neural_renderer.items import Item, random_item
from models.coefficients import EXPRESSION
from models.face.model import FaceModel
from models.face.open_head import WEIGHTS
from models.face.storage import load

Float32Array = NDArray[np.float32]

SIZE: Final = 192  # of lessons: more heads for the same time; close views bring the finer detail
EXAM_SIZE: Final = 256
EXAM_SAMPLES: Final = 64  # against 256 that is 46 dB on the head and 36 dB inside the mouth, far above what is measured
LESSONS: Final = 1  # first word of the seeds of frames to learn from,
EXAMS: Final = 2  # and of those to be measured on
SPOKEN_EVERY: Final = 2  # frames of the bundled voice's take


@dataclass(frozen=True, eq=False)
class Frame:
    """An item and its pictures: (lights, S, S, 4) linear premultiplied RGB and alpha, one for each light."""

    item: Item
    pictures: Float32Array


def frame_path(work: Path, seed: tuple[int, ...]) -> Path:
    """Where the frame of a seed lies."""
    return work / "frames" / ("-".join(map(str, seed)) + ".npz")


def save_frame(path: Path, frame: Frame) -> None:
    """Write a frame: pictures as float16, which rounds by half a thousandth."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = frame.pictures.clip(0, 60000).astype(np.float16)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, pictures=half, **asdict(frame.item))
    part.replace(path)


def load_frame(path: Path) -> Frame:
    """Read what `save_frame` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        fields = {name: stored[name] for name in stored.files if name != "pictures"}
        return Frame(Item(**fields), stored["pictures"].astype(np.float32))


def frozen_head(work: Path) -> FaceModel:
    """The face model as it was when `work` was begun: frames and buffers must show the same head."""
    copy = work / "head.safetensors"
    if not copy.is_file():
        work.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEIGHTS, copy.with_suffix(".part"))
        copy.with_suffix(".part").replace(copy)
    return load(copy)


def spoken_expressions(work: Path, model: FaceModel) -> Float32Array:
    """(n, 64) expressions of the bundled voice, made once."""
    path = work / "spoken.npy"
    if not path.is_file():
        speech = hear(DEMO_VOICE, transcript=DEMO_TRANSCRIPT.read_text(encoding="utf-8"))
        take = perform(speech, default_person(model), model)
        np.save(path, take.coefficients[::SPOKEN_EVERY, EXPRESSION].astype(np.float32))
    return np.asarray(np.load(path, allow_pickle=False), np.float32)


def missing(work: Path, first_word: int, count: int) -> Iterator[tuple[int, ...]]:
    """Seeds among the first `count` that have no frame yet."""
    return (seed for i in range(count) if not frame_path(work, seed := (first_word, i)).is_file())


def render_missing(work: Path, first_word: int, count: int, *, samples: int, threads: int = 2) -> int:
    """Render the frames that are missing, exams as whole heads; returns how many there were."""
    seeds = list(missing(work, first_word, count))
    if not seeds:
        return 0
    from backend.training.neural_renderer.cycles import CyclesStudio  # Blender, only where it is needed

    model = frozen_head(work)
    spoken = spoken_expressions(work, model)
    exam = first_word == EXAMS
    studio = CyclesStudio(model, EXAM_SIZE if exam else SIZE, samples=samples, threads=threads)
    for done, seed in enumerate(seeds, start=1):
        item = random_item(model, spoken, seed, "head" if exam else None)
        save_frame(frame_path(work, seed), Frame(item, studio.render(item)))
        print(f"frame {seed}, {done} of {len(seeds)}", flush=True)
    return len(seeds)


def main() -> None:
    """Render what is missing of lessons and exams."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--exams", type=int, default=30)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    render_missing(options.work, LESSONS, options.count, samples=options.samples, threads=options.threads)
    render_missing(options.work, EXAMS, options.exams, samples=EXAM_SAMPLES, threads=options.threads)


if __name__ == "__main__":
    main()
