import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.speech import phones


def test_every_class_has_exactly_one_viseme() -> None:
    grouped = [phone for group in phones.VISEMES for phone in group]
    assert sorted(grouped) == sorted(phones.CLASSES)
    assert len(phones.CLASSES) == 29


def test_arpabet_becomes_classes() -> None:
    assert phones.to_classes("DH", 0, 1) == [phones.PhoneSpan("TH", 0, 1)]
    assert phones.to_classes("ih1", 0, 1) == [phones.PhoneSpan("IH", 0, 1, 1)]
    first, second = phones.to_classes("AY2", 1.0, 2.0)
    assert (first.label, second.label, first.stress) == ("AA", "IH", 2)
    assert first.end == second.start == pytest.approx(1.6)
    assert phones.to_classes("+SPN+", 0, 1)[0].label == "SIL"
    with pytest.raises(KeyError, match="ARPAbet"):
        phones.to_classes("QX", 0, 1)


@given(st.lists(st.tuples(st.sampled_from(phones.CLASSES), st.floats(0.005, 0.4)), max_size=20))
def test_soft_labels_are_distributions_that_keep_each_phones_time(sequence: list[tuple[str, float]]) -> None:
    spans, time = [], 0.0
    for label, length in sequence:
        spans.append(phones.PhoneSpan(label, time, time + length))
        time += length
    frames = int(np.ceil(time * phones.RATE)) + 1
    soft = phones.posteriors_from_spans(spans, frames)
    np.testing.assert_allclose(soft.sum(axis=1), 1.0, atol=1e-4)
    for label in set(phones.CLASSES) - {"SIL"}:
        held = sum(span.end - span.start for span in spans if span.label == label)
        assert soft[:, phones.INDEX[label]].sum() / phones.RATE == pytest.approx(held, abs=1e-3)
