from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pocketsphinx import Decoder

import backend
from backend.alignment import forced
from backend.alignment.forced import Alignment, AlignmentError, align
from backend.alignment.sphinx import _PAUSE_PRIOR, Sphinx
from backend.alignment.transcript import spoken_words
from backend.media import read_audio
from models.speech.phones import BILABIAL, CLASSES, VOWELS, PhoneSpan

ASSETS = Path(backend.__file__).parent / "assets"
TEXT = (ASSETS / "demo_voice.txt").read_text(encoding="utf-8")


@cache
def voice() -> np.ndarray:
    return read_audio(ASSETS / "demo_voice.flac")


@cache
def aligned() -> Alignment:
    return align(voice(), TEXT)


def level(start: float, end: float) -> float:
    piece = voice()[int(start * 16000) : int(end * 16000)]
    return float(np.sqrt(np.mean(piece**2)))


def test_every_word_is_found_in_order() -> None:
    words = [span.word for span in aligned().words]
    assert words[:5] == ["hello", "one", "photograph", "and", "one"]
    assert len(words) == len(TEXT.split())
    assert all(first.end <= second.start + 1e-9 for first, second in pairwise(aligned().words))


def test_phones_cover_the_recording_without_gaps() -> None:
    phones = aligned().phones
    assert phones[0].start == 0.0 and phones[-1].end == pytest.approx(len(voice()) / 16000)
    assert all(first.end == pytest.approx(second.start) for first, second in pairwise(phones))
    assert all(span.label in CLASSES and span.end > span.start for span in phones)


def test_times_are_those_of_the_sound() -> None:
    """Vowels are loud, silences are quiet: checked on the sound itself, not on another aligner."""
    phones = aligned().phones
    vowels = [level(span.start, span.end) for span in phones if span.label in VOWELS]
    pauses = [
        level(span.start + 0.03, span.end - 0.03)
        for span in phones
        if span.label == "SIL" and span.end - span.start > 0.15
    ]
    assert len(pauses) >= 3 and max(pauses) < 0.2 * float(np.median(vowels))


def test_the_lips_of_peter_piper() -> None:
    words = {span.word: span for span in aligned().words}
    start, end = words["peter"].start, words["piper"].end
    closures = [span for span in aligned().phones if span.label in BILABIAL and start - 1e-6 <= span.start < end]
    assert [span.label for span in closures] == ["P", "P", "P"]


def test_content_words_have_one_stress_and_function_words_none() -> None:
    stresses = {}
    for word in aligned().words:
        inside = [span for span in aligned().phones if word.start - 1e-6 <= span.start < word.end - 1e-6]
        stresses[word.word] = {span.label for span in inside if span.stress == 1}
    assert stresses["beautiful"] == {"UW"} and stresses["leaves"] == {"IY"}
    assert stresses["and"] == stresses["my"] == set()


def test_words_unknown_to_the_dictionary_are_aligned() -> None:
    changed = align(voice(), TEXT.replace("Peter Piper", "Peeterr Pyperr"))
    span = next(span for span in changed.words if span.word == "pyperr")
    original = next(span for span in aligned().words if span.word == "piper")
    assert abs(span.start - original.start) < 0.06 and abs(span.end - original.end) < 0.06


def test_long_recordings_are_cut_at_pauses_and_keep_their_times(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = align(np.concatenate([voice(), voice()]), f"{TEXT} {TEXT}")
    half, shift = len(twice.words) // 2, len(voice()) / 16000
    for first, second in zip(twice.words[:half], twice.words[half:], strict=True):
        assert second.start - first.start == pytest.approx(shift, abs=0.05)


def test_it_reports_steps_and_can_be_broken_off_at_each() -> None:
    steps: list[tuple[str, int, int]] = []
    align(voice(), TEXT, lambda *step: steps.append(step))
    assert {stage for stage, _, _ in steps} == {"align"}
    done = [step for _, step, _ in steps]
    seconds = len(voice()) / 16000
    assert done == sorted(done) and set(done) >= set(range(int(3 * seconds)))
    assert steps[-1][1] == steps[-1][2]

    class Enough(Exception):
        pass

    for last in (1, len(steps) // 2, len(steps) - 1):
        left = iter(range(last))

        def stop(_stage: str, _done: int, _total: int, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Enough

        with pytest.raises(Enough):
            align(voice(), TEXT, stop)
    assert align(voice(), TEXT) == aligned()


def test_pieces_give_what_one_call_gives() -> None:
    """The normalisation is that of the whole recording, though it is never handed over whole."""
    texts = spoken_words(TEXT)
    samples = np.round(voice() * 32767).astype(np.int16)
    whole = Decoder(samprate=16000, lm=None, loglevel="FATAL", silprob=_PAUSE_PRIOR)
    whole.set_align_text(" ".join(texts))
    whole.start_utt()
    whole.process_raw(samples.tobytes(), full_utt=True)
    whole.end_utt()
    expected = [(segment.word, segment.start_frame, segment.end_frame) for segment in whole.seg()]
    found = Sphinx(texts, lambda _: None).words(samples, texts)
    assert [(segment.word, segment.start_frame, segment.end_frame) for segment in found] == expected


def test_a_stretch_that_fails_is_split_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real = forced._align_phones

    def fails_on_long_ones(decoder, sound, texts):
        return real(decoder, sound, texts) if len(texts) <= 3 else None

    monkeypatch.setattr(forced, "_align_phones", fails_on_long_ones)
    split = align(voice(), TEXT)
    assert [span.label for span in split.phones if span.label in BILABIAL] == [
        span.label for span in aligned().phones if span.label in BILABIAL
    ]


def test_a_word_whose_inside_cannot_be_aligned_is_spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forced, "_align_phones", lambda *_: None)
    spread = align(voice(), TEXT)
    word = next(span for span in spread.words if span.word == "bob")
    inside = [span for span in spread.phones if word.start - 1e-6 <= span.start < word.end - 1e-6]
    assert [span.label for span in inside] == ["B", "AA", "B"]
    lengths = [span.end - span.start for span in inside]
    assert max(lengths) == pytest.approx(min(lengths))


def test_a_transcript_without_words_is_refused() -> None:
    with pytest.raises(AlignmentError, match="no words"):
        align(voice(), "… 你好!")


def test_too_many_words_for_the_time_are_refused() -> None:
    with pytest.raises(AlignmentError, match="lasts only"):
        align(voice()[:16000], TEXT)


def test_noise_does_not_say_the_transcript() -> None:
    with pytest.raises(AlignmentError, match="not found"):
        align(np.zeros(1600, np.float32), "hello")


@pytest.mark.parametrize("wrong", [np.zeros((2, 100), np.float32), np.zeros(100, np.int16), np.full(100, np.nan)])
def test_only_mono_float_waveforms_are_taken(wrong: np.ndarray) -> None:
    with pytest.raises(AlignmentError, match="mono float"):
        align(wrong, "hello")


def test_a_stop_keeps_its_closure_and_a_pause_stays_a_pause() -> None:
    said = [("ER", 0.1, 0.2), ("K", 0.27, 0.3), ("AO", 0.3, 0.5), ("P", 0.7, 0.8), ("S", 0.85, 0.9)]
    spans = forced._with_silence([PhoneSpan(*phone) for phone in said], 1.0)
    labels = [(span.label, span.start) for span in spans]
    assert labels == [
        *(("SIL", 0.0), ("ER", 0.1), ("K", 0.2), ("AO", 0.3), ("SIL", 0.5), ("P", 0.7), ("SIL", 0.8), ("S", 0.85)),
        ("SIL", 0.9),
    ]
