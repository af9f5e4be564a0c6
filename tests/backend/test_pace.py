from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.pace import HEAD_START, TooSlowError, paced


class Decoder:
    """Gives ten seconds of something, with a clock that shows how long each second of it took to decode."""

    def __init__(self, seconds_each: float) -> None:
        self.now, self._each = 0.0, seconds_each

    def clock(self) -> float:
        return self.now

    def items(self) -> Iterator[int]:
        for item in range(10):
            self.now += self._each
            yield item


def test_a_slow_decoder_is_waited_for_within_bounds() -> None:
    decoder = Decoder(2.0 + HEAD_START / 10)
    assert list(paced(decoder.items(), lambda _: 1.0, 2.0, decoder.clock)) == list(range(10))


def test_one_that_is_slower_than_that_is_given_up_as_soon_as_it_is() -> None:
    decoder = Decoder(HEAD_START / 3)
    taken: list[int] = []
    with pytest.raises(TooSlowError, match=r"s are allowed"):
        taken.extend(item for item in paced(decoder.items(), lambda _: 0.0, 2.0, decoder.clock))
    assert decoder.now == pytest.approx(HEAD_START / 3 * 4)


def test_an_item_that_says_it_lasts_for_ever_buys_a_second() -> None:
    decoder = Decoder(20.0)
    with pytest.raises(TooSlowError):
        list(paced(decoder.items(), lambda _: 1e9, 1.0, decoder.clock))


def test_only_the_decoder_is_timed() -> None:
    decoder = Decoder(0.1)
    for _ in paced(decoder.items(), lambda _: 0.0, 0.0, decoder.clock):
        decoder.now += 1000.0
