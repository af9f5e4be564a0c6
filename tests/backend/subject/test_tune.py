"""The neural renderer tuned on one person: what it learns from, and when it is left as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.render.buffers import Buffers
from backend.render.neural import NeuralRenderer
from backend.render.neural_channels import LightNumbers
from backend.render.neural_runtime import TorchRuntime
from backend.subject import tune as tuning
from backend.subject.tune import folded, tune
from backend.subject.tuning_pictures import TuningPicture, composed, lesson, visibility
from models.render.deferred import DeferredRenderer
from tests.backend.render.test_neural import draw, light
from tests.models.render.test_deferred import network

fixtures = draw, network


@pytest.fixture
def buffers(draw: Callable[..., Buffers]) -> Buffers:
    """A head of which three quarters are a photo's."""
    drawn = draw(light())
    assert drawn.terms is not None
    terms = drawn.terms.copy()
    terms[..., 5] = 0.75 * drawn.alpha
    return replace(drawn, terms=terms)


def pictures(buffers: Buffers, network: DeferredRenderer, gain: float, count: int = 12) -> list[TuningPicture]:
    """Lessons whose aim is `gain` times what the network draws, in lights of several strengths."""
    shown = NeuralRenderer(TorchRuntime(network, half=False))(buffers) / np.maximum(buffers.alpha, 1e-3)[..., None]
    made = lesson(buffers, LightNumbers(buffers.light), gain * shown, visibility(buffers))
    return [replace(made, target=made.target * (1 + 0.01 * (-1) ** k)) for k in range(count)]


def test_lessons_are_drawn_as_the_renderer_draws(buffers: Buffers, network: DeferredRenderer) -> None:
    drawn = NeuralRenderer(TorchRuntime(network, half=False))(buffers)
    numbers = LightNumbers(buffers.light)
    picture = lesson(buffers, numbers, drawn, visibility(buffers))
    with torch.no_grad():
        made = composed(network(picture.channels, picture.light), picture)
    apart = np.abs(255 * numbers.scale * made[0].permute(1, 2, 0).numpy() - drawn)
    assert apart.mean() < 0.05 and apart.max() < 1.5  # of 255: the renderer's Gaussian is cut off a little earlier


def test_what_faces_away_counts_less(buffers: Buffers) -> None:
    seen = visibility(buffers)
    whole = buffers.alpha > 0.99
    facing = buffers.normal[..., 2]
    assert seen[whole & (facing > 0.9)].min() > 0.9 and seen.max() <= 1
    side = whole & (facing < 0.3) & (buffers.parts[..., 0] > 0.99)
    assert side.any() and seen[side].mean() < 0.4


def test_it_learns_what_all_pictures_agree_on(
    buffers: Buffers, network: DeferredRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "STEPS", (0, 20))
    lessons = pictures(buffers, network, 0.8)
    stages: list[tuple[str, int, int]] = []
    found = tune(lessons, network, lambda *state: stages.append(state))
    assert found.steps == 20 and found.left_out > 1
    assert stages[-1][1] == stages[-1][2] and {stage for stage, _, _ in stages} == {"tune"}
    again = tune(lessons, network)
    one, two = found.network.state_dict(), again.network.state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)
    changed = {name for name, value in network.state_dict().items() if not torch.equal(one[name], value)}
    assert changed and all(name.split(".")[0] in {"spread", "full", "last"} for name in changed)


def test_it_leaves_what_is_right_as_it_was(
    buffers: Buffers, network: DeferredRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "STEPS", (0, 5))
    found = tune(pictures(buffers, network, 1.0), network)
    assert found.steps == 0 and found.left_out == 0
    assert all(torch.equal(found.network.state_dict()[name], value) for name, value in network.state_dict().items())
    assert tune(pictures(buffers, network, 0.8, count=3), network).steps == 0  # nobody to judge it


def test_left_out_pictures_and_their_neighbours_teach_nothing() -> None:
    folds = folded(40)
    assert sorted(folds[0][1] + folds[1][1]) == list(range(40))
    for taught, left in folds:
        assert len(taught) >= 12 and min(abs(i - j) for i in taught for j in left) > tuning.GAP
    assert folded(4) == []
