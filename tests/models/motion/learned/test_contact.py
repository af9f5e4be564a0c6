"""Contact from what is heard: in time, firm enough, and without knowing what comes more than 200 ms later."""

import numpy as np
import pytest

from models.motion.learned.contact import LOOK_AHEAD, ContactFinder
from models.motion.learned.events import HALF
from tests.models.motion.learned.heard import SENTENCE, Said, heard, spans_of

FRAMES = np.arange(0, 60) / 25


def contact(said: Said, times: np.ndarray = FRAMES) -> tuple[np.ndarray, ...]:
    """Seal, bite and rest while something is said."""
    finder = ContactFinder()
    finder.hear(heard(said))
    finder.end()
    return finder.at(times)


def test_each_closure_is_sealed_in_a_frame_within_it_and_nowhere_else() -> None:
    seal, bite, _ = contact(SENTENCE)
    for strength, labels in ((seal, "PBM"), (bite, "FV")):
        wanted = [span for span in spans_of(SENTENCE) if span.label in labels]
        for span in wanted:
            assert strength[(span.start <= FRAMES) & (span.end >= FRAMES)].max() == 1.0
        away = np.all([(s.start - 0.065 > FRAMES) | (s.end + 0.065 < FRAMES) for s in wanted], axis=0)
        assert strength[away].max() == 0.0


@pytest.mark.parametrize("seconds", [0.03, 0.05, 0.12, 0.4])
def test_short_and_long_closures_close(seconds: float) -> None:
    seal, _, _ = contact([("SIL", 0.3), ("AA", 0.5), ("M", seconds), ("AA", 0.6), ("SIL", 0.4)])
    inside = (FRAMES >= 0.76) & (0.86 + seconds >= FRAMES)
    assert seal[inside].max() == 1.0
    assert seal[~inside].max() < HALF + 0.05


def test_lips_part_between_two_closures() -> None:
    seal, _, _ = contact([("SIL", 0.3), ("M", 0.08), ("AH", 0.1), ("M", 0.08), ("AA", 0.8)], np.arange(0, 120) / 100)
    assert seal[33:36].max() == 1.0 and seal[50:54].max() == 1.0
    assert seal[40:48].min() < 0.2


def test_the_mouth_rests_in_pauses_and_not_in_the_silence_of_a_stop() -> None:
    _, _, rest = contact(
        [("SIL", 0.4), ("AA", 0.3), ("SIL", 0.1), ("AA", 0.3), ("SIL", 0.6), ("AA", 0.3), ("SIL", 0.4)]
    )
    times = FRAMES
    assert rest[times <= 0.2].min() == 1.0
    assert rest[(times > 0.5) & (times < 1.05)].max() < 0.05
    assert rest[(times > 1.25) & (times < 1.55)].min() > 0.99
    assert rest[times > 2.15].min() == 1.0


def test_nothing_that_comes_later_than_the_look_ahead_matters() -> None:
    features, whole = heard(SENTENCE), ContactFinder()
    whole.hear(features)
    whole.end()
    for rows in range(11, len(features)):
        part = ContactFinder()
        part.hear(features[:rows])
        now = np.array([rows / 50 - LOOK_AHEAD])
        np.testing.assert_allclose(np.array(part.at(now)), np.array(whole.at(now)), atol=1e-9)
