from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from blender_addon.building.steps import Paced, Steps, run_all


def counting(count: int, done: list[int]) -> Steps[str]:
    for index in range(count):
        done.append(index)
        yield "counting", index + 1, count
    return "counted"


def test_all_at_once() -> None:
    done: list[int] = []
    reports: list[tuple[str, int, int]] = []
    assert run_all(counting(3, done), lambda *at: reports.append(at)) == "counted"
    assert done == [0, 1, 2] and reports == [("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_at_least_one_piece_and_no_more_than_fit() -> None:
    done: list[int] = []
    paced = Paced(counting(3, done))
    assert not paced.advance(1e-9) and done == [0] and paced.at == ("counting", 1, 3)
    assert paced.advance(60.0) and paced.result == "counted" and done == [0, 1, 2]
    assert paced.advance(60.0) and done == [0, 1, 2]


def test_who_waits_gives_the_time_back() -> None:
    def waiting() -> Steps[None]:
        while True:
            asked.append(1)
            yield "", 0, 1

    asked: list[int] = []
    assert not Paced(waiting()).advance(60.0)
    assert asked == [1]


def test_every_piece_is_done_within_the_context() -> None:
    @contextmanager
    def around() -> Iterator[None]:
        log.append("in")
        yield
        log.append("out")

    log: list[object] = []
    Paced(counting(2, log), around).advance(60.0)  # type: ignore[arg-type]
    assert log == ["in", 0, "out", "in", 1, "out", "in", "out"]


def test_what_is_dropped_is_tidied_up() -> None:
    def tidy() -> Steps[None]:
        try:
            yield "working", 0, 1
        finally:
            log.append("tidied")

    log: list[str] = []
    paced = Paced(tidy())
    paced.advance(1e-9)
    paced.drop()
    assert log == ["tidied"] and paced.finished


def test_errors_come_out() -> None:
    def failing() -> Steps[None]:
        yield "working", 0, 1
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        Paced(failing()).advance(60.0)
