"""The parts of the motion training, on a few seconds of made-up speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.numpy import save_file

from backend.training.motion.calibration import calibrated
from backend.training.motion.captured_filter import fit_captured, summed
from backend.training.motion.captured_items import at_rows, target_of
from backend.training.motion.lessons import CROP, Lessons, Stretches, written_lessons
from backend.training.motion.losses import MouthMesh, losses
from backend.training.motion.material import Item, cache_items, fitted_projection, read_item
from backend.training.motion.teacher import TaughtStyles, lesson, taught_styles
from backend.training.motion.train import train
from backend.training.phonetic.corpus import Clip
from models.face import open_head
from models.motion.learned.features import CONTEXT, WIDTH
from models.motion.learned.hearing import Projection
from models.motion.learned.model import LearnedMotion, Learnt
from models.motion.learned.network import CAPTURED, Heads, new_network
from models.motion.learned.style_row import StyleScale, amplitudes, terms
from models.motion.styles import STYLES
from models.motion.visemes import CONTROL_INDEX, CONTROLS
from models.speech.phones import INDEX
from tests.models.motion.learned.heard import SENTENCE, heard, spans_of

HEAD = open_head.load()
JAW = HEAD.expression_names.index("jawOpen")


def item(name: str = "a.0", repeats: int = 3, seed: int = 0) -> Item:
    """An item that nobody read."""
    features = heard(SENTENCE * repeats, seed)
    return Item(name, features, spans_of(SENTENCE * repeats), 10 * features.level)


@pytest.fixture(scope="module")
def styles() -> TaughtStyles:
    return taught_styles([item(seed=k) for k in range(6)], 12, seed=0)


def hear_nothing(name: str, draw: int, sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = -(-len(sound) // 320)
    states = np.random.default_rng(draw).normal(size=(rows, 60)).astype(np.float32)
    return np.full((rows, 29), 1 / 29, np.float32), states


def test_items_are_kept_and_a_second_run_hears_nothing_again(tmp_path: Path) -> None:
    sound = 0.1 * np.random.default_rng(0).standard_normal(32000).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, 16000, subtype="FLOAT")
    clips, spans = [Clip("a", tmp_path / "a.wav", "")], {"a": spans_of(SENTENCE)}
    projection = Projection(np.zeros(60, np.float32), np.eye(60, CONTEXT, dtype=np.float32))
    heard_of: list[int] = []

    def hear(name: str, draw: int, sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        heard_of.append(draw)
        return hear_nothing(name, draw, sound)

    files = cache_items(clips, spans, hear, projection, tmp_path / "features", 3, seed=0)
    assert files == cache_items(clips, spans, hear, projection, tmp_path / "features", 3, seed=0)
    assert heard_of == [0, 1, 2, 3]
    items = [read_item(file) for file in files]
    assert len(items[0].features) == 100
    for one in items:  # times follow the speed
        assert one.spans[-1].end / one.seconds == pytest.approx(items[0].spans[-1].end / 2.0, rel=0.03)
    assert {len(one.features) for one in items} != {100}


def test_the_projection_keeps_the_principal_directions_and_what_tells_captured_curves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(0)
    states = [generator.normal(size=(400, 60)).astype(np.float32) * np.linspace(3, 0.3, 60) for _ in range(3)]
    told = [(rows, 2 * np.roll(rows, 4, axis=0)[:, [50, 55, 59]].astype(np.float32) + 1) for rows in states]
    monkeypatch.setattr("backend.training.motion.material.GUIDE_PENALTY", 100.0)
    projection = fitted_projection(states, told)
    kept = projection(states[0])
    assert kept.shape == (400, CONTEXT)
    for place, column in zip((-9, -8, -7), (50, 55, 59), strict=True):  # of the row 80 ms before
        assert np.corrcoef(kept[:, place], states[0][:, column])[0, 1] > 0.8
        assert kept[:, place].std() > 3 * kept[:, place + 3].std()
    assert projection(np.pad(states[0], ((0, 0), (0, 7)))) == pytest.approx(kept)
    assert kept[:, 0].std() == pytest.approx(1, rel=0.2)
    assert np.abs(np.corrcoef(kept[:, :10].T) - np.eye(10)).max() < 0.3


def test_a_style_shows_in_its_row(styles: TaughtStyles) -> None:
    jaws = np.array([style.jaw for style in styles.styles])
    spreads = np.array([amplitudes(row)[CONTROL_INDEX["jaw"]] for row in styles.rows])
    assert np.corrcoef(np.log(jaws), np.log(spreads))[0, 1] > 0.9
    assert styles.effect.shape == (len(terms(STYLES["neutral"])), 24)


def test_a_lesson_is_what_the_articulator_does(styles: TaughtStyles) -> None:
    one = item()
    controls, contacts = lesson(one, STYLES["neutral"], 0)
    assert controls.shape == (len(one.features), 12) and contacts.shape == (len(one.features), 3)
    lip = next(span for span in one.spans if span.label in "PBM")
    middle = round((lip.start + lip.end) / 2 * 50)
    assert contacts[middle, 0] > 0.9
    assert controls[middle, CONTROL_INDEX["lower_lip"]] < 0.05
    assert contacts[2, 2] == 1


def made_lessons(folder: Path, styles: TaughtStyles, captured: bool) -> Lessons:
    files = []
    for k in range(3):
        one = item(f"clip{k}.0", seed=k)
        path = folder / f"clip{k}.0.safetensors"
        arrays = {name: getattr(one.features, name) for name in ("posteriors", "context", "level", "voice")}
        spans = np.array([(INDEX[s.label], s.start, s.end) for s in one.spans], np.float32)
        save_file({**arrays, "spans": spans, "loudness": one.loudness}, path)
        files.append(path)

    def target(one: Item) -> np.ndarray:
        known = captured and one.name.startswith("clip0")
        curve = 0.5 * summed(one.features.matrix()) + 0.3
        return curve.astype(np.float32) if known else np.full((len(one.features), 3), np.nan, np.float32)

    return written_lessons(files, styles, target, 0, folder / "lessons.safetensors")


def test_stretches_hold_what_was_written(tmp_path: Path, styles: TaughtStyles) -> None:
    lessons = made_lessons(tmp_path, styles, captured=False)
    batch = Stretches(lessons, 4).draw(np.random.default_rng(0))
    assert batch.heard.shape == (4, CROP, WIDTH) and batch.controls.shape == (4, CROP, 12)
    assert batch.counts.any(dim=1).all() and not batch.counts.all()
    assert set(batch.style.tolist()) <= set(lessons.styles.flatten().tolist())


def test_the_loss_is_least_where_the_network_says_what_the_teacher_does(tmp_path: Path, styles: TaughtStyles) -> None:
    batch = Stretches(made_lessons(tmp_path, styles, captured=False), 4).draw(np.random.default_rng(0))
    spreads = torch.from_numpy(np.array([amplitudes(styles.rows[k]) for k in batch.style])).float()
    right = batch.controls / spreads[:, None]
    mesh = MouthMesh.of(HEAD)
    contacts = torch.logit(batch.contacts.clamp(1e-4, 1 - 1e-4))

    def total(controls: torch.Tensor) -> float:
        heads = Heads(controls, torch.zeros(4, CROP, len(CAPTURED)), contacts)
        return float(sum(losses(heads, batch, spreads, mesh).values()))

    assert total(right) < 0.25 * total(right + 0.3) and total(right) < 0.25 * total(torch.zeros_like(right))


def test_a_run_that_was_broken_off_goes_on_to_the_same_weights(
    tmp_path: Path, styles: TaughtStyles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.training.motion.train._KEEP_EVERY", 1)
    lessons, mesh = made_lessons(tmp_path, styles, captured=False), MouthMesh.of(HEAD)
    scale = StyleScale(styles.effect, np.zeros(24), styles.rows.mean(axis=0), styles.rows.std(axis=0) + 0.05)

    def pull_the_plug(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(lessons, styles, scale, mesh, tmp_path / "broken.pt", seed=0, steps=4, progress=pull_the_plug)
    resumed = train(lessons, styles, scale, mesh, tmp_path / "broken.pt", seed=0, steps=4)
    at_once = train(lessons, styles, scale, mesh, tmp_path / "whole.pt", seed=0, steps=4)
    for one, other in zip(resumed.parameters(), at_once.parameters(), strict=True):
        assert torch.equal(one, other)
    untrained = new_network(0)
    assert any(not torch.equal(a, b) for a, b in zip(resumed.parameters(), untrained.parameters(), strict=True))


def test_the_captured_filter_follows_what_was_captured_and_rests_where_nothing_was(
    tmp_path: Path, styles: TaughtStyles
) -> None:
    network = new_network(0)
    fit_captured(network, made_lessons(tmp_path, styles, captured=False))
    assert not any(parameter.any() for parameter in network.captured.parameters())
    (tmp_path / "lessons.safetensors").unlink()
    lessons = made_lessons(tmp_path, styles, captured=True)
    fit_captured(network, lessons)
    rows = slice(int(lessons.starts[0]), int(lessons.starts[1]))
    with torch.no_grad():
        said = network(torch.from_numpy(lessons.heard[rows].astype(np.float32))[None], torch.zeros(1, 24))
    assert said.captured[0].std(dim=0).numpy() == pytest.approx(1, rel=0.1)
    for place in range(3):
        assert np.corrcoef(said.captured[0, :, place], lessons.captured[rows, place])[0, 1] > 0.99


def test_calibration_makes_controls_as_wide_as_asked(styles: TaughtStyles) -> None:
    network = new_network(0)
    scale = StyleScale(styles.effect, np.zeros(24), styles.rows.mean(axis=0), styles.rows.std(axis=0) + 0.05)
    projection = Projection(np.zeros(512, np.float32), np.zeros((512, CONTEXT), np.float32))
    learnt = Learnt(network.eval(), projection, scale, np.zeros(3), np.ones(12))
    read = [item(seed=k) for k in range(6)]
    gain = calibrated(learnt, read, styles, HEAD).gain
    assert gain.shape == (len(CONTROLS),) and (gain >= 0.7).all() and (gain <= 1.8).all()

    def width(factor: np.ndarray) -> float:
        motion = LearnedMotion(replace(learnt, gain=factor), HEAD)
        return float(motion.move(read[0].features, styles.styles[0]).expression[:, JAW].std())

    assert width(gain) == pytest.approx(width(np.ones(12)) * gain[CONTROL_INDEX["jaw"]], rel=0.2)


def test_captured_curves_keep_time_with_sound_that_runs_faster() -> None:
    curves = np.sin(np.arange(100) / 25 * 2 * np.pi)[:, None].repeat(3, axis=1).astype(np.float32)
    usual, faster = at_rows(curves, 200), at_rows(curves, 160, 200 / 160)
    np.testing.assert_allclose(np.interp(np.arange(160) * 1.25, np.arange(200), usual[:, 0]), faster[:, 0], atol=0.05)
    one = item("other.0")
    assert np.isnan(target_of(one, {"tracked": curves}, {"tracked": 200})).all()
