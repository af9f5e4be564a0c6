import numpy as np
import pytest

from models.motion.articulator import articulate
from models.motion.motion import MotionError
from models.motion.streams import CHANNELS
from models.motion.styles import STYLES, style_named
from models.speech.phones import PhoneSpan, WordSpan
from tests.face_models import EXPRESSIONS
from tests.models.motion.speech import PARAGRAPH, SECONDS, SENTENCE, at, say, spoken, unit

UNITS = {
    "brows": {name for name in EXPRESSIONS if name.startswith(("brow", "eyeWide", "eyeSquint", "cheek", "nose"))},
    "blinks": {"eyeBlinkLeft", "eyeBlinkRight"},
    "gaze": {name for name in EXPRESSIONS if name.startswith("eyeLook")},
    "jaw": {"jawOpen", "mouthClose", "tongueInterdental"},  # the last two answer to the jaw: see mouth.py
}


def changed_units(one, other):
    different = np.abs(one.expression - other.expression).max(axis=0) > 0
    return {name for name, differs in zip(EXPRESSIONS, different, strict=True) if differs}


def test_one_row_per_frame_in_range_and_float32():
    motion = say(seconds=3.99)
    assert motion.expression.shape == (100, 64)
    assert motion.angles.shape == motion.translation.shape == (100, 3)
    assert motion.expression.dtype == motion.angles.dtype == motion.translation.dtype == np.float32
    assert motion.expression.min() >= 0 and motion.expression.max() <= 1


@pytest.mark.parametrize(("seconds", "frames"), [(0.01, 1), (0.04, 1), (0.041, 2), (2.0, 50), (0.1 + 0.2, 8)])
def test_frames_are_the_length_rounded_up(seconds, frames):
    assert len(say(spoken("AA"), seconds).expression) == frames


@pytest.mark.parametrize("style", STYLES)
def test_same_seed_same_motion_other_seed_other_motion(style):
    one, again, other = (say(style=style, seed=seed) for seed in (7, 7, 8))
    for name in ("expression", "angles", "translation"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
        assert not np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("channel", ["brows", "blinks", "gaze"])
def test_channel_switched_off_leaves_all_others_alone(channel):
    full, without = say(PARAGRAPH, seed=3), say(PARAGRAPH, seed=3, sliders={channel: 0})
    assert np.array_equal(full.angles, without.angles)
    assert np.array_equal(full.translation, without.translation)
    allowed = UNITS[channel] | ({"eyeWideLeft", "eyeWideRight"} if channel == "blinks" else set())
    touched = changed_units(full, without)
    assert touched and touched <= allowed


def test_head_switched_off_leaves_all_but_the_eyes_compensation_alone():
    full, without = say(seed=3), say(seed=3, sliders={"head": 0})
    assert np.abs(full.angles).max() > 0.01
    assert not without.angles.any() and not without.translation.any()
    assert changed_units(full, without) <= UNITS["gaze"]


def test_jaw_and_lips_sliders_are_independent():
    full, jawless, lipless = say(), say(sliders={"jaw": 0}), say(sliders={"lips": 0})
    assert changed_units(full, jawless) <= UNITS["jaw"]
    assert not unit(jawless, "jawOpen").any()
    assert np.array_equal(unit(full, "jawOpen"), unit(lipless, "jawOpen"))
    assert not unit(lipless, "mouthPucker").any()
    assert np.array_equal(full.angles, lipless.angles)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_slider_has_an_effect(channel):
    full, doubled = say(), say(sliders={channel: 2})
    assert changed_units(full, doubled) or not np.array_equal(full.angles, doubled.angles)


@pytest.mark.parametrize("fps", [50.0, 60.0, 100.0])
def test_other_frame_rates_sample_the_same_motion(fps):
    slow, fast = say(), say(fps=fps)
    common = np.arange(0, len(slow.angles), 5 if fps == 60 else 1)
    matching = np.round(common * fps / 25).astype(int)
    assert np.abs(slow.angles[common] - fast.angles[matching]).max() < np.radians(0.15)
    for name in ("mouthPucker", "mouthWide", "browInnerUp", "tongueTipUp"):
        assert np.abs(unit(slow, name)[common] - unit(fast, name)[matching]).max() < 0.02, name


def test_order_overlap_and_gaps_of_phones_do_not_matter():
    gappy = [span for span in SENTENCE if span.label != "SIL"]
    assert np.array_equal(say(gappy[::-1], SECONDS).expression, say(SENTENCE, SECONDS).expression)


def test_silence_alone_keeps_the_mouth_shut_and_the_eyes_alive():
    motion = say([], 20.0)
    mouth = [name for name in EXPRESSIONS if name.startswith(("jaw", "mouth", "lip", "tongue"))]
    assert max(unit(motion, name).max() for name in mouth) == 0
    assert unit(motion, "eyeBlinkLeft").max() > 0.9


def test_loudness_opens_the_mouth_linear_or_in_decibels():
    spans = spoken("SIL:0.3 T AA:0.2 T SIL:0.3 T AA:0.2 T SIL:0.3")
    quiet_then_loud = np.where(np.arange(80) < 40, 0.05, 0.2)
    for loudness in (quiet_then_loud, 20 * np.log10(quiet_then_loud)):
        motion = say(spans, loudness=loudness)
        assert at(motion, "jawOpen", 1.14) > 1.15 * at(motion, "jawOpen", 0.48)


def test_stress_opens_the_mouth():
    plain = spoken("SIL:0.3 T AA:0.2 T SIL:0.3 T AA:0.2 T SIL:0.3")
    stressed = [PhoneSpan(s.label, s.start, s.end, int(s.label == "AA" and s.start > 0.7)) for s in plain]
    motion = say(stressed)
    assert at(motion, "jawOpen", 1.14) > 1.1 * at(motion, "jawOpen", 0.48)


def test_words_take_one_emphasis_each():
    spans = spoken("SIL:0.3 AA:0.2 L:0.5 AA:0.2 L:0.5 AA:0.2 SIL:0.3")
    one_word = articulate(spans, (), 2.2, style_named("neutral"), EXPRESSIONS, words=[WordSpan("long", 0.3, 1.9)])
    assert not np.array_equal(one_word.angles, say(spans).angles)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"phones": [PhoneSpan("ZH", 0, 1)]}, "29 phone classes"),
        ({"phones": [PhoneSpan("AA", 0, float("nan"))]}, "finite"),
        ({"seconds": 0.0}, "longer than 0"),
        ({"fps": -25.0}, "frame rate"),
        ({"loudness": np.zeros((5, 2))}, "loudness"),
        ({"loudness": [0.1, float("nan")]}, "loudness"),
        ({"sliders": {"ears": 1.0}}, "slider"),
        ({"sliders": {"jaw": 2.5}}, "between 0 and 2"),
        ({"expression_names": [f"exp_{i}" for i in range(64)]}, "jawOpen"),
        ({"expression_names": ["jawOpen"]}, "64"),
    ],
)
def test_bad_input_is_one_clear_error(change, complaint):
    good = {
        "phones": spoken("AA"),
        "loudness": (),
        "seconds": 1.0,
        "style": style_named("neutral"),
        "expression_names": EXPRESSIONS,
    }
    with pytest.raises(MotionError, match=complaint):
        articulate(**{**good, **change})


def test_ten_styles_beside_neutral_and_a_clear_error_for_another():
    assert len(STYLES) == 11 and style_named("Over Articulated") is STYLES["over-articulated"]
    with pytest.raises(MotionError, match="calm"):
        style_named("robotic")
