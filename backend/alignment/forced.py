"""Forced alignment: when each word and phone of a transcript is said (English).

pocketsphinx in two passes, as its own documentation has it: the first finds the words, the second, run over
stretches between pauses, finds the phones inside them. Short stretches keep the second pass's memory small and let
one that fails be split and tried again. Times are seconds from the first sample. Both passes go in pieces (`sphinx`),
so that a long one reports how far it is and can be broken off.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.alignment.pronunciation import pronounce
from backend.alignment.sphinx import SAMPLE_RATE, Samples, Sphinx
from backend.alignment.stress import FUNCTION_WORDS, primary
from backend.alignment.transcript import spoken_words
from backend.progress import Progress, silent
from backend.told import ToldError
from models.speech.phones import PhoneSpan, WordSpan, to_classes

_FRAME: Final = 160  # samples per pocketsphinx frame: 100 frames a second
_STRETCH: Final = 6.0  # seconds after which a stretch ends at the next pause
_STRETCH_MAX: Final = 20.0  # seconds after which it ends even without one
_PAUSE: Final = 0.15  # seconds of silence that make a pause
_SHORTEST_PAUSE: Final = 0.1  # seconds; shorter silence before a stop is the stop's own closure
_STOPS: Final = frozenset({"P", "B", "T", "K", "CH"})
_MOST_WORDS_PER_SECOND: Final = 8.0
# Wider beams are slower but find the path through hesitations and noise.
_WIDE_BEAMS: Final = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80}


class AlignmentError(ToldError):
    """The transcript cannot be laid over the sound; the message says why and what to do."""


@dataclass(frozen=True)
class Alignment:
    """Words and phones in time. `phones` cover the whole recording without gaps, silences included."""

    words: list[WordSpan]
    phones: list[PhoneSpan]


@dataclass(frozen=True)
class _Word:
    """A spoken word between two frames (100 per second) of the first pass."""

    text: str
    start: int
    end: int


class _Steps:
    """How far an alignment is: seconds that passes went over, of three times the recording, or more if it is hard."""

    def __init__(self, seconds: float, progress: Progress) -> None:
        self._done, self._total, self._progress = 0.0, 3 * seconds, progress

    def __call__(self, seconds: float) -> None:
        self._done += seconds
        self._progress("align", int(self._done), int(max(self._done, self._total)) + 1)

    def over(self) -> None:
        """Tell that it is done."""
        total = int(max(self._done, self._total)) + 1
        self._progress("align", total, total)


def align(waveform: NDArray[np.float32], transcript: str, progress: Progress = silent) -> Alignment:
    """Lay `transcript` over `waveform`, (N,) float32 at 16 kHz.

    Words that the dictionary does not hold get a pronunciation from their parts or letters; which vowel is stressed is
    guessed from the phones, as the dictionary does not say. Memory grows with the
    length of the recording. What `progress` raises breaks the work off within a tenth of a second or two.

    Raises:
        AlignmentError: nothing to say in the transcript, no sound, far more words than fit, or words that cannot be
            found in the sound.
    """
    waveform = np.asarray(waveform)
    if waveform.ndim != 1 or waveform.dtype.kind != "f" or not np.isfinite(waveform).all():
        raise AlignmentError(
            f"expected a mono float waveform at {SAMPLE_RATE} Hz without NaN, got {waveform.dtype} of shape "
            f"{waveform.shape}; read the file with backend.media.read_audio"
        )
    texts = spoken_words(transcript)
    if not texts:
        raise AlignmentError(
            "the transcript holds no words; give the text that is spoken in the recording, or leave it out",
            "transcript_no_words",
        )
    seconds = len(waveform) / SAMPLE_RATE
    if len(texts) > _MOST_WORDS_PER_SECOND * seconds + 2:
        raise AlignmentError(
            f"the transcript has {len(texts)} words but the recording lasts only {seconds:.1f} s; "
            "give the text of this recording and no other",
            "transcript_too_long",
            words=len(texts),
            seconds=round(seconds, 1),
        )
    samples = np.round(np.clip(waveform, -1.0, 1.0) * 32767.0).astype(np.int16)
    steps = _Steps(seconds, progress)
    steps(0.0)
    sphinx = Sphinx(texts, steps)
    words = _find_words(sphinx, samples, texts) or _find_words(Sphinx(texts, steps, _WIDE_BEAMS), samples, texts)
    if words is None:
        raise AlignmentError(
            "the words of the transcript were not found in the recording; check that they belong together and that the "
            "speech is English, or leave the transcript out",
            "transcript_not_found",
        )
    phones = [phone for stretch in _stretches(words, len(samples)) for phone in _find_phones(sphinx, samples, *stretch)]
    steps.over()
    spans = [WordSpan(word.text, word.start / 100.0, word.end / 100.0) for word in words]
    return Alignment(spans, _with_silence(phones, seconds))


def _find_words(sphinx: Sphinx, samples: Samples, texts: list[str]) -> list[_Word] | None:
    """First pass: the spoken words in time, or None when no path through the sound says them all."""
    found = [
        _Word(_text(segment.word), segment.start_frame, segment.end_frame + 1)
        for segment in sphinx.words(samples, texts, thorough=False)
        if not _is_filler(segment.word)
    ]
    return found if [word.text for word in found] == texts else None


def _text(entry: str) -> str:
    """A dictionary entry without the number of its variant: `and(2)` is the word `and`."""
    return entry.split("(")[0]


def _is_filler(entry: str) -> bool:
    return entry.startswith(("<", "[", "+", "("))


def _stretches(words: list[_Word], samples: int) -> Iterator[tuple[list[_Word], int, int]]:
    """Runs of words with the frames where each run's sound starts and ends, cut in the middle of pauses."""
    run: list[_Word] = []
    start = 0
    for word, following in zip(words, [*words[1:], None], strict=True):
        run.append(word)
        if following is None:
            yield run, start, samples // _FRAME
            return
        seconds, pause = (word.end - start) / 100.0, (following.start - word.end) / 100.0
        if (seconds > _STRETCH and pause >= _PAUSE) or seconds > _STRETCH_MAX:
            middle = (word.end + following.start) // 2
            yield run, start, middle
            run, start = [], middle


