from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import backend
from models.speech.decode import decode
from models.speech.phones import BILABIAL, INDEX
from models.speech.phonetic import (
    ENCODER_WEIGHTS,
    HEAD_WEIGHTS,
    PhoneticEncoder,
    SpeechError,
    load_head,
    windows,
)
from models.speech.whisper_encoder import WeightsError
from tests.models.speech.encoders import WIDTH, write_small_encoder

SOUND = (np.random.default_rng(0).standard_normal(16000 * 13 + 77) * 0.1).astype(np.float32)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> PhoneticEncoder:
    encoder, head = write_small_encoder(tmp_path_factory.mktemp("encoder"))
    return PhoneticEncoder.load(encoder=encoder, head=head)


@pytest.mark.parametrize("samples", [1, 319, 320, 321, 8000, 80000, 80001, 88000, 96123])
def test_one_row_for_every_begun_frame(small: PhoneticEncoder, samples: int) -> None:
    posteriors = small.posteriors(SOUND[:samples])
    assert posteriors.shape == (-(-samples // 320), 29) and posteriors.dtype == np.float32
    np.testing.assert_allclose(posteriors.sum(axis=1), 1.0, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(SOUND)), max_size=12))
def test_joined_chunks_are_one_pass(small: PhoneticEncoder, cuts: list[int]) -> None:
    streamed = list(small.stream(np.split(SOUND, sorted(cuts))))
    np.testing.assert_array_equal(np.concatenate(streamed), small.posteriors(SOUND))


def test_posteriors_come_while_the_sound_still_does(small: PhoneticEncoder) -> None:
    given_out = 0

    def microphone() -> Iterator[np.ndarray]:
        nonlocal given_out
        for chunk in np.split(SOUND[:208000], 13):
            given_out += len(chunk)
            yield chunk

    next(small.stream(microphone()))
    assert given_out == 6 * 16000  # 5 s and half a second of context, in chunks of a second


def test_windows_stay_small_however_long_the_sound_is() -> None:
    minutes = (np.zeros(16000, np.float32) for _ in range(180))
    sizes, frames = zip(*((len(window), count) for window, _, count in windows(minutes)), strict=True)
    assert max(sizes) == 6 * 16000 and sum(frames) == 180 * 50


def test_each_window_has_its_context_around_it() -> None:
    ramp = np.arange(16000 * 12, dtype=np.float32)
    for index, (window, before, _) in enumerate(windows([ramp])):
        assert window[before * 320] == index * 5 * 16000


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 5), np.float32), "mono float"),
        (np.zeros(5, np.int16), "mono float"),
        (np.array([0.0, np.nan], np.float32), "NaN"),
        (np.zeros(0, np.float32), "empty"),
    ],
)
def test_what_is_no_waveform_is_refused(small: PhoneticEncoder, wrong: np.ndarray, message: str) -> None:
    with pytest.raises(SpeechError, match=message):
        small.posteriors(wrong)


def test_a_head_of_another_encoder_is_refused(tmp_path: Path) -> None:
    encoder, head = write_small_encoder(tmp_path)
    with pytest.raises(WeightsError, match=f"width {WIDTH * 2}"):
        load_head(head, WIDTH * 2)
    with pytest.raises(WeightsError, match="phonetic head"):
        load_head(encoder, WIDTH)


def test_the_shipped_encoder_hears_the_demo_voice() -> None:
    """Closed lips in "Peter Piper, Bob" and no lips in the pauses, from sound alone, of a voice never trained on."""
    path = Path(backend.__file__).parent / "assets" / "demo_voice.flac"
    sound, rate = soundfile.read(path, dtype="float32")
    assert rate == 16000
    posteriors = PhoneticEncoder.load().posteriors(sound)
    spans = decode(posteriors)
    lips = sum(span.label in BILABIAL for span in spans)
    assert 11 <= lips <= 15  # 14 in the text, from "made me move" to "beautiful"
    assert posteriors[:10, INDEX["SIL"]].mean() > 0.8 and posteriors[-15:, INDEX["SIL"]].mean() > 0.8


def test_the_shipped_weights_stay_small() -> None:
    assert ENCODER_WEIGHTS.stat().st_size + HEAD_WEIGHTS.stat().st_size <= 24_000_000
    assert all(len(digest) == 64 for digest in PhoneticEncoder.hashes().values())
