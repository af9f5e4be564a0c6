import numpy as np
import pytest

from models.speech.activity import AHEAD, STRETCH, speech_activity, speech_only
from models.speech.decode import decode
from models.speech.phones import CLASSES, INDEX, PhoneSpan, posteriors_from_spans


def heard(*phones: tuple[str, float], clear: float = 0.85) -> np.ndarray:
    """Posteriors of phones (label, seconds) in a row, `clear` being the named one's share beside chance and silence."""
    spans, time = [], 0.0
    for label, seconds in phones:
        spans.append(PhoneSpan(label, time, time + seconds))
        time += seconds
    exact = posteriors_from_spans(spans, round(time * 50))
    chance = np.random.default_rng(0).dirichlet(np.full(len(CLASSES), 0.5), len(exact))
    return (clear * exact + (1 - clear) * chance).astype(np.float32)


SPEECH = (("SIL", 1.0), ("M", 0.08), ("AA", 0.12), ("P", 0.08), ("IY", 0.1), ("SIL", 1.0))


def test_speech_is_left_as_it_is_and_silence_is_none() -> None:
    posteriors = heard(*SPEECH)
    activity = speech_activity(posteriors)
    assert activity.shape == (len(posteriors),) and activity.dtype == np.float32
    assert (activity[50:69] == 1).all()
    assert (activity[:30] == 0).all() and (activity[-20:] == 0).all()
    assert np.array_equal(speech_only(posteriors)[50:69], posteriors[50:69])


def test_a_phone_that_flickers_up_in_music_is_no_speech() -> None:
    posteriors = heard(("SIL", 1.0), ("EH", 0.08), ("SIL", 1.5), ("UW", 0.06), ("SIL", 1.0))
    assert [span.label for span in decode(posteriors)] == ["SIL"]
    assert (speech_only(posteriors)[:, INDEX["SIL"]] > 0.5).all()


def test_what_sounds_like_everything_at_once_is_no_speech() -> None:
    vague = np.full((100, len(CLASSES)), 1 / len(CLASSES), np.float32)
    assert (speech_activity(vague) == 0).all()


@pytest.mark.parametrize("word", ["AA", "N AO", "HH AY"])
def test_a_short_word_by_itself_is_speech(word: str) -> None:
    phones = [(label.replace("AY", "AA"), 0.3 / len(word.split())) for label in word.split()]
    activity = speech_activity(heard(("SIL", 1.0), *phones, ("SIL", 1.0)))
    assert (activity[52:64] == 1).all()


def test_posteriors_stay_shares() -> None:
    posteriors = heard(*SPEECH, clear=0.4)
    gated = speech_only(posteriors)
    assert gated.dtype == np.float32 and gated.min() >= 0
    assert gated.sum(axis=1) == pytest.approx(posteriors.sum(axis=1), abs=1e-5)


def test_pieces_of_a_stream_have_the_values_of_the_whole() -> None:
    posteriors = np.tile(heard(*SPEECH, clear=0.6), (4, 1))
    whole = speech_activity(posteriors)
    for start, end in ((0, 90), (37, 260), (200, len(posteriors))):
        piece = speech_activity(posteriors[start:end])
        sure = slice(STRETCH - 1 if start else 0, len(piece) - (AHEAD if end < len(posteriors) else 0))
        assert np.array_equal(piece[sure], whole[start:end][sure])


@pytest.mark.parametrize("frames", [0, 1, 2, 14, 15, 16])
def test_short_clips_have_as_many_values_as_frames(frames: int) -> None:
    clear = np.eye(len(CLASSES), dtype=np.float32)[np.full(frames, INDEX["AA"])]
    assert np.array_equal(speech_activity(clear), np.ones(frames, np.float32))
