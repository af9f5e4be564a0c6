"""Features on their way: phones that nobody says become silence, however the rows come in."""

from __future__ import annotations

import numpy as np
import pytest

from models.motion.learned.features import Features
from models.motion.learned.hearing import SpeakingOnly
from models.motion.motion import MotionError
from models.speech.activity import speech_only
from tests.models.motion.learned.heard import SENTENCE, heard, pieces


def unsure(rows: int) -> Features:
    """Sound in which phones flicker and none is clear, as in music."""
    features = heard([("SIL", rows / 50)])
    posteriors = 0.2 * np.random.default_rng(0).dirichlet(np.full(29, 0.3), rows)
    posteriors[:, 0] += 0.8
    posteriors[3::7] = np.eye(29)[12] * 0.6 + 0.4 / 29
    return Features(posteriors.astype(np.float32), features.context, features.level, features.voice)


@pytest.mark.parametrize("size", [1, 9, 25, 1000])
def test_pieces_give_what_the_whole_gives(size: int) -> None:
    features = Features.joined([heard(SENTENCE), unsure(60), heard(SENTENCE, seed=1)])
    speaking = SpeakingOnly()
    out = [speaking.hear(piece) for piece in pieces(features, size)]
    joined = Features.joined([*out, speaking.end()])
    assert len(joined) == len(features)
    np.testing.assert_allclose(joined.posteriors, speech_only(features.posteriors), atol=1e-6)
    np.testing.assert_array_equal(joined.context, features.context)


def test_phones_that_flicker_are_silence_and_speech_is_kept() -> None:
    speaking = SpeakingOnly()
    kept = Features.joined([speaking.hear(unsure(100)), speaking.end()])
    assert kept.posteriors[:, 0].min() > 0.95
    speaking = SpeakingOnly()
    said = Features.joined([speaking.hear(heard(SENTENCE)), speaking.end()])
    np.testing.assert_allclose(said.posteriors, heard(SENTENCE).posteriors, atol=0.02)


def test_nothing_heard_is_an_error() -> None:
    with pytest.raises(MotionError, match="none"):
        SpeakingOnly().end()
