from itertools import pairwise

import pytest

from blender_addon.jobs import stages
from blender_addon.jobs.stages import SPANS, STAGE_LABELS, Gauge


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    own = Clock()
    monkeypatch.setattr(stages, "time", own)
    return own


def test_every_stage_has_a_label_and_a_part() -> None:
    assert set(SPANS) == set(STAGE_LABELS)
    assert all(0 <= start <= end <= 1 for start, end in SPANS.values())


def test_the_bar_never_goes_back() -> None:
    gauge = Gauge()
    seen = []
    for stage, done, total in (
        ("speech", 1, 2),
        ("fit photo", 0, 3),
        ("?", 7, 0),
        ("speech", 9, 2),
        ("fetching", 1, 1),
    ):
        gauge.move(stage, done, total)
        seen.append(gauge.fraction)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_listening_moves_the_bar_on_from_where_the_transcript_has_brought_it() -> None:
    gauge = Gauge()
    gauge.move("align", 9, 9)
    laid_over = gauge.fraction
    seen = [laid_over]
    for done in range(1, 5):
        gauge.move("speech", done, 4)
        seen.append(gauge.fraction)
    steps = [later - earlier for earlier, later in pairwise(seen)]
    assert steps == pytest.approx([(SPANS["speech"][1] - laid_over) / 4] * 4) and steps[0] > 0.02


def test_an_unknown_stage_is_shown_by_its_name() -> None:
    gauge = Gauge()
    gauge.move("dreaming", 1, 2)
    assert (gauge.label, gauge.fraction) == ("dreaming", 0.0)


def test_the_time_left_follows_the_stage_that_grows_with_the_voice(clock: Clock) -> None:
    gauge = Gauge()
    clock.now += 50  # in the queue: says nothing
    gauge.move("fit photo", 3, 3)
    assert gauge.eta() is None
    gauge.move("speech", 0, 100)
    clock.now += 5
    gauge.move("speech", 25, 100)  # 20 s in all, 15 left, and what comes after is 7/48 of the stage
    assert gauge.eta() == pytest.approx(15 + 20 * 0.07 / 0.48)
    clock.now += 3
    assert gauge.eta() == pytest.approx(12 + 20 * 0.07 / 0.48)
    clock.now += 100
    assert gauge.eta() == 0.0
