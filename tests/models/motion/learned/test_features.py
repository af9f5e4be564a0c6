"""Level and pitch relative to what was heard so far, and phones in the form of posteriors."""

import numpy as np
import pytest

from models.motion.learned.features import WIDTH, Features, RelativeLevel, RelativePitch
from models.motion.motion import MotionError
from tests.models.motion.learned.heard import SENTENCE, heard, spans_of


def test_level_does_not_depend_on_how_loud_a_recording_is() -> None:
    loudness = -20 + 10 * np.sin(np.arange(500) / 7.0)
    np.testing.assert_allclose(RelativeLevel()(loudness), RelativeLevel()(loudness + 8), atol=1e-5)


def test_level_is_zero_at_the_loudest_and_sinks_with_loudness() -> None:
    level = RelativeLevel()(np.array([-10.0, -20.0, -40.0, -10.0]))
    assert level[0] == 0
    assert level[0] > level[1] > level[2]


def test_pitch_is_relative_to_the_voice() -> None:
    octaves = 0.2 * np.sin(np.arange(400) / 30.0)
    low, high = (RelativePitch()(np.stack([np.ones(400), octaves + base], axis=1)) for base in (-1.0, 0.6))
    np.testing.assert_allclose(low[50:], high[50:], atol=1e-5)


@pytest.mark.parametrize("reader", [RelativeLevel, RelativePitch])
def test_pieces_give_what_the_whole_gives(reader: type) -> None:
    values = np.random.default_rng(0).normal(-20, 8, 300)
    if reader is RelativePitch:
        values = np.stack([np.random.default_rng(1).random(300), values / 40], axis=1)
    one, other = reader(), reader()
    np.testing.assert_allclose(
        one(values), np.concatenate([other(values[i : i + 7]) for i in range(0, 300, 7)]), atol=1e-6
    )


def test_known_phones_take_the_place_of_those_heard() -> None:
    features = heard(SENTENCE)
    told = features.said(spans_of([("SIL", 1.0), ("M", features.posteriors.shape[0] / 50 - 1.0)]))
    assert told.posteriors[:45, 0].min() > 0.95
    assert told.posteriors[55:].argmax(axis=1).tolist() == [13] * (len(features) - 55)
    assert (told.context == features.context).all()
    assert told.matrix().shape == (len(features), WIDTH)


def test_rows_that_do_not_belong_together_are_refused() -> None:
    features = heard(SENTENCE)
    with pytest.raises(MotionError, match="level"):
        Features(features.posteriors, features.context, features.level[:-1], features.voice)
    with pytest.raises(MotionError, match="context"):
        Features(features.posteriors, features.context * np.nan, features.level, features.voice)
