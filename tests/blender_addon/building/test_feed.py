import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blender_addon.building.feed import Feed
from blender_addon.files.head_file import HeadFileError
from blender_addon.files.take_file import TakeFile


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def offered(feed: Feed, offer: Callable[[], None], done: Callable[[], bool]) -> None:
    def again() -> bool:
        offer()
        return done()

    until(again)


def test_provisional_frames_and_then_the_take(head_path: Path, take_path: Path, take: TakeFile) -> None:
    feed = Feed(None, {"style": "calm"})
    assert feed.ready is None
    few = take.coefficients[:8]
    offered(feed, lambda: feed.offer_frames(head_path, few, 25.0), lambda: feed.ready is not None)
    ready = feed.ready
    assert ready is not None and not ready.final and len(ready.performance.expression) == 8
    np.testing.assert_array_equal(ready.take.identity, take.identity)

    offered(feed, lambda: feed.offer_take(head_path, take_path, None), lambda: bool(feed.ready and feed.ready.final))
    assert feed.ready is not None and len(feed.ready.performance.expression) == 40
    assert feed.ready.head is ready.head  # read once


def test_keys_are_at_the_scenes_rate(head_path: Path, take_path: Path) -> None:
    feed = Feed(50.0, {})
    offered(feed, lambda: feed.offer_take(head_path, take_path, None), lambda: feed.ready is not None)
    assert feed.ready is not None and len(feed.ready.performance.expression) == 79


def test_a_few_more_frames_are_not_worth_new_keys(head_path: Path, take: TakeFile) -> None:
    feed = Feed(None, {})
    offered(feed, lambda: feed.offer_frames(head_path, take.coefficients[:20], 25.0), lambda: feed.ready is not None)
    first = feed.ready
    for _ in range(20):
        feed.offer_frames(head_path, take.coefficients[:22], 25.0)
        time.sleep(0.005)
    assert feed.ready is first


def test_what_cannot_be_read_is_raised(take_path: Path, tmp_path: Path) -> None:
    feed = Feed(None, {})
    with pytest.raises(HeadFileError, match="no head file"):
        offered(feed, lambda: feed.offer_take(tmp_path / "gone.npz", take_path, None), lambda: False)
