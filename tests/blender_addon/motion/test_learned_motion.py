"""What the network moves, on its way to the keys of a scene: contacts and rest survive every frame rate and amount."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.blender import write_head_file
from backend.synthesis import default_person, embodied
from blender_addon.files import head_file
from blender_addon.files.take_file import TakeFile
from blender_addon.motion.contacts import CONTACT_GAP, lids_closed, lip_gap, lips_closed
from blender_addon.motion.performance import perform
from blender_addon.motion.resample import runs
from models.face import open_head
from models.motion.learned.model import LearnedMotion
from tests.models.motion.learned.heard import SENTENCE, heard, spans_of

FACE = open_head.load()


@pytest.fixture(scope="module")
def learned() -> LearnedMotion:
    return LearnedMotion.load(FACE)


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> head_file.HeadFile:
    path: Path = tmp_path_factory.mktemp("head") / "head.npz"
    write_head_file(FACE, path)
    return head_file.load(path)


@pytest.mark.parametrize(
    ("style", "sliders"),
    [
        ("neutral", {}),
        ("energetic", {"jaw": 2.0}),
        ("calm", {"lips": 2.0}),
        ("mumbling", {"lips": 0.5, "blinks": 2.0}),
    ],
)
def test_contacts_and_rest_survive_every_frame_rate(
    learned: LearnedMotion, head: head_file.HeadFile, style: str, sliders: dict[str, Any]
) -> None:
    motion = learned.move(heard(SENTENCE * 8), style, 3, sliders)
    facts = {"face_model": {"name": FACE.name, "sha256": FACE.sha256}}
    take = TakeFile(embodied(default_person(FACE), motion), motion.fps, facts)
    sealed, shut = lips_closed(head, take.identity, take.expression), lids_closed(head, take.expression)
    closures = [one for one in spans_of(SENTENCE * 8) if one.label in {"P", "B", "M"}]
    assert len(closures) == 24 and len(runs(shut)) >= 1
    assert all(sealed[round(one.start * 25) : round(one.end * 25) + 1].any() for one in closures)
    assert len(runs(~sealed)) >= 8  # and between them the mouth opens
    for fps in (24.0, 30000 / 1001, 30.0, 60.0):
        made = perform(head, take, fps)
        gaps = lip_gap(head, take.identity, made.expression)
        for was, now in ((sealed, gaps < CONTACT_GAP), (shut, lids_closed(head, made.expression))):
            for first, last in runs(was):
                seen = slice(max(int((first - 1) * fps / 25), 0), int(np.ceil((last + 1) * fps / 25)) + 1)
                assert now[seen].any(), (fps, first, last)
        assert gaps.max() > 0.9 * lip_gap(head, take.identity, take.expression).max()  # and the mouth opens as far
        for end in (0, -1):
            assert gaps[end] < 0 and np.abs(made.pose.rotation[end] - made.pose.rotation[0]).max() < 1e-6
