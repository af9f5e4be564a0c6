"""The neural renderer tuned on one person: a few small steps of its last layers, kept only where they are seen to help.

What is learned is judged on pictures that had no part in it: first, to choose how many steps, on blocks of time left
out; then, learned on the clip's first half, on its second half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.progress import Progress, silent
from backend.render.buffers import GROUPS, Buffers
from backend.render.neural import NeuralRenderer
from backend.render.neural_runtime import make_runtime
from backend.subject.evaluate import Score, compared
from backend.subject.learn import Learned, spread
from backend.subject.shot import Shot
from backend.subject.tuning_pictures import Rehearsal, TuningPicture, composed
from models.render import deferred
from models.render.adaptation import adaptable, packed
from models.render.deferred import DeferredRenderer

Float32Array = NDArray[np.float32]
Lesson = tuple[TuningPicture, torch.Tensor]
"""A picture and what the network knows of it before the layers that learn."""

MOST_PICTURES: Final = 48  # that are held in memory
BLOCKS: Final = 4  # of time, every other one left out in turn
GAP: Final = 2  # pictures beside a left-out block that teach nothing
STEPS: Final = (0, 60, 120)  # after which the left-out pictures are looked at
RATE: Final = 1e-3
LEAST: Final = 0.05  # decibels on left-out pictures below which it is not worth a file
SEED: Final = 0
KINDS: Final = ("still", "moving", "tuned")
INSIDE: Final = tuple(GROUPS.index(name) for name in ("eyes", "teeth", "mouth"))


@dataclass(frozen=True, eq=False)
class Tuned:
    """network: tuned, or the shipped one where that is no worse; steps: how many (0: the shipped one); left_out:
    decibels gained on pictures left out; before: their PSNR without tuning.
    """

    network: DeferredRenderer
    steps: int
    left_out: float
    before: float


def tune(pictures: Sequence[TuningPicture], base: DeferredRenderer, progress: Progress = silent) -> Tuned:
    """Tune `base` on `pictures` in the order of time, by as many steps as serve those that are left out."""
    with torch.no_grad():  # what comes before the layers that learn is the same at every step
        known = [base.features(picture.channels, picture.light) for picture in pictures]
    lessons = list(zip(pictures, known, strict=True))
    folds = folded(len(pictures))
    total, done = (len(folds) + 1) * STEPS[-1], 0

    def report() -> None:
        nonlocal done
        done += 1
        progress("tune", done, total)

    squares, pixels = np.zeros(len(STEPS)), 0.0
    for taught, left in folds:
        school = School([lessons[i] for i in taught], base)
        exam = [lessons[i] for i in left]
        pixels += sum(float(3 * picture.weight.sum()) for picture, _ in exam)
        for k, steps in enumerate(STEPS):
            school.learn_until(steps, report)
            squares[k] += school.squares(exam)
    psnr = -10 * np.log10(np.maximum(squares, 1e-12) / max(pixels, 1e-9))
    best = int(np.argmax(psnr)) if folds and psnr.max() - psnr[0] >= LEAST else 0
    school = School(lessons, base)
    school.learn_until(STEPS[best], report)
    progress("tune", total, total)
    network = school.network.eval().requires_grad_(False)
    return Tuned(network, STEPS[best], float(psnr[best] - psnr[0]), float(psnr[0]))


def folded(count: int) -> list[tuple[list[int], list[int]]]:
    """Which of `count` pictures teach and which are left out, twice; none where there are too few."""
    block = np.arange(count) * BLOCKS // max(count, 1)
    folds = []
    for parity in range(2):
        left = np.flatnonzero(block % 2 == parity)
        near = np.zeros(count, bool)
        for gap in range(-GAP, GAP + 1):
            near[np.clip(left + gap, 0, count - 1)] = True
        taught = np.flatnonzero(~near)
        if not len(taught):
            return []
        folds.append((taught.tolist(), left.tolist()))
    return folds


class School:
    """A copy of `base` and the pictures that it learns from, one a step, always in the same order."""

    def __init__(self, lessons: Sequence[Lesson], base: DeferredRenderer) -> None:
        network, parameters = adaptable(base)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._lessons = lessons
        self._optimiser = torch.optim.Adam(parameters, lr=RATE)
        self._rng = np.random.default_rng(SEED)
        self._order: list[int] = []
        self._step = 0

    def learn_until(self, steps: int, report: Any) -> None:
        """Go on until `steps` are done."""
        while self._step < steps:
            self._order = self._order or self._rng.permutation(len(self._lessons)).tolist()
            lesson = self._lessons[self._order.pop()]
            loss = self._wrong(lesson).sum() / (3 * lesson[0].weight.sum()).clamp(min=1.0)
            self._optimiser.zero_grad()
            loss.backward()
            self._optimiser.step()
            self._step += 1
            report()

    @torch.no_grad()
    def squares(self, lessons: Sequence[Lesson]) -> float:
        """Weighted sum of squared differences."""
        return sum(float(self._wrong(lesson).sum()) for lesson in lessons)

    def _wrong(self, lesson: Lesson) -> torch.Tensor:
        picture, known = lesson
        drawn = composed(self.network.finished(picture.channels, known), picture)
        return picture.weight * (drawn - picture.target) ** 2


def tuned_half(
    shot: Shot, learned: Learned, photo: int, second: Sequence[int], base: DeferredRenderer, progress: Progress = silent
) -> dict[str, Any]:
    """Tune on the pictures that `learned` knows and draw `second` ones with the still texture, the moving one, and the
    moving one by the tuned network; the facts.
    """
    rehearsal = Rehearsal(shot, learned, photo)
    shipped = NeuralRenderer(make_runtime(base))
    found = tune(rehearsal.lessons(shipped, spread(learned.indices, MOST_PICTURES)), base, progress)
    tuned = NeuralRenderer(make_runtime(found.network)) if found.steps else shipped
    renderers = [shipped, shipped, tuned]
    faces = [rehearsal.face(renderer, moving=k > 0) for k, renderer in enumerate(renderers)]
    scores = {region: {kind: Score() for kind in KINDS} for region in ("face", "eyes and mouth")}
    chosen = spread(second, MOST_PICTURES)
    for done, (_, buffers, shown, weight) in enumerate(rehearsal.drawn(faces, chosen), start=1):
        inside = weight * np.clip(buffers[0].parts[..., INSIDE].sum(axis=2), 0, 1)
        for kind, renderer, seen in zip(KINDS, renderers, buffers, strict=True):
            likeness = compared(*before(renderer(seen), seen, shown), weight)
            scores["face"][kind].add(*likeness, weight)
            scores["eyes and mouth"][kind].add(*likeness, inside)
        progress("evaluate", done, len(chosen))
    regions = {
        region: {kind: {"psnr": round(s.psnr, 2), "ssim": round(s.ssim, 4)} for kind, s in kinds.items()}
        for region, kinds in scores.items()
        if all(s.pixels > 0 for s in kinds.values())
    }
    return {"steps": found.steps, "left_out": round(found.left_out, 2), "second_half": regions}


def before(drawn: Float32Array, buffers: Buffers, shown: Float32Array) -> tuple[Float32Array, Float32Array]:
    """What was `drawn` before the picture, as bytes would have it, and the picture, (H, W, 3) both."""
    whole = drawn + (1 - buffers.alpha[..., None]) * shown
    return np.clip(whole, 0, 255), np.clip(shown, 0, 255)


def tuned_whole(
    shot: Shot, learned: Learned, photo: int, base: DeferredRenderer, progress: Progress = silent
) -> tuple[DeferredRenderer, dict[str, Any]]:
    """The network tuned on all pictures that `learned` knows, and the facts."""
    rehearsal, shipped = Rehearsal(shot, learned, photo), NeuralRenderer(make_runtime(base))
    found = tune(rehearsal.lessons(shipped, spread(learned.indices, MOST_PICTURES)), base, progress)
    return found.network, {"steps": found.steps, "left_out": round(found.left_out, 2)}


def tune_subject(
    half: tuple[Shot, Learned, int],
    second: Sequence[int],
    whole: tuple[Shot, Learned, int],
    progress: Progress = silent,
) -> tuple[bytes | None, dict[str, Any]]:
    """The file to keep, None where tuning did not bring pictures nearer that it had not seen, and the report's facts.

    half, whole: shot, what was learned and which picture is the photo, of the clip's first half and of all of it;
    second: the pictures of the second half.
    """
    base = deferred.load()
    judged = tuned_half(*half, second, base, progress)
    face = judged["second_half"]["face"]
    facts: dict[str, Any] = {"first_half": judged, "kept": False}
    if face["tuned"]["psnr"] <= face["moving"]["psnr"]:
        return None, facts
    network, facts["all"] = tuned_whole(*whole, base, progress)
    facts["kept"] = facts["all"]["steps"] > 0
    return (packed(base, network) if facts["kept"] else None), facts
