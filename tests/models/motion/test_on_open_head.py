"""The articulator on the head that ships: contact judged on the mesh."""

import numpy as np
import pytest

from models.face import open_head
from models.motion import lip_sync
from models.motion.articulator import articulate
from models.motion.lip_contact import LipGauge
from models.motion.styles import STYLES, style_named
from models.speech.phones import BILABIAL, LABIODENTAL
from tests.models.motion.speech import SENTENCE, spoken

FPS = 25.0


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def say(head, spans, style="neutral"):
    return articulate(spans, (), spans[-1].end, style_named(style), head.expression_names).expression


@pytest.mark.parametrize("style", STYLES)
def test_contact_goes_with_the_phones_in_every_style(head, style):
    closed, touching = LipGauge.of(head).contacts(say(head, SENTENCE, style))
    assert lip_sync.recall(closed, FPS, SENTENCE, BILABIAL) == lip_sync.Count(4, 4)
    events = lip_sync.precision(closed, FPS, SENTENCE, BILABIAL)
    assert events.hits == events.total
    bites = lip_sync.recall(touching, FPS, SENTENCE, LABIODENTAL)
    assert bites.hits == bites.total == 2
    pauses = lip_sync.closed_pauses(closed, FPS, SENTENCE)
    assert pauses.hits == pauses.total > 10


def test_lips_seal_on_other_faces_too(head):
    expression = say(head, SENTENCE)
    generator = np.random.default_rng(0)
    for _ in range(20):
        gauge = LipGauge.of(head, generator.standard_normal(80).astype(np.float32))
        closed = gauge.contacts(expression)[0]
        assert lip_sync.recall(closed, FPS, SENTENCE, BILABIAL) == lip_sync.Count(4, 4)


@pytest.mark.parametrize(("vowel", "least", "most"), [("AA", 8, 25), ("IY", 2, 9), ("UW", 1.2, 8)])
def test_vowels_open_the_lips_as_far_as_people_do(head, vowel, least, most):
    gap = LipGauge.of(head).lip_gap(say(head, spoken(f"SIL:0.3 T {vowel}:0.2 T SIL:0.3")))
    assert least < gap[12] < most
