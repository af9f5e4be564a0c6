import numpy as np
import pytest

from models.motion.styles import STYLES, mixed
from tests.face_models import EXPRESSIONS
from tests.models.motion.speech import PARAGRAPH, say, unit


def opening(style):
    return unit(say(PARAGRAPH, style=style), "jawOpen").std()


def test_styles_open_the_jaw_in_their_order():
    widths = [opening(name) for name in ("mumbling", "calm", "neutral", "energetic")]
    assert widths == sorted(widths) and widths[-1] > 2.5 * widths[0]


def test_over_articulation_is_wider_and_rounder():
    plain, over = say(style="neutral"), say(style="over-articulated")
    for name in ("mouthPucker", "mouthWide", "mouthLowerDownLeft"):
        assert unit(over, name).std() > 1.1 * unit(plain, name).std()


def test_styles_move_the_head_in_their_order():
    speeds = [
        np.abs(np.diff(say(PARAGRAPH, style=name).angles, axis=0)).mean() for name in ("calm", "neutral", "energetic")
    ]
    assert speeds == sorted(speeds)


@pytest.mark.parametrize("style", STYLES)
def test_a_mood_names_units_of_the_face_and_shows(style):
    mood = STYLES[style].mood
    assert set(mood) <= set(EXPRESSIONS)
    motion = say(style=style)
    for name, held in mood.items():
        assert np.median(unit(motion, name)) > 0.4 * held


def test_mixing_goes_from_one_style_to_the_other():
    one, other = STYLES["calm"], STYLES["cheerful"]
    half = mixed(one, other, 0.5)
    assert half.jaw == pytest.approx((one.jaw + other.jaw) / 2)
    assert half.mood["mouthSmileLeft"] == pytest.approx(0.27)
    assert opening("calm") < unit(say(PARAGRAPH, style=half), "jawOpen").std() < opening("cheerful")
    assert np.array_equal(say(style=mixed(one, other, 0.0)).angles, say(style=one).angles)
