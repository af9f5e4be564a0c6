import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from blender_addon.building.steps import Paced, Steps, run_all, waited_checking


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


def test_a_thread_learns_that_nobody_waits_for_it() -> None:
    ended = threading.Event()

    def endless(check: Callable[[], None]) -> None:
        try:
            while True:
                check()
                time.sleep(0.001)
        finally:
            ended.set()

    paced = Paced(waited_checking(endless))
    assert not paced.advance(60.0) and not ended.is_set()
    paced.drop()
    assert ended.wait(10.0)


def test_what_a_thread_raises_is_raised() -> None:
    def broken(check: Callable[[], None]) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_all(waited_checking(broken))
