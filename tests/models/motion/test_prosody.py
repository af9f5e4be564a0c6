import numpy as np
import pytest

from models.motion import prosody
from models.motion.timeline import gapless
from models.speech.phones import PhoneSpan, WordSpan
from tests.models.motion.speech import spoken

SPANS = spoken("SIL:0.3 T AA:0.2 T AA:0.2 T SIL:0.4 AA:0.2 N IH:0.2 SIL:0.5")
FIRST, SECOND, THIRD, FOURTH = 2, 4, 7, 9  # the vowels


def loud_at(*indices, loud=0.3, quiet=0.05):
    times = (np.arange(int(SPANS[-1].end * 50) + 1) + 0.5) / 50
    curve = np.full(len(times), quiet)
    for i in indices:
        curve[(times >= SPANS[i].start) & (times < SPANS[i].end)] = loud
    return curve


def test_levels_are_decibels_about_the_median_vowel():
    levels = prosody.levels(SPANS, loud_at(THIRD, quiet=0.1, loud=0.2))
    assert levels[THIRD] == pytest.approx(20 * np.log10(2), abs=0.3)
    assert levels[FIRST] == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("gain", [0.01, 1.0, 100.0])
def test_levels_do_not_depend_on_the_recordings_gain(gain):
    assert prosody.levels(SPANS, gain * loud_at(THIRD)) == pytest.approx(prosody.levels(SPANS, loud_at(THIRD)))


def test_levels_of_nothing_and_of_digital_silence_are_zero():
    assert not prosody.levels(SPANS, ()).any()
    assert not prosody.levels(SPANS, np.zeros(50)).any()


def test_effort_follows_loudness_and_the_styles_sensitivity():
    level = prosody.levels(SPANS, loud_at(THIRD))
    effort = prosody.effort(SPANS, level)
    assert effort[THIRD] > 1.05 > effort[FIRST]
    assert prosody.effort(SPANS, level, 0.0) == pytest.approx(np.ones(len(SPANS)))


def test_unknown_stress_changes_nothing():
    assert prosody.effort(SPANS, np.zeros(len(SPANS))) == pytest.approx(np.ones(len(SPANS)))
    stressed = [PhoneSpan(s.label, s.start, s.end, int(i == FIRST)) for i, s in enumerate(SPANS)]
    effort = prosody.effort(stressed, np.zeros(len(SPANS)))
    assert effort[FIRST] > 1 > effort[THIRD]


def test_emphasis_falls_on_the_loudest_syllable():
    found = prosody.emphases(SPANS, prosody.levels(SPANS, loud_at(THIRD)))
    strongest = max(found, key=lambda emphasis: emphasis.strength)
    assert SPANS[THIRD].start < strongest.time < SPANS[THIRD].end
    assert strongest.strength == pytest.approx(1.0)


def test_emphases_keep_their_distance_and_are_in_order():
    spans = spoken("SIL:0.3 " + "T AA:0.1 " * 40 + "SIL:0.3")
    times = [e.time for e in prosody.emphases(spans, np.random.default_rng(0).normal(size=len(spans)))]
    assert len(times) > 4
    assert np.diff(times).min() >= prosody.EMPHASIS_SPACING


def test_a_word_has_one_emphasis():
    spans = spoken("AA:0.2 L:0.5 AA:0.2 L:0.5 AA:0.2 SIL:0.3")
    level = np.zeros(len(spans))
    assert len(prosody.emphases(spans, level)) == 3
    assert len(prosody.emphases(spans, level, [WordSpan("a", 0.0, 0.9), WordSpan("b", 0.95, 1.7)])) == 2


def test_gapless_fills_joins_and_cuts():
    phones = [PhoneSpan("AA", 0.5, 0.9), PhoneSpan("SIL", 0.2, 0.3), PhoneSpan("T", 0.1, 0.2), PhoneSpan("S", 0.8, 2)]
    found = [(s.label, round(s.start, 3), round(s.end, 3)) for s in gapless(phones, 1.0)]
    assert found == [("SIL", 0, 0.1), ("T", 0.1, 0.2), ("SIL", 0.2, 0.5), ("AA", 0.5, 0.9), ("S", 0.9, 1.0)]
    assert gapless([], 1.0) == [PhoneSpan("SIL", 0.0, 1.0)]
