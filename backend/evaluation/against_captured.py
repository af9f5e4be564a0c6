"""Does the mouth move as captured mouths did on the same sound: together, in time, as far?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backend.evaluation.baselines import RETIMED
from backend.evaluation.captured import Captured
from backend.evaluation.motion_model import FPS
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.results import Result
from backend.evaluation.ridge import Ridge
from backend.evaluation.stage import Stage
from models.motion.agreement import Pair, agreement
from models.motion.motion import Float32Array

SECTION = "captured mouths"


def made_for(stage: Stage, takes: Sequence[Captured], ridges: Mapping[str, Ridge]) -> dict[str, list[Float32Array]]:
    """Expression (T, 64) for each take by system: the models on sound alone, the ridge that did not see the take
    (`ridges` by take's name), the baselines.
    """
    sounds = [take.sound for take in takes]
    made = {model.name: [stage.motion(model, sound).expression for sound in sounds] for model in stage.models}
    fitted = [ridges[take.name] for take in takes]
    made[fitted[0].name] = [
        ridge.move(ridge.hear(s, None), stage.style).expression for ridge, s in zip(fitted, sounds, strict=True)
    ]
    return made | stage.baselines(sounds, [None] * len(sounds))


def agreement_results(
    gauge: MouthGauge,
    data: str,
    takes: Sequence[Captured],
    made: Mapping[str, Sequence[Float32Array]],
    curves: Iterable[str],
) -> list[Result]:
    """A row for each system over `takes` together: r of each of `curves`, lag of the opening, size of each."""
    rows = []
    for system, motions in made.items():
        pairs = _pairs(gauge, takes, motions)
        found = {name: agreement(pairs[name], FPS) for name in curves}
        rows += [Result(SECTION, data, system, f"{name} r", a.r, a.interval) for name, a in found.items()]
        opening = found["lip opening"]
        rows.append(Result(SECTION, data, system, "lip opening lag ms", 1000 * opening.lag))
        rows.append(Result(SECTION, data, system, "r at that lag", opening.best))
        if system not in RETIMED:
            rows += [Result(SECTION, data, system, f"{name} size", a.size) for name, a in found.items()]
    return rows


def _pairs(gauge: MouthGauge, takes: Sequence[Captured], motions: Sequence[Float32Array]) -> dict[str, list[Pair]]:
    pairs: dict[str, list[Pair]] = {}
    for take, motion in zip(takes, motions, strict=True):
        frames = min(len(motion), len(take.expression))
        made, captured = gauge.curves(motion[:frames]), gauge.curves(take.expression[:frames])
        for name in made:
            pairs.setdefault(name, []).append((made[name], captured[name]))
    return pairs
