from pathlib import Path

import numpy as np
import pytest

from backend.evaluation import style_control
from backend.evaluation.style_control import BLOCKS, Shown
from backend.evaluation.style_requests import requested, requests
from models.motion.style_choice import builtin
from tests.backend.evaluation.spoken_stage import SAID, Parrot, said, stage

TRAITS = 203


def synthetic(slope, noise, styles=60, clips=4):
    random = np.random.default_rng(0)
    asked = random.standard_normal((styles, TRAITS))
    shown = slope * asked[:, None] + noise * random.standard_normal((styles, clips, TRAITS))
    return Shown(asked, shown, [])


def cells(results):
    return {(r.data.split(": ")[1].split(" (")[0], r.measure): r for r in results}


def test_obedience_has_r_and_slope_of_one_and_half_obedience_half_the_slope():
    full = cells(style_control.control_results("m", "d", synthetic(1.0, 0.0)))
    half = cells(style_control.control_results("m", "d", synthetic(0.5, 0.0)))
    for block in BLOCKS:
        assert full[block, "r"].value == pytest.approx(1) and full[block, "slope"].value == pytest.approx(1)
        assert half[block, "r"].value == pytest.approx(1) and half[block, "slope"].value == pytest.approx(0.5)


def test_noise_lowers_r_and_more_so_for_a_single_clip():
    found = cells(style_control.control_results("m", "d", synthetic(1.0, 1.0)))["expression spread", "r"]
    single = cells(style_control.control_results("m", "d", synthetic(1.0, 1.0)))["expression spread", "r of one clip"]
    assert found.value == pytest.approx(1 / np.sqrt(1 + 1 / 4), abs=0.03)  # noise of four clips' mean
    assert single.value == pytest.approx(1 / np.sqrt(2), abs=0.05)
    assert found.interval[0] < found.value < found.interval[1]


def test_what_never_moves_counts_as_disobedience():
    still = synthetic(0.0, 0.0)
    found = cells(style_control.control_results("m", "d", still))
    assert found["pose change", "r"].value == 0 and found["pose change", "slope"].value == 0


def test_the_articulator_does_what_it_is_asked_and_a_deaf_one_does_not():
    here = stage()
    asked = requests(here, [Path("one.wav"), Path("two.wav")], 12)
    assert requested(asked[0]).shape == (TRAITS,)
    assert requested(asked[0])[-1] == asked[0].style.blinks_per_minute
    recordings = said(Path())[2:]
    heeded = style_control.shown_styles(here, here.articulator, recordings, asked)
    deaf = style_control.shown_styles(here, here.articulator, recordings, asked, [builtin("neutral")] * 12)
    good, bad = (cells(style_control.control_results("m", "d", shown)) for shown in (heeded, deaf))
    for block in ("expression spread", "mean expression"):
        assert good[block, "r"].value > 0.7 > 0.3 > bad[block, "r"].value


def test_extreme_styles_leave_lips_in_time_and_the_person_alone():
    here = stage()
    asked = requests(here, [Path("one.wav")], 3)
    recordings = said(Path())
    shown = style_control.shown_styles(here, here.articulator, recordings, asked)
    found = {
        (r.data, r.measure): r.value
        for r in style_control.timing_results(here, "d", here.articulator, recordings, shown)
    }
    for name in ("neutral", "all 3 styles", "the 3 most extreme"):
        assert found[f"d: {name}", "/p b m/ recall"] > 0.95
        assert found[f"d: {name}", "identity leakage"] == 0


def test_a_recording_is_heard_once_for_all_styles():
    here = stage()
    parrot = here.articulator
    assert isinstance(parrot, Parrot)
    asked = requests(here, [Path(name) for name in SAID], 4)
    style_control.shown_styles(here, parrot, said(Path()), asked)
    assert parrot.listened == 2 * len(SAID)  # once without its transcript and once with it
