"""Frames to learn from: Cycles and the rasteriser see the same head, and light mixes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.lighting.light import SRGB_POWER
from backend.training.neural_renderer.frames import Frame, frame_path, load_frame, save_frame
from backend.training.neural_renderer.items import Item, random_item
from backend.training.neural_renderer.lessons import Layers, Lesson, fixed_example
from backend.training.neural_renderer.lights import mixture
from backend.training.neural_renderer.measure import Exam, best_gains, exam_of, lambert, scores
from models.face import open_head

SIZE = 96
SILENT = np.zeros((1, 64), np.float32)
WHOLE = np.s_[0:SIZE, 0:SIZE]
RENDER = """
import sys
from pathlib import Path
import numpy as np
from backend.training.neural_renderer.cycles import CyclesStudio
from backend.training.neural_renderer.frames import Frame, save_frame
from backend.training.neural_renderer.items import random_item
from models.face import open_head
head = open_head.load()
item = random_item(head, np.zeros((1, 64), np.float32), (3, 1), "head")
save_frame(Path(sys.argv[1]), Frame(item, CyclesStudio(head, int(sys.argv[2]), samples=4).render(item)))
"""


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """A head that Blender renders, in a process of its own."""
    path = tmp_path_factory.mktemp("frames") / "one.npz"
    subprocess.run([sys.executable, "-c", RENDER, str(path), str(SIZE)], check=True, capture_output=True)
    return load_frame(path)


@pytest.fixture(scope="module")
def lesson(frame: Frame) -> Lesson:
    return Layers(open_head.load()).lesson(frame)


def test_cycles_and_the_rasteriser_see_the_same_head(frame: Frame, lesson: Lesson) -> None:
    drawn, traced = lesson.fixed[..., 7].astype(np.float32), frame.pictures[0, ..., 3]
    assert np.abs(drawn - traced).mean() < 0.004  # a shift by half a pixel makes it 0.01
    shift, _ = cv2.phaseCorrelate(drawn.astype(np.float64), traced.astype(np.float64))
    assert np.linalg.norm(shift) < 0.25


def test_the_first_guess_is_as_bright_as_cycles(lesson: Lesson) -> None:
    """The three lights have the strengths that they are said to have."""
    for light in range(3):
        strengths = np.zeros((3, 3), np.float32)
        strengths[light] = 0.8
        seen = fixed_example(lesson, strengths, "lamps", WHOLE)
        guess, target = seen.channels[:3] ** 2.2, seen.target**2.2
        assert 0.7 < guess.sum() / target.sum() < 1.5, light


def test_light_is_linear_and_mirrors(lesson: Lesson) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 1, (2, 3, 3)).astype(np.float32)
    light = [mixture(lesson.item, strengths).light for strengths in (a, b, a + b)]
    np.testing.assert_allclose(light[0].bands + light[1].bands, light[2].bands, atol=1e-5)
    straight = fixed_example(lesson, a, "lamps", WHOLE)
    mirrored = fixed_example(lesson, a, "lamps", WHOLE, flip=True)
    np.testing.assert_allclose(mirrored.target[..., ::-1], straight.target, rtol=5e-3, atol=1e-5)
    for channel in (0, 3, 6, 12, 15, 18, 21, 22):
        np.testing.assert_allclose(mirrored.channels[channel, :, ::-1], straight.channels[channel], atol=0.02)
    np.testing.assert_allclose(mirrored.channels[9, :, ::-1], -straight.channels[9], atol=1e-3)


def test_what_is_told_less_is_the_same_light(lesson: Lesson) -> None:
    strengths = np.full((3, 3), 0.4, np.float32)
    lamps, harmonics = (mixture(lesson.item, strengths, told).light for told in ("lamps", "harmonics"))
    np.testing.assert_allclose(lamps.bands, harmonics.bands, atol=1e-6)
    assert len(lamps.lobes) == 2 and not harmonics.lobes
    photo = mixture(lesson.item, strengths, "photo").light
    front = np.array([[0, 0, 1.0]], np.float32)
    np.testing.assert_allclose(photo.on(front), harmonics.on(front), rtol=0.25)
    assert photo.power == 1 and harmonics.power == SRGB_POWER


def test_scores(frame: Frame) -> None:
    layers = Layers(open_head.load())
    layers.lesson(frame)
    exam = exam_of(frame, layers.model, layers._by_size[SIZE], (3, 1))
    perfect = scores(exam.cycles, exam)
    assert perfect["head"][0] > 60 and perfect["head"][1] > 0.999
    worse = scores(lambert(exam.buffers), exam)["head"]
    better = scores(best_gains(lambert(exam.buffers), exam), exam)["head"]
    assert 10 < worse[0] < better[0] < 60
    assert isinstance(exam, Exam)


def test_items_come_back_from_their_seed_and_their_file(tmp_path: Path) -> None:
    head = open_head.load()
    first, again, other = (random_item(head, SILENT, seed) for seed in ((1, 5), (1, 5), (1, 6)))
    save_frame(frame_path(tmp_path, (1, 5)), Frame(first, np.zeros((3, 4, 4, 4), np.float32)))
    back: Item = load_frame(tmp_path / "frames" / "1-5.npz").item
    for name in vars(first):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        np.testing.assert_array_equal(getattr(first, name), getattr(back, name))
    assert np.abs(first.identity - other.identity).max() > 0.1
    closed = first.expression[head.expression_names.index("mouthClose")]
    assert closed <= first.expression[head.expression_names.index("jawOpen")]
