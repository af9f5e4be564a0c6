"""How well is speech heard? Phones from sound alone against phone times of speakers that nothing was trained on.

    python benchmarks/speech.py [--speech DIR ...] [--head FILE] [--json FILE]

A folder of speech holds recordings with `NAME.phone.json` beside them, or a `transcripts.tsv` (file, text), which is
then force-aligned. Frame accuracy is over 20 ms frames (29 classes / 10 visemes); /p b m/ counts stretches of closed
lips, a match being one within 40 ms. "decoded" is what the articulator gets; the other rows read the posteriors.
"""

from __future__ import annotations

import argparse
import itertools
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.alignment.forced import AlignmentError, align
from backend.media import read_audio
from backend.speech_folder import Recording, recordings
from backend.training.phonetic.augmentation import babble, coloured_noise, mix, reverberate
from models.speech.decode import decode
from models.speech.phones import (
    BILABIAL,
    CLASSES,
    INDEX,
    RATE,
    VISEME_OF,
    PhoneSpan,
    posteriors_from_spans,
)
from models.speech.phonetic import HEAD_WEIGHTS, PhoneticEncoder

TOLERANCE = 0.040
THRESHOLDS = (0.3, 0.5)
VISEMES = np.array([VISEME_OF[name] for name in CLASSES])
LIPS = [INDEX[name] for name in sorted(BILABIAL)]

Waveform = NDArray[np.float32]
Stretch = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Clip:
    """One recording and its reference phones."""

    name: str
    sound: Waveform
    phones: list[PhoneSpan]


@dataclass(frozen=True)
class Score:
    """Counts of one clip under one reading; added up before they are divided."""

    frames: int
    phones: int
    visemes: int
    closures: int
    found: int
    claimed: int
    right: int

    def row(self) -> dict[str, float]:
        """Rates: accuracies of phones and visemes, recall and precision of closed lips."""
        return {
            "phones": self.phones / self.frames,
            "visemes": self.visemes / self.frames,
            "recall": self.found / max(self.closures, 1),
            "precision": self.right / max(self.claimed, 1),
        }


def total(scores: Sequence[Score]) -> Score:
    fields = Score.__dataclass_fields__
    return Score(**{field: sum(getattr(score, field) for score in scores) for field in fields})


def score(labels: NDArray[np.int64], claimed: list[Stretch], reference: list[PhoneSpan]) -> Score:
    """Frame labels (N,) and claimed stretches of closed lips, against reference phones."""
    truth = posteriors_from_spans(reference, len(labels)).argmax(axis=1)
    closures = lip_stretches(reference)
    return Score(
        frames=len(labels),
        phones=int((labels == truth).sum()),
        visemes=int((VISEMES[labels] == VISEMES[truth]).sum()),
        closures=len(closures),
        found=matched(closures, claimed),
        claimed=len(claimed),
        right=matched(claimed, closures),
    )


def lip_stretches(phones: Sequence[PhoneSpan]) -> list[Stretch]:
    """Where the lips are closed for /p b m/; neighbouring ones (`lamppost`) are one closure."""
    groups = itertools.groupby(phones, key=lambda span: span.label in BILABIAL)
    stretches = []
    for closed, spans in groups:
        if closed:
            run = list(spans)
            stretches.append((run[0].start, run[-1].end))
    return stretches


def matched(stretches: Sequence[Stretch], others: Sequence[Stretch]) -> int:
    """How many stretches have another one within the tolerance."""
    return sum(
        any(start - TOLERANCE < end2 and start2 < end + TOLERANCE for start2, end2 in others)
        for start, end in stretches
    )


