"""Frames that are shown while a voice is heard, and how they compare with the take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.server.streaming import Overheard, by_rules, by_the_network, kept_in
from backend.synthesis import Speech, default_person, embodied, perform
from models.coefficients import EXPRESSION
from models.face import open_head
from models.motion.learned.features import CONTEXT, Features
from models.motion.learned.model import LearnedMotion
from models.motion.motion import Float32Array
from models.speech.phones import CLASSES
from models.take import Take
from tests.models.motion.learned.heard import SENTENCE, heard

VOICE = heard(SENTENCE * 6)
LOUDNESS = np.full(len(VOICE), -20.0, np.float32)
SECONDS = len(VOICE) / 50


class Second(LearnedMotion):
    """Hears one second of AH at a time."""

    def __init__(self) -> None:
        pass

    def listen(self, encoder: Any, chunks: Any) -> Any:
        posteriors = np.full((50, len(CLASSES)), 0.01, np.float32)
        posteriors[:, CLASSES.index("AH")] = 0.7
        for _ in chunks:
            yield Features(posteriors, *(np.zeros((50, *width), np.float32) for width in ((CONTEXT,), (), (2,))))


def test_a_voice_is_told_with_growing_steps_for_three_minutes() -> None:
    told: list[int] = []
    chunks = [np.zeros(16000, np.float32)] * 400
    learned = Overheard(Second(), lambda features, loudness: told.append(len(features)))
    assert len(list(learned.listen(None, chunks))) == 400  # type: ignore[arg-type]  # nothing is kept back
    assert told == [50 * seconds for seconds in (1, 2, 4, 8, 16, 32, 64, 128)]


@pytest.mark.parametrize("known", [True, False])
def test_the_networks_frames_are_those_of_the_take(known: bool) -> None:
    face = open_head.load()
    person, learned = default_person(face), LearnedMotion.load(face)
    asked = "cheerful", 3, {"head": 1.5}, 25.0
    take = embodied(person, learned.move(VOICE, *asked))
    so_far = by_the_network(learned.performer(*asked, SECONDS if known else None), person)
    for rows in (250, 500, len(VOICE)):
        shown = so_far(VOICE[:rows], LOUDNESS[:rows])
        assert shown is not None and (rows / 50 - 0.24) * 25 <= len(shown) <= rows / 2
        there = len(shown) if known else min(len(shown), len(take) - 25)  # unknown: the head's rest at the end
        assert np.abs(shown[:there] - take[:there]).max() < 1e-4
    assert so_far(VOICE, LOUDNESS) is not None  # hearing nothing new keeps them


def test_nothing_is_shown_of_what_is_too_short() -> None:
    face = open_head.load()
    so_far = by_the_network(LearnedMotion.load(face).performer(), default_person(face))
    assert so_far(VOICE[:5], LOUDNESS[:5]) is None
    assert by_rules(lambda speech: pytest.fail("too short"))(VOICE[:50], LOUDNESS[:50]) is None


def test_rules_move_to_what_is_sure() -> None:
    face, asked = open_head.load(), list[Speech]()
    person = default_person(face)

    def remembering(speech: Speech) -> Take:
        asked.append(speech)
        return perform(speech, person, face, seed=3)

    so_far = by_rules(remembering)
    for rows in (250, 500):
        shown = so_far(VOICE[:rows], LOUDNESS[:rows])
        seconds = rows / 50 - 1
        assert shown is not None and len(shown) == seconds * 25 and shown[:, EXPRESSION].max() > 0.1
        assert all(phone.start < seconds for phone in asked[-1].phones) and len(asked[-1].loudness) == seconds * 50


def test_frames_lie_in_the_file_before_they_are_told(tmp_path: Path) -> None:
    frames, told = tmp_path / "frames.npy", list[tuple[int, int | None, int]]()
    shown: list[Float32Array | None] = [None, np.zeros((3, 257), np.float32), np.ones((7, 257), np.float32)]
    keep = kept_in(frames, lambda *_: shown.pop(0), 9, lambda ready, total: told.append((ready, total, _rows(frames))))
    for _ in range(3):
        keep(VOICE, LOUDNESS)
    assert told == [(3, 9, 3), (7, 9, 7)]


def _rows(frames: Path) -> int:
    return len(np.load(frames))
