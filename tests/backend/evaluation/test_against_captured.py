from pathlib import Path

import numpy as np
import pytest

from backend.evaluation.against_captured import agreement_results
from backend.evaluation.baselines import LATE, MEAN, SHUFFLED
from backend.evaluation.captured import Captured
from backend.evaluation.smooth_motion import seam_results, smoothness_results
from models.motion.motion import Motion
from tests.backend.evaluation.spoken_stage import SAID, Parrot, stage

CURVES = ("jaw", "lip opening", "lip width", "pucker")


@pytest.fixture(scope="module")
def scene():
    """The articulator's own motion, taken for captured, and the baselines."""
    here = stage()
    paths = [Path(name) for name in SAID]
    motions = [here.motion(here.models[0], path).expression for path in paths]
    takes = [Captured(path.stem, "a", path, motion, None) for path, motion in zip(paths, motions, strict=True)]
    return here, takes, {"itself": motions} | here.baselines(paths, [None] * len(paths))


def cells(results):
    return {(r.system, r.measure): r.value for r in results}


def test_motion_agrees_with_itself_and_baselines_do_not(scene):
    here, takes, made = scene
    found = cells(agreement_results(here.gauge, "all", takes, made, CURVES))
    for curve in CURVES:
        assert found["itself", f"{curve} r"] == pytest.approx(1)
        assert found["itself", f"{curve} size"] == pytest.approx(1)
        assert found[SHUFFLED, f"{curve} r"] < 0.6 and found[LATE, f"{curve} r"] < 0.6
        assert np.isnan(found[MEAN, f"{curve} r"])
    assert found["itself", "lip opening lag ms"] == pytest.approx(0)
    assert found[LATE, "lip opening lag ms"] == pytest.approx(200, abs=15)
    assert found[LATE, "r at that lag"] > 0.95


def test_motion_is_as_smooth_as_itself_and_shaken_motion_is_not(scene):
    here, takes, made = scene
    noise = np.random.default_rng(0)
    shaken = [(m + 0.03 * noise.standard_normal(m.shape)).astype(np.float32) for m in made["itself"]]
    found = cells(smoothness_results(here.gauge, "all", takes, {"itself": made["itself"], "shaken": shaken}))
    for curve in CURVES:
        assert found["itself", f"{curve} jerk"] == pytest.approx(1)
        assert found["itself", f"{curve} > 8 Hz"] == pytest.approx(1)
        assert found["shaken", f"{curve} jerk"] > 1.3 and found["shaken", f"{curve} > 8 Hz"] > 1.5


def test_a_seam_is_seen_and_a_model_without_pieces_is_not_judged(scene):
    here, takes, _ = scene
    assert seam_results(here, takes) == []

    class Torn(Parrot):
        name = "torn"

        def move_in_pieces(self, heard, style, seed=0):
            whole = self.move(heard, style, seed)
            angles = whole.angles.copy()
            angles[20:] += 0.01
            return Motion(whole.expression, angles, whole.translation)

    torn = stage()
    torn.models = [Torn()]
    (result,) = seam_results(torn, takes)
    assert result.value == pytest.approx(0.01, rel=1e-3)
