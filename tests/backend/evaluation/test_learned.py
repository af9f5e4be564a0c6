"""The learned model as the benchmark uses it, on the bundled voice."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

import backend
from backend.alignment.forced import align
from backend.evaluation.learned import LearnedModel, model
from backend.evaluation.motion_model import MovesInPieces, load_model
from backend.media import read_audio
from models.face import open_head
from models.motion.style_choice import builtin
from models.speech.phones import VOWELS

VOICE = Path(backend.__file__).parent / "assets" / "demo_voice.flac"
SECONDS = 3.01
JAW = open_head.load().expression_names.index("jawOpen")
OPEN = {"AA", "AE", "AO", "EH"}


@cache
def learned() -> LearnedModel:
    return model()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "voice.wav"
    soundfile.write(path, read_audio(VOICE)[: int(SECONDS * 16000)], 16000)
    return path


def test_the_benchmark_finds_it_by_name() -> None:
    assert load_model("backend.evaluation.learned:model").name == "learned"
    assert isinstance(learned(), MovesInPieces)


def test_a_recording_becomes_motion_whole_or_in_pieces(recording: Path) -> None:
    heard = learned().hear(recording, None)
    whole, pieces = (move(heard, builtin("calm"), 2) for move in (learned().move, learned().move_in_pieces))
    assert len(whole.expression) == np.ceil(SECONDS * 25)
    assert whole.expression.std(axis=0).max() > 0.05
    for part in ("expression", "angles", "translation"):
        np.testing.assert_allclose(getattr(whole, part), getattr(pieces, part), atol=1e-4)


def test_a_transcript_takes_the_place_of_what_was_heard(recording: Path) -> None:
    words = VOICE.with_suffix(".txt").read_text(encoding="utf-8").split()[:6]
    heard, told = learned().hear(recording, None), learned().hear(recording, " ".join(words))
    assert told.features.posteriors.max(axis=1).mean() > heard.features.posteriors.max(axis=1).mean()
    assert (told.features.context == heard.features.context).all()


def test_the_jaw_opens_in_open_vowels_and_rises_between(recording: Path) -> None:
    """On a voice, since how far the jaw goes is read from the encoder's states, which nobody can make up."""
    words = " ".join(VOICE.with_suffix(".txt").read_text(encoding="utf-8").split()[:6])
    jaw = learned().move(learned().hear(recording, words), builtin("neutral")).expression[:, JAW]
    middles: dict[bool, list[float]] = {True: [], False: []}
    for span in align(read_audio(recording), words).phones:
        if span.label not in VOWELS or span.label in OPEN:
            middles[span.label in OPEN].append(float(jaw[round((span.start + span.end) / 2 * 25)]))
    assert min(map(len, middles.values())) >= 4
    assert np.mean(middles[True]) > 1.3 * np.mean(middles[False])
