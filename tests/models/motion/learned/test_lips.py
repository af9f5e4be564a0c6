"""Lips meet where they have to, whatever else the mouth does, and part where they have to."""

import numpy as np
import pytest

from models.face import open_head
from models.motion.learned.lips import Contacts, LipSolver
from models.motion.lip_contact import CLOSED_MM, LipGauge
from models.motion.motion import FloatArray
from models.motion.visemes import CONTROL_INDEX, CONTROLS

HEAD = open_head.load()
SOLVER, GAUGE = LipSolver.of(HEAD), LipGauge.of(HEAD)
MOODS: list[dict[str, float]] = [
    {},
    {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5},
    {"mouthFrownLeft": 0.4, "mouthFrownRight": 0.4, "mouthShrugUpper": 0.5},
]


def wild_controls(frames: int = 200) -> FloatArray:
    """More than any style would move."""
    return np.random.default_rng(0).uniform(0, 0.8, (frames, len(CONTROLS)))


def solved(controls: FloatArray, *, seal: float = 0, bite: float = 0, rest: float = 0, mood: int = 0) -> FloatArray:
    """Expression under constant contact."""
    held = Contacts(*(np.full(len(controls), strength, dtype=float) for strength in (seal, bite, rest)))
    return SOLVER.units(controls, held, MOODS[mood], 1.0, 0.2)


@pytest.mark.parametrize("mood", range(len(MOODS)))
@pytest.mark.parametrize("contact", ["seal", "rest"])
def test_lips_that_are_held_together_are_shut_on_the_mesh(contact: str, mood: int) -> None:
    expression = solved(wild_controls(), **{contact: 1.0}, mood=mood)
    assert GAUGE.lip_gap(np.clip(expression, 0, 1).astype(np.float32)).max() < CLOSED_MM / 2


@pytest.mark.parametrize("mood", range(len(MOODS)))
def test_lips_that_nothing_holds_together_are_apart(mood: int) -> None:
    narrow = wild_controls() * 0.02
    assert GAUGE.lip_gap(solved(narrow, mood=mood).astype(np.float32)).min() > CLOSED_MM


@pytest.mark.parametrize("mood", range(len(MOODS)))
def test_a_bite_touches_the_teeth_with_the_lips_apart(mood: int) -> None:
    moderate = wild_controls() * 0.5
    closed, touching = GAUGE.contacts(solved(moderate, bite=1.0, mood=mood).astype(np.float32))
    assert touching.mean() > 0.95
    assert not closed.any()


def test_without_contact_the_controls_pass_as_they_are() -> None:
    controls = wild_controls()
    controls[:, CONTROL_INDEX["tongue_between"]] = 0
    expression = SOLVER.units(controls, Contacts(*np.zeros((3, 200))), {}, 1.0, 0.0)
    for control, units in CONTROLS.items():
        if control != "lower_lip":
            own = [HEAD.expression_names.index(unit) for unit in units]
            np.testing.assert_allclose(expression[:, own], controls[:, [CONTROL_INDEX[control]] * len(units)])


def test_one_side_moves_more_than_the_other() -> None:
    expression = SOLVER.units(wild_controls(), Contacts(*np.zeros((3, 200))), {}, 1.0, 0.2)
    left, right = (expression[:, HEAD.expression_names.index("mouthUpperUp" + side)] for side in ("Left", "Right"))
    np.testing.assert_allclose(left / right, 1.5)
