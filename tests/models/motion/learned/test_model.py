"""The learned model as a whole: untrained weights where only the machinery matters, the shipped ones where they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.face import open_head
from models.motion.learned.features import CONTEXT, Features
from models.motion.learned.hearing import Projection
from models.motion.learned.model import WEIGHTS, LearnedMotion, Learnt, joined
from models.motion.learned.network import CAPTURED, STYLE_WIDTH, new_network
from models.motion.learned.style_row import StyleScale, terms
from models.motion.lip_contact import CLOSED_MM, LipGauge
from models.motion.motion import Motion, MotionError
from models.motion.style_document import StyleDocument
from models.motion.styles import STYLES
from models.motion.visemes import CONTROLS
from models.speech.whisper_encoder import WeightsError
from tests.models.motion.learned.heard import SENTENCE, Said, heard, pieces, spans_of

HEAD = open_head.load()
NAMES = HEAD.expression_names
LONG: Said = SENTENCE * 4
PARTS = ("expression", "angles", "translation")


@cache
def untrained() -> Learnt:
    """A network that moves at random, which any slip in the machinery shows in."""
    effect = np.zeros((len(terms(STYLES["neutral"])), STYLE_WIDTH))
    effect[0] = np.log(0.2)
    scale = StyleScale(effect, np.zeros(STYLE_WIDTH), effect[0], np.ones(STYLE_WIDTH))
    projection = Projection(np.zeros(512, np.float32), np.zeros((512, CONTEXT), np.float32))
    return Learnt(new_network(0).eval(), projection, scale, np.full(len(CAPTURED), 0.5), np.ones(len(CONTROLS)))


@cache
def mover() -> LearnedMotion:
    """The untrained model."""
    return LearnedMotion(untrained(), HEAD)


def apart(one: Motion, other: Motion, part: str = "expression") -> float:
    """The largest difference."""
    return float(np.abs(getattr(one, part) - getattr(other, part)).max())


@pytest.mark.parametrize("size", [1, 7, 10, 64])
def test_a_stream_moves_as_the_whole_does(size: int) -> None:
    features = heard(LONG)
    whole = mover().move(features, "cheerful", seed=4)
    streamed = joined(mover().stream(pieces(features, size), "cheerful", seed=4, seconds=len(features) / 50))
    assert len(whole.expression) == np.ceil(len(features) / 2)
    assert max(apart(whole, streamed, part) for part in PARTS) < 1e-4


def test_a_stream_is_no_more_than_the_look_ahead_behind() -> None:
    performed, frames = mover().stream(pieces(heard(LONG), 1)), 0
    fed = pieces(heard(LONG), 1)
    received: list[int] = []

    def feed() -> Iterator[Features]:
        for row, piece in enumerate(fed):
            received.append(row)
            yield piece

    performed = mover().stream(feed())
    for motion in performed:
        if len(received) < len(fed):
            frames += len(motion.expression)
            assert (frames + 1) / 25 > (received[-1] + 1) / 50 - 0.2 - 1e-9
    assert frames / 25 > len(fed) / 50 - 0.3


def test_an_end_that_is_not_known_changes_nothing_before_it() -> None:
    features = heard(LONG)
    known = mover().move(features)
    unknown = joined(mover().stream(pieces(features, 10)))
    frames = len(known.expression) - 40
    for part in PARTS:
        np.testing.assert_allclose(getattr(unknown, part)[:frames], getattr(known, part)[:frames], atol=1e-4)


def test_what_comes_later_than_the_look_ahead_changes_nothing() -> None:
    one, other = heard(LONG), heard(LONG, seed=1)
    mixed = type(one).joined([one[:200], other[200:]])
    frames = 1 + int((200 / 50 - 0.2) * 25 + 1e-9)
    first, second = (mover().move(features).expression[:frames] for features in (one, mixed))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_equal_arguments_give_equal_motion_and_another_seed_another_head() -> None:
    features = heard(SENTENCE)
    one, same, other = (mover().move(features, "sad", seed) for seed in (1, 1, 2))
    assert max(apart(one, same, part) for part in PARTS) == 0
    assert apart(one, other, "angles") > 0


OWN = {
    "lips": ("mouth", "lip"),
    "jaw": ("jaw", "mouthClose", "mouthLowerDown", "mouthUpperUp", "tongueInterdental", "lipBite"),
    "brows": ("brow", "eyeWide", "eyeSquint", "cheek", "nose"),
    "blinks": ("eyeBlink", "eyeWide", "eyeSquint"),
    "gaze": ("eyeLook",),
}


@pytest.mark.parametrize("channel", ["lips", "jaw", "brows", "blinks", "gaze", "head"])
def test_a_slider_moves_its_own_channel_only(channel: str) -> None:
    features = heard(LONG)
    usual, off = (mover().move(features, "cheerful", 3, {channel: factor}) for factor in (1.0, 0.0))
    changed = {name for i, name in enumerate(NAMES) if np.abs(usual.expression - off.expression)[:, i].max() > 1e-6}
    if channel == "head":
        assert all(name.startswith("eyeLook") for name in changed)  # eyes that make good what the head turns
        assert np.abs(off.angles).max() == 0
    else:
        assert changed and all(name.startswith(OWN[channel]) for name in changed)
        assert np.degrees(apart(usual, off, "angles")) == 0


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 60.0])
def test_any_frame_rate_samples_the_same_motion(fps: float) -> None:
    features = heard(LONG)
    motion, usual = mover().move(features, fps=fps), mover().move(features)
    assert len(motion.expression) == np.ceil(len(features) / 50 * fps - 1e-6)
    frames = np.arange(len(motion.angles)) / fps
    between = [np.interp(frames, np.arange(len(usual.angles)) / 25, curve) for curve in usual.angles.T]
    np.testing.assert_allclose(motion.angles[frames < frames[-1] - 1].T, np.array(between)[:, frames < frames[-1] - 1],
                               atol=np.radians(0.3))  # fmt: skip


def test_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    untrained().save(tmp_path / "w.safetensors")
    back = LearnedMotion.load(HEAD, weights=tmp_path / "w.safetensors")
    assert apart(back.move(heard(SENTENCE)), mover().move(heard(SENTENCE))) < 5e-3  # half precision


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    features = heard(SENTENCE)
    with pytest.raises(MotionError, match="no style"):
        mover().move(features, "grumpy-ish")
    with pytest.raises(MotionError, match="slider"):
        mover().move(features, sliders={"ears": 1.0})
    with pytest.raises(MotionError, match="none"):
        mover().move(features[:0])
    with pytest.raises(MotionError, match="frame rate"):
        mover().move(features, fps=0.0)
    (tmp_path / "w.safetensors").write_bytes(b"no weights")
    with pytest.raises(WeightsError):
        LearnedMotion.load(HEAD, weights=tmp_path / "w.safetensors")


shipped = pytest.mark.skipif(not WEIGHTS.exists(), reason="the weights are not here")


@cache
def learned() -> LearnedMotion:
    """The shipped model."""
    return LearnedMotion.load(HEAD)


@shipped
@pytest.mark.parametrize("style", list(STYLES))
def test_lips_close_and_open_in_every_style(style: str) -> None:
    motion = learned().move(heard(SENTENCE), style)
    gap, times = LipGauge.of(HEAD).lip_gap(motion.expression), np.arange(len(motion.expression)) / 25
    for span in spans_of(SENTENCE):
        inside = (times >= span.start - 0.02) & (times <= span.end + 0.02)
        if span.label in "PBM":
            assert gap[inside].min() < CLOSED_MM
        elif span.label in {"AA", "AE", "EH", "IY"}:
            assert gap[inside].max() > 1.0
    assert gap[[0, -1]].max() < CLOSED_MM


@shipped
def test_round_vowels_round_the_lips() -> None:
    said: Said = [("SIL", 0.4), ("AA", 0.25), ("T", 0.08), ("IY", 0.25), ("T", 0.08), ("UW", 0.25), ("SIL", 0.4)]
    expression, times = learned().move(heard(said)).expression, 1 / 25
    pucker = expression[:, NAMES.index("mouthPucker")]

    def during(curve: np.ndarray, start: float, end: float) -> float:
        return float(curve[int(start / times) : int(end / times)].max())

    assert during(pucker, 1.1, 1.35) > 2 * during(pucker, 0.4, 0.9)


@shipped
def test_silence_is_calm() -> None:
    motion = learned().move(heard([("SIL", 6.0)]))
    mouth = [i for i, name in enumerate(NAMES) if name.startswith(("mouth", "jaw", "lip", "tongue"))]
    assert motion.expression[:, mouth].max() < 0.02


@shipped
def test_a_livelier_style_opens_the_jaw_further() -> None:
    jaw = NAMES.index("jawOpen")
    usual, lively = (
        learned().move(heard(LONG), StyleDocument(replace(STYLES["neutral"], jaw=factor))).expression[:, jaw].std()
        for factor in (1.0, 1.6)
    )
    assert lively / usual == pytest.approx(1.6, rel=0.15)
