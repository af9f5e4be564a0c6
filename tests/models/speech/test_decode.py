from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.speech.decode import DecodeError, decode
from models.speech.phones import CLASSES, INDEX, PhoneSpan, posteriors_from_spans


def sentence(*phones: tuple[str, float]) -> list[PhoneSpan]:
    spans, time = [], 0.0
    for label, seconds in phones:
        spans.append(PhoneSpan(label, time, time + seconds))
        time += seconds
    return spans


PERHAPS = sentence(
    ("SIL", 0.3), ("P", 0.09), ("ER", 0.06), ("HH", 0.06), ("AE", 0.12), ("P", 0.07), ("S", 0.13), ("SIL", 0.4)
)


def uncertain(spans: list[PhoneSpan], share: float, seed: int = 0) -> np.ndarray:
    soft = posteriors_from_spans(spans, round(spans[-1].end * 50))
    noise = np.random.default_rng(seed).dirichlet(np.full(len(CLASSES), 0.3), len(soft))
    return (1 - share) * soft + share * noise


def test_clear_posteriors_give_the_phones_back() -> None:
    heard = decode(uncertain(PERHAPS, 0.1))
    assert [span.label for span in heard] == [span.label for span in PERHAPS]
    for span, true in zip(heard, PERHAPS, strict=True):
        assert span.start == pytest.approx(true.start, abs=0.011) and span.end == pytest.approx(true.end, abs=0.011)


def test_boundaries_fall_between_frames() -> None:
    spans = sentence(("SIL", 0.205), ("M", 0.111), ("AA", 0.2))
    heard = decode(posteriors_from_spans(spans, 26))
    assert heard[0].end == pytest.approx(0.205, abs=0.004) and heard[1].end == pytest.approx(0.316, abs=0.004)


def test_single_frames_do_not_flicker() -> None:
    posteriors = posteriors_from_spans(sentence(("SIL", 0.2), ("AA", 0.3), ("SIL", 0.2)), 35)
    posteriors[17] = 0.01
    posteriors[17, INDEX["EH"]], posteriors[17, INDEX["AA"]] = 0.5, 0.22
    assert [span.label for span in decode(posteriors)] == ["SIL", "AA", "SIL"]


def test_a_doubtful_closure_is_kept_where_lips_are_as_likely_as_not() -> None:
    posteriors = posteriors_from_spans(sentence(("AA", 0.2), ("SIL", 0.08), ("AA", 0.2)), 24)
    posteriors[10:14] = 0.0
    posteriors[10:14, INDEX["B"]], posteriors[10:14, INDEX["V"]] = 0.48, 0.52
    assert "B" in [span.label for span in decode(posteriors)]


def test_long_sounds_stay_one_phone() -> None:
    heard = decode(posteriors_from_spans(sentence(("SIL", 2.0), ("AA", 1.5), ("SIL", 3.0)), 325))
    assert [span.label for span in heard] == ["SIL", "AA", "SIL"]


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 60), st.just(29)), elements=st.floats(0, 1)))
def test_any_posteriors_give_spans_without_gaps(posteriors: np.ndarray) -> None:
    heard = decode(posteriors)
    assert heard[0].start == 0.0 and heard[-1].end == pytest.approx(len(posteriors) / 50)
    for first, second in pairwise(heard):
        assert first.end == second.start and first.label != second.label
    assert all(span.end > span.start for span in heard)


def test_nothing_gives_nothing() -> None:
    assert decode(np.zeros((0, 29))) == []


@pytest.mark.parametrize("wrong", [np.zeros((4, 28)), np.zeros(29), np.full((2, 29), np.nan)])
def test_other_shapes_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(DecodeError, match="29"):
        decode(wrong)
