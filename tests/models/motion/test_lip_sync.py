import numpy as np
import pytest

from models.motion import lip_sync
from models.motion.lip_sync import Count
from models.speech.phones import BILABIAL, PhoneSpan
from tests.models.motion.speech import spoken

FPS = 25.0
SPANS = [
    PhoneSpan("SIL", 0.0, 0.4),
    PhoneSpan("AA", 0.4, 0.8),
    PhoneSpan("P", 0.8, 0.92),
    PhoneSpan("AA", 0.92, 1.4),
    PhoneSpan("M", 1.4, 1.48),
    PhoneSpan("AA", 1.48, 2.0),
    PhoneSpan("SIL", 2.0, 2.5),
    PhoneSpan("AA", 2.5, 3.0),
]


def closed_between(*stretches):
    times = np.arange(75) / FPS
    return np.any([(times >= a - 1e-9) & (times <= b + 1e-9) for a, b in stretches] or [np.zeros(75, bool)], axis=0)


GOOD = closed_between((0, 0.36), (0.8, 0.92), (1.4, 1.48), (2.08, 2.4))


def test_contact_on_every_closure_and_nowhere_else_is_perfect():
    assert lip_sync.recall(GOOD, FPS, SPANS, BILABIAL) == Count(2, 2)
    assert lip_sync.precision(GOOD, FPS, SPANS, BILABIAL) == Count(2, 2)
    pauses = lip_sync.closed_pauses(GOOD, FPS, SPANS)
    assert pauses.hits == pauses.total > 10


def test_contact_late_by_more_than_the_tolerance_is_missed():
    assert lip_sync.recall(closed_between((0.96, 1.0)), FPS, SPANS, BILABIAL) == Count(1, 2)
    assert lip_sync.recall(closed_between((1.0, 1.04)), FPS, SPANS, BILABIAL) == Count(0, 2)


def test_a_mouth_that_is_always_shut_has_no_precision():
    shut = closed_between((0, 3))
    assert lip_sync.recall(shut, FPS, SPANS, BILABIAL) == Count(2, 2)
    assert lip_sync.precision(shut, FPS, SPANS, BILABIAL) == Count(0, 2)


def test_a_closure_in_a_vowel_costs_precision_and_one_in_silence_does_not():
    assert lip_sync.precision(GOOD | closed_between((1.2, 1.2)), FPS, SPANS, BILABIAL) == Count(2, 3)
    assert lip_sync.precision(closed_between((2.1, 2.4)), FPS, SPANS, BILABIAL) == Count(0, 0)


def test_a_closure_that_begins_early_meets_its_phone_but_does_not_lie_within_it():
    early = closed_between((0.64, 0.88), (1.4, 1.48), (1.7, 1.76))
    assert lip_sync.precision(early, FPS, SPANS, BILABIAL) == Count(1, 3)
    assert lip_sync.precision(early, FPS, SPANS, BILABIAL, whole=False) == Count(2, 3)


def test_an_open_mouth_in_the_inside_of_a_pause_counts():
    open_pause = closed_between((0, 0.2))
    counted = lip_sync.closed_pauses(open_pause, FPS, SPANS)
    assert counted.hits < counted.total
    short = spoken("AA:0.5 SIL:0.28 AA:0.5")
    assert lip_sync.closed_pauses(open_pause, FPS, short).total == 0


@pytest.mark.parametrize("late", [-0.08, 0.0, 0.12])
def test_lag_is_found_with_its_sign(late):
    times = np.arange(75) / FPS
    gap = 5.0 - 5.0 * sum(np.exp(-(((times - centre - late) / 0.05) ** 2)) for centre in (0.86, 1.44))
    profile, used = lip_sync.closing_profile(gap, FPS, SPANS, BILABIAL)
    assert used == 2
    assert lip_sync.lag(profile) == pytest.approx(late, abs=0.015)


def test_no_dip_no_lag():
    assert np.isnan(lip_sync.lag(np.full(len(lip_sync.lags()), 3.0)))
