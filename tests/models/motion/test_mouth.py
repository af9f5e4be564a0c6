import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.motion.styles import STYLES
from models.speech.phones import BILABIAL, CLASSES, LABIODENTAL, PhoneSpan
from tests.face_models import EXPRESSIONS
from tests.models.motion.speech import at, say, spoken, unit

OPENING = ("mouthLowerDownLeft", "mouthUpperUpLeft", "mouthFunnel", "lipFlare", "mouthStretchLeft")


def assert_sealed(motion, seconds):
    assert at(motion, "mouthClose", seconds) == pytest.approx(at(motion, "jawOpen", seconds), abs=1e-6)
    assert at(motion, "lipPress", seconds) > 0.1
    for name in OPENING:
        assert at(motion, name, seconds) < 1e-6, name


utterances = st.lists(st.tuples(st.sampled_from(CLASSES), st.floats(0.04, 0.25)), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(utterances, st.sampled_from(sorted(STYLES)), st.sampled_from([24.0, 25.0, 30.0, 50.0, 60.0]))
def test_bilabials_seal_at_the_frame_nearest_to_their_centre(phones, style, fps):
    spans = spoken(" ".join(f"{label}:{seconds}" for label, seconds in phones))
    motion = say(spans, spans[-1].end + 0.1, style=style, fps=fps)
    for span in spans:
        if span.label in BILABIAL:
            assert_sealed(motion, (span.start + span.end) / 2)


@settings(max_examples=40, deadline=None)
@given(utterances, st.sampled_from(sorted(STYLES)))
def test_labiodentals_touch_at_the_frame_nearest_to_their_centre_unless_sealed(phones, style):
    spans = spoken(" ".join(f"{label}:{seconds}" for label, seconds in phones))
    motion = say(spans, spans[-1].end + 0.1, style=style)
    for before, span, after in zip([None, *spans], spans, [*spans[1:], None], strict=False):
        beside_seal = any(other is not None and other.label in BILABIAL for other in (before, after))
        if span.label in LABIODENTAL and not beside_seal:
            assert at(motion, "lipBiteLower", (span.start + span.end) / 2) > 0.6


@pytest.mark.parametrize("phone", sorted(set(CLASSES) - BILABIAL - {"SIL"}))
@pytest.mark.parametrize("style", ["neutral", "mumbling"])
def test_no_other_phone_seals(phone, style):
    motion = say(spoken(f"SIL:0.3 T AH {phone}:0.12 AH T SIL:0.3"), style=style)
    centre = 0.3 + 0.16 + 0.06
    assert at(motion, "lipPress", centre) == 0
    opened = at(motion, "jawOpen", centre) - at(motion, "mouthClose", centre)
    assert opened > 0.015
    if phone not in LABIODENTAL:
        assert at(motion, "mouthLowerDownLeft", centre) > 0.05


def test_lips_part_between_two_closures():
    motion = say(spoken("SIL:0.3 M:0.07 AH:0.07 M:0.07 SIL:0.3"), fps=50)
    assert at(motion, "mouthClose", 0.405) < 0.5 * at(motion, "jawOpen", 0.405)
    assert at(motion, "mouthLowerDownLeft", 0.405) > 0.05


def test_lips_round_ahead_of_a_rounded_vowel():
    rounded = say(spoken("SIL:0.3 S:0.1 T:0.1 UW:0.15 T SIL:0.3"))
    spread = say(spoken("SIL:0.3 S:0.1 T:0.1 IY:0.15 T SIL:0.3"))
    assert at(rounded, "mouthPucker", 0.44) > 0.25 > 0.02 > at(spread, "mouthPucker", 0.44)
    assert at(spread, "mouthWide", 0.57) > 0.2


def test_vowels_differ_as_phonetics_has_it():
    height = {v: at(say(spoken(f"SIL:0.3 T {v}:0.2 T SIL:0.3")), "jawOpen", 0.48) for v in ("AA", "EH", "IH", "IY")}
    assert height["AA"] > height["EH"] > height["IH"] > height["IY"]


@pytest.mark.parametrize(
    ("phone", "name"),
    [
        ("TH", "tongueInterdental"),
        ("L", "tongueTipUp"),
        ("N", "tongueTipUp"),
        ("K", "tongueBackUp"),
        ("NG", "tongueBackUp"),
        ("SH", "lipFlare"),
        ("W", "mouthPucker"),
        ("F", "lipBiteLower"),
    ],
)
def test_each_consonant_shows_its_own_gesture(phone, name):
    said = at(say(spoken(f"SIL:0.3 AH:0.1 {phone}:0.09 AH:0.1 SIL:0.3")), name, 0.445)
    bare = at(say(spoken("SIL:0.3 AH:0.1 HH:0.09 AH:0.1 SIL:0.3")), name, 0.445)
    assert said > 0.4 and said > bare + 0.3


def test_sibilants_close_the_teeth():
    motion = say(spoken("SIL:0.3 AA:0.15 S:0.12 AA:0.15 SIL:0.3"))
    assert at(motion, "jawOpen", 0.51) < 0.35 * at(motion, "jawOpen", 0.36)


@pytest.mark.parametrize("style", STYLES)
def test_mouth_is_shut_in_long_pauses_and_at_both_ends(style):
    motion = say(spoken("SIL:0.3 T AA:0.2 SIL:0.4 AA:0.2 T SIL:0.4"), style=style)
    for seconds in (0.0, 0.12, 0.58 + 0.16, 0.58 + 0.24, 1.26 + 0.2, 1.26 + 0.38):
        assert at(motion, "jawOpen", seconds) < 1e-6
        assert at(motion, "mouthLowerDownLeft", seconds) < 1e-6


def test_mouth_opens_shortly_before_speech():
    motion = say(spoken("SIL:0.6 AA:0.2 T SIL:0.4"), fps=50)
    opening = np.flatnonzero(unit(motion, "jawOpen") > 0.02)[0] / 50
    assert 0.45 <= opening < 0.6


def test_short_pauses_do_not_shut_the_mouth():
    motion = say(spoken("SIL:0.3 T AA:0.2 SIL:0.12 AA:0.2 T SIL:0.4"))
    assert at(motion, "jawOpen", 0.58 + 0.06) > 0.05


def test_no_unit_outruns_a_face():
    motion = say(fps=100)
    speed = np.abs(np.diff(motion.expression, axis=0)).max(axis=0) * 100
    assert 1 < speed[EXPRESSIONS.index("jawOpen")] < 9  # 1 is some 35 mm, and jaws stay below about 0.3 m/s
    mouth = [name.startswith(("mouth", "lip", "tongue")) for name in EXPRESSIONS]
    assert speed[mouth].max() < 32  # a lip closes in no less than some 45 ms, even in "vif"


def test_curves_do_not_jitter():
    motion = say(spoken("SIL:0.3 " + "T AH:0.07 N IH:0.06 S AE:0.1 " * 6 + "SIL:0.4"), fps=100)
    jaw = np.diff(unit(motion, "jawOpen"))
    turns = np.count_nonzero(np.diff(np.sign(jaw[np.abs(jaw) > 1e-5])))
    assert turns < 2 * 6 * 6  # no more than one opening and closing for each of the phones


def test_fast_speech_undershoots():
    slow, fast = (say(spoken("SIL:0.3 T AA N AA T SIL:0.3", duration)) for duration in (0.2, 0.045))
    assert unit(fast, "jawOpen").max() < 0.85 * unit(slow, "jawOpen").max()


def test_motion_is_in_step_with_the_phones():
    spans = spoken("SIL:0.4 " + "S:0.12 AA:0.12 " * 8 + "SIL:0.4")
    motion = say(spans, fps=100)
    centre = [(s.start + s.end) / 2 for s in spans if isinstance(s, PhoneSpan) and s.label == "AA"]
    jaw = unit(motion, "jawOpen")
    lags = [np.argmax(jaw[round(c * 100) - 10 : round(c * 100) + 11]) / 100 - 0.10 for c in centre[1:-1]]
    assert abs(float(np.mean(lags))) <= 0.02