def _find_phones(sphinx: Sphinx, samples: Samples, words: list[_Word], start: int, end: int) -> list[PhoneSpan]:
    """Second pass over one stretch: its phones. A stretch that fails is split at its longest pause and tried again."""
    texts = [word.text for word in words]
    sound = samples[start * _FRAME : end * _FRAME]
    phones = _align_phones(sphinx, sound, texts)
    if phones is not None:
        return [_shifted(phone, start / 100.0) for phone in phones]
    if len(words) == 1:
        return _spread(words[0], pronounce(words[0].text, sphinx.lookup))
    pauses = [second.start - first.end for first, second in itertools.pairwise(words)]
    cut = int(np.argmax(pauses)) + 1
    middle = (words[cut - 1].end + words[cut].start) // 2
    return [
        *_find_phones(sphinx, samples, words[:cut], start, middle),
        *_find_phones(sphinx, samples, words[cut:], middle, end),
    ]


def _align_phones(sphinx: Sphinx, sound: Samples, texts: list[str]) -> list[PhoneSpan] | None:
    """Both passes over a short stretch; None when either finds no path."""
    try:
        alignment = sphinx.phones(sound, texts)
        if alignment is None:
            return None
        # Entries are read while their parent is alive: they point into the decoder's memory.
        found = [_phones_of(word) for word in alignment]
    except RuntimeError:  # what pocketsphinx raises when a pass does not reach its final state
        return None
    said = [text for text, _ in found if text]
    return [phone for _, phones in found for phone in phones] if said == texts else None


def _phones_of(word: Any) -> tuple[str, list[PhoneSpan]]:
    """An aligned entry's text ("" for silence and noise) and its phones in the 29 classes."""
    text = "" if _is_filler(word.name) else _text(word.name)
    timed = [(phone.name, phone.start / 100.0, (phone.start + phone.duration) / 100.0) for phone in word]
    return text, _spans(text, timed)


def _spans(text: str, timed: list[tuple[str, float, float]]) -> list[PhoneSpan]:
    """A word's ARPAbet phones (name, start, end) as spans of the 29 classes, the stressed vowel marked."""
    names = [name for name, _, _ in timed]
    stressed = None if not text or text in FUNCTION_WORDS else primary(names)
    marked = [name + "1" if index == stressed else name for index, name in enumerate(names)]
    return [span for name, (_, start, end) in zip(marked, timed, strict=True) for span in to_classes(name, start, end)]


def _spread(word: _Word, names: list[str]) -> list[PhoneSpan]:
    """Phones laid evenly over a word whose inside could not be aligned."""
    edges = np.linspace(word.start / 100.0, word.end / 100.0, len(names) + 1).tolist()
    return _spans(word.text, list(zip(names, edges[:-1], edges[1:], strict=True)))


def _shifted(phone: PhoneSpan, seconds: float) -> PhoneSpan:
    return PhoneSpan(phone.label, phone.start + seconds, phone.end + seconds, phone.stress)


def _with_silence(phones: list[PhoneSpan], seconds: float) -> list[PhoneSpan]:
    """Phones in order with every gap filled by silence, neighbouring silences joined, up to the recording's end."""
    spans: list[PhoneSpan] = []
    silence = partial(PhoneSpan, "SIL")
    for phone in [*phones, silence(seconds, seconds)]:
        at = spans[-1].end if spans else 0.0
        if phone.start > at + 1e-6:
            spans.append(silence(at, phone.start))
        if phone.end > at:
            spans.append(PhoneSpan(phone.label, max(phone.start, at), phone.end, phone.stress))
    joined: list[PhoneSpan] = []
    for span in spans:
        if joined and span.label == joined[-1].label == "SIL":
            joined[-1] = silence(joined[-1].start, span.end)
        else:
            joined.append(span)
    return _closures_joined(joined)


def _closures_joined(spans: list[PhoneSpan]) -> list[PhoneSpan]:
    """The same with silences within speech that are a stop's closure given to the stop."""
    joined: list[PhoneSpan] = []
    for span in spans:
        before = joined[-1] if len(joined) > 1 else None
        closure = before is not None and before.label == "SIL" and before.end - before.start < _SHORTEST_PAUSE
        if before is not None and closure and span.label in _STOPS:
            joined[-1] = PhoneSpan(span.label, before.start, span.end, span.stress)
        else:
            joined.append(span)
    return joined
