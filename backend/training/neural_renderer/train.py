"""Trains the deferred renderer on what frames there are; new ones are taken in while it runs.

python -m backend.training.neural_renderer.train --work build/neural --steps 15000
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from backend.training.neural_renderer.frames import LESSONS, frozen_head
from backend.training.neural_renderer.lessons import EYES, INSIDE, LIPS, Layers, Lesson, example, read_lesson
from models.render.deferred import ALPHA, DeferredRenderer, save_weights

BATCH: Final = 8
CEILING: Final = 1.7  # of a white face's brightness, where pictures are white anyway
FIRST_PART: Final = 25  # channel of `neural_channels`
SAVE_EVERY: Final = 50
RECENT: Final = 200  # steps, of which the averaged weights, which are the result, mostly are


@dataclass(frozen=True)
class Stage:
    """What counts how much: how many crops are aimed at mouth and eyes, and the weights of the loss.

    rate: the optimiser's at the beginning; mouth, eyes: weight added around them; inside: in the mouth once more;
    squared: of squares, which PSNR counts and the rest of the loss does not.
    """

    rate: float
    aimed: float
    mouth: float
    eyes: float
    inside: float
    squared: float


BROAD: Final = Stage(rate=2e-3, aimed=0.66, mouth=3, eyes=3, inside=3, squared=2)
CLOSE: Final = Stage(rate=6e-4, aimed=0.85, mouth=4, eyes=8, inside=16, squared=6)
BROAD_SHARE: Final = 0.8  # of the steps; then mouth and eyes are gone over once more


class School:
    """A network, its optimiser and its lessons, as they were left."""

    def __init__(self, work: Path, steps: int, seed: int, batch: int = BATCH) -> None:
        torch.manual_seed(seed)
        self.work, self.steps, self.seed, self.batch = work, steps, seed, batch
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = DeferredRenderer().to(self.device)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean = torch.optim.swa_utils.AveragedModel(self.network, avg_fn=_averaged)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=BROAD.rate, weight_decay=1e-3)
        self.step = 0
        self._layers = Layers(frozen_head(work))
        self._lessons: dict[str, Lesson] = {}
        if self._state.is_file():
            self._resume()

    @property
    def _state(self) -> Path:
        return self.work / "school.pt"

    def take_in(self, most: int = 10**9) -> int:
        """Read at most so many of the frames that are new; returns how many lessons there are."""
        paths = sorted((self.work / "frames").glob(f"{LESSONS}-*.npz"))
        new = [path for path in paths if path.name not in self._lessons]
        for path in new[:most]:
            self._lessons[path.name] = read_lesson(path, self._layers)
        return len(self._lessons)

    def learn(self) -> float:
        """One step; returns the loss."""
        rng, (stage, rate) = np.random.default_rng((self.seed, self.step)), stage_at(self.step, self.steps)
        lessons = list(self._lessons.values())
        examples = [example(lessons[rng.integers(len(lessons))], rng, stage.aimed) for _ in range(self.batch)]
        channels, light, target = (
            torch.from_numpy(np.stack(arrays)).to(self.device)
            for arrays in zip(*((e.channels, e.globals, e.target) for e in examples), strict=True)
        )
        channels = channels.contiguous(memory_format=torch.channels_last)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16):
            made = self.network(channels, light)
        value = loss(made.float(), target, channels, stage)
        self.optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.mean.update_parameters(self.network)
        self.step += 1
        return float(value.detach())

    def save(self) -> None:
        """Write the state to go on from, and the averaged weights."""
        state = {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, self._state.with_suffix(".part"))
        self._state.with_suffix(".part").replace(self._state)
        averaged = self.mean.module
        assert isinstance(averaged, DeferredRenderer)
        save_weights(averaged, self.work / "deferred.safetensors")

    def _resume(self) -> None:
        state = torch.load(self._state, weights_only=True, map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])


def _averaged(mean: Tensor, now: Tensor, count: Tensor | int) -> Tensor:
    """The mean at first, later of recent steps."""
    return mean + (now - mean) * max(1 / RECENT, 1 / (float(count) + 1))


def stage_at(step: int, steps: int) -> tuple[Stage, float]:
    """The stage and the optimiser's rate: each stage ends as half a cosine does, the first one warms up."""
    broad = int(BROAD_SHARE * steps)
    stage, done, length = (BROAD, step, broad) if step < broad else (CLOSE, step - broad, steps - broad)
    falling = 0.5 + 0.5 * float(np.cos(np.pi * min(done / max(length, 1), 1.0))) + 0.01
    return stage, stage.rate * min((step + 1) / 100, falling)


def loss(made: Tensor, target: Tensor, channels: Tensor, stage: Stage) -> Tensor:
    """L1 with some L2 and half the L1 of gradients, weighted as the `stage` says."""
    inside, mouth, eyes = (_share(channels, parts) for parts in (INSIDE, LIPS + INSIDE, EYES))
    near = stage.mouth * _grown(mouth) + stage.eyes * _grown(eyes)
    weight = channels[:, ALPHA : ALPHA + 1] * (1 + near) + stage.inside * inside
    off = made.clamp(max=CEILING) - target.clamp(max=CEILING)
    total = (weight * (off.abs() + stage.squared * off.square())).mean()
    across, down = off[..., 1:] - off[..., :-1], off[..., 1:, :] - off[..., :-1, :]
    edges = (weight[..., 1:] * across.abs()).mean() + (weight[..., 1:, :] * down.abs()).mean()
    return total + 0.5 * edges


def _share(channels: Tensor, parts: list[int]) -> Tensor:
    """(B, 1, h, w) how much of each pixel is of the `parts`."""
    return channels[:, [FIRST_PART + index for index in parts]].sum(dim=1, keepdim=True)


def _grown(share: Tensor) -> Tensor:
    return F.max_pool2d(share, 5, stride=1, padding=2).clamp(0, 1)


def run(work: Path, steps: int, seed: int) -> Path:
    """Train until `steps` are done; returns where the weights lie."""
    school = School(work, steps, seed)
    print(f"{school.take_in()} lessons, step {school.step}", flush=True)
    began, values = time.perf_counter(), []
    while school.step < steps:
        values.append(school.learn())
        if school.step % SAVE_EVERY == 0 or school.step == steps:
            school.save()
            took = (time.perf_counter() - began) / len(values)
            lessons = school.take_in()
            recent = np.mean(values[-SAVE_EVERY:])
            print(f"step {school.step} loss {recent:.4f}, {took:.2f} s a step, {lessons} lessons", flush=True)
    return work / "deferred.safetensors"


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=15000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)  # steps are small: a second thread mostly waits
    run(options.work, options.steps, options.seed)


if __name__ == "__main__":
    main()
