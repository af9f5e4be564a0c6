import json

import numpy as np
import pytest

from backend.evaluation import contact, mouth_cues
from backend.evaluation.mouth_cues import Cue, CueError
from models.speech.phones import PhoneSpan

FPS = 25.0
SAID = [
    PhoneSpan("SIL", 0.0, 0.6),
    PhoneSpan("AA", 0.6, 0.8),
    PhoneSpan("B", 0.8, 0.9),
    PhoneSpan("AA", 0.9, 1.2),
    PhoneSpan("F", 1.2, 1.32),
    PhoneSpan("AA", 1.32, 1.6),
    PhoneSpan("M", 1.6, 1.72),
    PhoneSpan("AA", 1.72, 2.0),
]
SHAPES = {"SIL": "X", "AA": "D", "B": "A", "M": "A", "F": "G"}


def cues(shift=0.0, shapes=SHAPES):
    return [Cue(span.start + shift, span.end + shift, shapes[span.label]) for span in SAID]


def look(given):
    return mouth_cues.look(given, 2.0, FPS, SAID)


def share(one):
    return one.hits / one.total


def test_cues_at_the_phones_are_right_in_either_vocabulary():
    visemes = {"SIL": "sil", "AA": "aa", "B": "PP", "M": "PP", "F": "FF"}
    for given in (cues(), cues(shapes=visemes)):
        seen = look(given)
        assert (seen.closures.hits, seen.closures.total) == (2, 2)
        assert (seen.closure_events.hits, seen.closure_events.total) == (2, 2)
        assert (seen.bites.hits, seen.bites.total) == (1, 1)
        assert share(seen.pauses) == 1
        assert contact.pooled("here", "cues", [seen]).lag_ms == pytest.approx(0, abs=20)


def test_closures_elsewhere_and_missing_ones_are_counted():
    elsewhere = [*cues(), Cue(1.0, 1.1, "A")]
    assert share(look(elsewhere).closure_events) == pytest.approx(2 / 3)
    missing = [one for one in cues() if one.start != 1.6]
    assert share(look(missing).closures) == pytest.approx(1 / 2)


def test_late_cues_miss_their_phones_and_show_their_lag():
    seen = look(cues(shift=0.2))
    assert share(seen.closures) == 0 and share(seen.closure_events) == 0
    assert contact.pooled("here", "late", [seen]).lag_ms == pytest.approx(200, abs=25)


def test_a_mouth_at_rest_is_shut_in_pauses_and_no_closure_in_words():
    at_rest = [Cue(0.0, 2.0, "X")]
    seen = look(at_rest)
    assert share(seen.pauses) == 1
    assert seen.closures.hits == 0 and seen.closure_events.total == 0
    assert share(look([Cue(0.0, 2.0, "D")]).pauses) == 0


def test_frames_are_as_many_as_the_motion_of_such_a_recording_has():
    assert len(mouth_cues.shown([], mouth_cues.CLOSED, 1.001, FPS)) == 26
    assert len(mouth_cues.shown([], mouth_cues.CLOSED, 1.0, FPS)) == 25
    shown = mouth_cues.shown([Cue(0.08, 0.16, "A")], mouth_cues.CLOSED, 0.4, FPS)
    assert np.flatnonzero(shown).tolist() == [2, 3]


def test_the_json_of_rhubarb_is_read():
    text = json.dumps({"metadata": {}, "mouthCues": [{"start": 0.0, "end": 0.57, "value": "X"}]})
    assert mouth_cues.cues_of(text) == [Cue(0.0, 0.57, "X")]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"mouthCues": [{"start": 0}]}', '{"mouthCues": 3}'])
def test_anything_else_is_refused_with_what_was_expected(text):
    with pytest.raises(CueError, match="mouthCues"):
        mouth_cues.cues_of(text)
