"""What the training counts, and when."""

import numpy as np
import pytest
import torch

from backend.render.buffers import GROUPS
from backend.training.neural_renderer.train import BROAD, BROAD_SHARE, CLOSE, FIRST_PART, Stage, loss, stage_at
from models.render.deferred import ALPHA, CHANNELS

STEPS = 1000
SIDE = 32


def test_each_stage_warms_up_or_falls_to_nearly_nothing():
    edge = int(BROAD_SHARE * STEPS)
    stages = [stage_at(step, STEPS) for step in range(STEPS)]
    assert all(stage is BROAD for stage, _ in stages[:edge]) and all(stage is CLOSE for stage, _ in stages[edge:])
    rates = np.array([rate for _, rate in stages])
    assert rates[0] < 0.05 * BROAD.rate and rates[100:150].min() > 0.9 * BROAD.rate
    for first, last, stage in ((100, edge, BROAD), (edge, STEPS, CLOSE)):
        assert (np.diff(rates[first:last]) < 0).all() and rates[last - 1] < 0.03 * stage.rate
    assert rates[edge] > 0.9 * CLOSE.rate


def wrong_in(part: str, stage: Stage) -> float:
    """The loss of one wrong pixel amid a face of skin, that pixel being of a part."""
    channels = torch.zeros(1, CHANNELS, SIDE, SIDE)
    channels[:, ALPHA] = 1
    channels[:, FIRST_PART + GROUPS.index("skin")] = 1
    middle = np.s_[..., SIDE // 2, SIDE // 2]
    channels[:, FIRST_PART + GROUPS.index("skin")][middle] = 0
    channels[:, FIRST_PART + GROUPS.index(part)][middle] = 1
    target, made = torch.full((1, 3, SIDE, SIDE), 0.5), torch.full((1, 3, SIDE, SIDE), 0.5)
    made[middle] += 0.2
    return float(loss(made, target, channels, stage))


@pytest.mark.parametrize("stage", [BROAD, CLOSE])
def test_mouth_and_eyes_count_more_than_skin(stage):
    skin = wrong_in("skin", stage)
    assert skin > 0
    for part, least in (("lips", 1 + stage.mouth), ("lashes", 1 + stage.eyes), ("eyes", 1 + stage.eyes)):
        assert wrong_in(part, stage) == pytest.approx(least * skin, rel=0.01)
    assert wrong_in("teeth", stage) > wrong_in("lips", stage)


def test_the_second_stage_looks_closer_at_mouth_and_eyes():
    for part in ("lips", "teeth", "eyes"):
        assert wrong_in(part, CLOSE) / wrong_in("skin", CLOSE) > wrong_in(part, BROAD) / wrong_in("skin", BROAD)


def test_beyond_white_nothing_counts():
    channels = torch.ones(1, CHANNELS, SIDE, SIDE)
    white, whiter = torch.full((1, 3, SIDE, SIDE), 2.0), torch.full((1, 3, SIDE, SIDE), 9.0)
    assert float(loss(whiter, white, channels, BROAD)) == 0
