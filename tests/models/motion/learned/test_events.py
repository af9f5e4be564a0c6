"""Spans in which a probability is high."""

import numpy as np
import pytest

from models.motion.learned.events import SpanFinder

COURSE = np.array([0, 0, 0.2, 0.8, 1, 1, 0.4, 0, 0, 0.6, 0.1, 0, 0.9, 0.9])


def test_spans_begin_and_end_where_one_half_is_crossed() -> None:
    finder = SpanFinder()
    finder.hear(COURSE)
    first, second, third = finder.spans
    # Row i's middle is at i + ½ rows; from row 2 to 3 the probability passes ½ half-way.
    assert first.start == pytest.approx((2.5 + 0.5) / 50)
    assert first.end == pytest.approx((5.5 + 5 / 6) / 50)
    assert first.mass == pytest.approx(2.8 / 50)
    assert second.end - second.start < 1.2 / 50
    assert third.end == np.inf
    finder.end()
    assert finder.spans[-1].end == len(COURSE) / 50


def test_a_lower_level_to_leave_makes_spans_longer() -> None:
    finder = SpanFinder(leave=0.2)
    finder.hear(COURSE)
    assert finder.spans[0].end > (6.5 + 0.4) / 50


@pytest.mark.parametrize("size", [1, 3, 5])
def test_pieces_find_what_the_whole_finds(size: int) -> None:
    whole, piecewise = SpanFinder(), SpanFinder()
    whole.hear(COURSE)
    for first in range(0, len(COURSE), size):
        piecewise.hear(COURSE[first : first + size])
    assert piecewise.spans == whole.spans


def test_nothing_heard_is_nothing_found() -> None:
    finder = SpanFinder()
    finder.hear(np.zeros(10))
    finder.end()
    assert finder.spans == []