def above(closed: NDArray[np.float32], threshold: float) -> list[Stretch]:
    """Stretches of frames whose summed /p b m/ posterior exceeds a threshold."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed > threshold, [0]])))
    return [(first / RATE, last / RATE) for first, last in edges.reshape(-1, 2)]


def readings(posteriors: NDArray[np.float32]) -> dict[str, tuple[NDArray[np.int64], list[Stretch]]]:
    """Frame labels and closed lips by each way of reading the posteriors."""
    labels, closed = posteriors.argmax(axis=1), posteriors[:, LIPS].sum(axis=1)
    by_name = {f"posteriors > {threshold}": (labels, above(closed, threshold)) for threshold in THRESHOLDS}
    spans = decode(posteriors)
    by_name["decoded"] = (posteriors_from_spans(spans, len(posteriors)).argmax(axis=1), lip_stretches(spans))
    return by_name


def conditions(clips: Sequence[Clip]) -> dict[str, Callable[[Clip], Waveform]]:
    """The recording as it is, and as rooms and noise change it; repeatable."""
    sounds = [clip.sound for clip in clips]

    def random(clip: Clip) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(clip.name.encode()))

    def noisy(clip: Clip) -> Waveform:
        return mix(clip.sound, coloured_noise(len(clip.sound), random(clip)), 10.0)

    def among_voices(clip: Clip) -> Waveform:
        others = [sound for sound in sounds if sound is not clip.sound]
        return mix(clip.sound, babble(len(clip.sound), others or sounds, random(clip)), 10.0)

    def in_a_room(clip: Clip) -> Waveform:
        return reverberate(clip.sound, random(clip))

    return {"clean": lambda clip: clip.sound, "noise 10 dB": noisy, "babble 10 dB": among_voices, "room": in_a_room}


def load(recording: Recording) -> Clip | None:
    """A recording with its own labels, or aligned; None where the transcript cannot be laid over it."""
    sound = read_audio(recording.path)
    if recording.labels is not None:
        return Clip(recording.path.name, sound, recording.labels)
    try:
        return Clip(recording.path.name, sound, align(sound, recording.transcript).phones)
    except AlignmentError as error:
        print(f"left out {recording.path.name}: {error}")
        return None


def measure(encoder: PhoneticEncoder, clips: Sequence[Clip]) -> dict[str, dict[str, dict[str, Score]]]:
    """Scores by condition, reading and clip."""
    results: dict[str, dict[str, dict[str, Score]]] = {}
    for condition, change in conditions(clips).items():
        for clip in tqdm(clips, desc=condition):
            for reading, heard in readings(encoder.posteriors(change(clip))).items():
                results.setdefault(condition, {}).setdefault(reading, {})[clip.name] = score(*heard, clip.phones)
    return results


def print_table(results: dict[str, dict[str, dict[str, Score]]]) -> None:
    print("| sound | reading | phones / visemes | /p b m/ recall / precision |\n|---|---|---|---|")
    for condition, by_reading in results.items():
        for reading, by_clip in by_reading.items():
            print(f"| {condition} | {reading} | {_cells(total(list(by_clip.values())))} |")
    print("\n| recording (clean, decoded) | phones / visemes | /p b m/ recall / precision |\n|---|---|---|")
    for name, one in results["clean"]["decoded"].items():
        print(f"| {name} | {_cells(one)} |")


def _cells(one: Score) -> str:
    row = one.row()
    recall = f"{row['recall']:.2f}" if one.closures else "–"
    precision = f"{row['precision']:.2f}" if one.claimed else "–"
    return f"{row['phones']:.3f} / {row['visemes']:.3f} | {recall} / {precision}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path("../shared/speech")
    parser.add_argument("--speech", type=Path, nargs="+", default=[shared / "librivox_phones", shared / "speakers"])
    parser.add_argument("--head", type=Path, default=HEAD_WEIGHTS, help="another trained head")
    parser.add_argument("--json", type=Path, help="write the pooled rates here")
    options = parser.parse_args()
    clips = [clip for folder in options.speech for one in recordings(folder) if (clip := load(one)) is not None]
    results = measure(PhoneticEncoder.load(head=options.head), clips)
    seconds = sum(len(clip.sound) for clip in clips) / 16000
    closures = sum(len(lip_stretches(clip.phones)) for clip in clips)
    print(f"{len(clips)} recordings, {seconds:.0f} s, {closures} closures of the lips\n")
    print_table(results)
    if options.json:
        pooled = {
            condition: {reading: total(list(by_clip.values())).row() for reading, by_clip in by_reading.items()}
            for condition, by_reading in results.items()
        }
        options.json.write_text(json.dumps(pooled, indent=2))


if __name__ == "__main__":
    main()
