import numpy as np

from backend.render.manner import kept_expression, worn_expressions
from models.face import open_head

NAMES = open_head.load().expression_names


def units(**values):
    expression = np.zeros(64, np.float32)
    for name, value in values.items():
        expression[NAMES.index(name)] = value
    return expression


def test_brows_and_cheeks_stay_the_photos_and_speech_takes_the_mouth():
    photo = units(browDownLeft=0.5, cheekSquintLeft=0.2, jawOpen=0.4, mouthUpperUpLeft=0.6)
    kept = kept_expression(photo, NAMES)
    assert np.array_equal(kept, units(browDownLeft=0.5, cheekSquintLeft=0.2))


def test_a_smile_leaves_a_trace():
    kept = kept_expression(units(mouthSmileLeft=0.8), NAMES)[NAMES.index("mouthSmileLeft")]
    assert 0.1 < kept < 0.7


def test_lids_half_shut_in_the_photo_have_less_way_to_go():
    worn = worn_expressions(np.stack([units(), units(eyeBlinkLeft=1.0)]), units(eyeBlinkLeft=0.4), NAMES)
    blink = worn[:, NAMES.index("eyeBlinkLeft")]
    assert np.allclose(blink, [0.4, 1.0])


def test_named_units_stay_in_their_range_and_unnamed_ones_are_left_alone():
    take = np.stack([units(browDownLeft=0.8)])
    assert worn_expressions(take, units(browDownLeft=0.9), NAMES).max() == 1.0
    free = tuple(f"e{i}" for i in range(64))
    odd = np.full((1, 64), -2.5, np.float32)
    assert np.array_equal(worn_expressions(odd, np.ones(64, np.float32), free), odd)
