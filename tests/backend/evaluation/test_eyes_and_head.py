from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.evaluation.baselines import MEAN, SHUFFLED
from backend.evaluation.captured import Captured
from backend.evaluation.eyes_and_head import CAPTURED, behaviour, behaviour_results
from models.motion.gaze import eye_units
from models.motion.style_document import StyleDocument
from models.motion.styles import STYLES
from tests.backend.evaluation.spoken_stage import SAID, stage

NAMES = stage().face.expression_names


def test_eyes_that_keep_to_a_point_while_the_head_turns_do_not_shift():
    yaw = 10 * np.sin(np.arange(100) / 10)
    degrees = np.stack([0 * yaw, yaw, 0 * yaw], axis=1)
    units = eye_units(np.stack([-0.9 * yaw, 0 * yaw], axis=1))
    expression = np.zeros((100, 64), np.float32)
    for name, weights in units.items():
        expression[:, NAMES.index(name)] = weights
    assert np.ptp(behaviour(expression, degrees, NAMES).looking) < 0.01


def test_captured_and_made_behaviour_stand_side_by_side():
    here = stage()
    here.style = StyleDocument(replace(STYLES["neutral"], head=0.2, nods=2.0))  # short clips: let stress show
    takes = []
    for name in SAID:
        motion = here.motion(here.models[0], Path(name))
        takes.append(Captured(name, "a", Path(name), motion.expression, np.degrees(motion.angles)))
    found = {(r.system, r.measure): r.value for r in behaviour_results(here, "3 clips", takes)}
    for measure in ("blinks/min", "nod ° (x)", "head °/s", "speed on stress / elsewhere"):
        assert found[CAPTURED, measure] == pytest.approx(found["articulator", measure], rel=1e-3, nan_ok=True)
    assert found[MEAN, "head °/s"] == 0 and found["articulator", "head °/s"] > 0.5
    stressed = "speed on stress / elsewhere"
    assert found["articulator", stressed] > found[SHUFFLED, stressed]


def test_takes_without_a_head_are_left_out():
    still = np.zeros((50, 64), np.float32)
    assert behaviour_results(stage(), "none", [Captured("a", "a", Path("one.wav"), still, None)]) == []
