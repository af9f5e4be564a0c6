"""Do the lips go with the speech? Contact on the open head's mesh against phone times of real recordings.

    python benchmarks/lips.py [--speech DIR ...] [--limit N] [--style NAME] [--fps 25] [--json FILE]

A folder of speech holds recordings with `NAME.phone.json` beside them, or a `transcripts.tsv` (file, text).
Rows: the articulator driven by the reference's own phone times, by the transcript, by sound alone; then baselines,
made from the first of these: the mean pose, a jaw that follows loudness, another clip's motion, motion 200 ms late.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.alignment.forced import AlignmentError
from backend.evaluation.baselines import baselines
from backend.evaluation.contact import Contact, look, pooled
from backend.evaluation.results import NOTHING
from backend.speech_folder import Recording, recordings
from backend.synthesis import Speech, hear
from models.face import open_head
from models.motion import lip_sync
from models.motion.articulator import articulate
from models.motion.lip_contact import CLOSED_MM, TOUCHING_MM, LipGauge
from models.motion.styles import style_named
from models.motion.timeline import gapless
from models.speech.phones import PhoneSpan
from models.speech.phonetic import PhoneticEncoder

Expression = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Clip:
    """One recording: what is really said when (`reference`), its loudness, and motion by how it was made."""

    reference: list[PhoneSpan]
    loudness: NDArray[np.float32]
    motions: dict[str, Expression]


def main() -> int:
    options = _options()
    face = open_head.load()
    gauge = LipGauge.of(face)
    encoder = PhoneticEncoder.load()
    rows: list[Contact] = []
    for folder in options.speech:
        if not folder.is_dir():
            print(f"{folder} is not here: left out", file=sys.stderr)
            continue
        clips = _clips(folder, face.expression_names, encoder, options)
        rows += _rows(folder.name, clips, gauge, options.fps, face.expression_names.index("jawOpen"))
    print(_table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, action="append", help="a folder of speech; may be given again")
    parser.add_argument("--limit", type=int, help="recordings per folder at most")
    parser.add_argument("--style", default="neutral")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fps", type=float, default=25.0)
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    options = parser.parse_args()
    options.speech = options.speech or [shared / name for name in ("librivox_phones", "ljspeech", "speakers")]
    return options


def _clips(folder: Path, names: Sequence[str], encoder: PhoneticEncoder, options: argparse.Namespace) -> list[Clip]:
    act = partial(_act, names=names, options=options)
    clips = []
    for recording in tqdm(recordings(folder)[: options.limit], desc=folder.name, file=sys.stderr):
        try:
            clips.append(_clip(recording, encoder, act))
        except AlignmentError as error:
            print(f"{recording.path.name}: {error}: left out", file=sys.stderr)
    return clips


def _clip(recording: Recording, encoder: PhoneticEncoder, act: Callable[..., Expression]) -> Clip:
    told = hear(recording.path, transcript=recording.transcript)
    heard = hear(recording.path, encoder=encoder)
    reference = gapless(recording.labels or told.phones, told.seconds)
    motions = {"reference times": act(reference, told)} if recording.labels else {}
    motions["with transcript"] = act(told.phones, told)
    motions["without transcript"] = act(heard.phones, heard)
    return Clip(reference, told.loudness, motions)


def _act(phones: list[PhoneSpan], speech: Speech, *, names: Sequence[str], options: argparse.Namespace) -> Expression:
    style = style_named(options.style)
    return articulate(
        phones, speech.loudness, speech.seconds, style, names, options.seed, options.fps, words=speech.words
    ).expression


def _rows(speech: str, clips: list[Clip], gauge: LipGauge, fps: float, jaw: int) -> Iterable[Contact]:
    systems = {name: [clip.motions[name] for clip in clips] for name in clips[0].motions}
    best = next(iter(systems.values()))
    for system, motions in (systems | baselines(best, [clip.loudness for clip in clips], fps, jaw)).items():
        seen = [look(gauge, motion, fps, clip.reference) for clip, motion in zip(clips, motions, strict=True)]
        yield pooled(speech, system, seen)


def _table(rows: Sequence[Contact]) -> str:
    lines = [
        "| speech | system | /p b m/, /f v/ | /p b m/ recall | precision | /f v/ contact | precision "
        "| shut in pauses | lag ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r.speech} | {r.system} | {r.closures}, {r.labiodentals} "
            f"| {_with(r.closure_recall, r.closure_recall_interval)} "
            f"| {_with(r.closure_precision, r.closure_precision_interval)} "
            f"| {_with(r.contact_recall, r.contact_recall_interval)} | {_share(r.contact_precision)} "
            f"| {r.pauses:.3f} | {_lag(r)} |"
        )
    return "\n".join([*lines, "", _note()])


def _with(value: float, interval: tuple[float, float]) -> str:
    return f"{_share(value)} ({interval[0]:.2f}–{interval[1]:.2f})" if np.isfinite(value) else NOTHING


def _share(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else NOTHING


def _lag(row: Contact) -> str:
    if not np.isfinite(row.lag_ms):
        return "no dip"
    return f"{row.lag_ms:+.0f} ({row.lag_interval[0]:+.0f} to {row.lag_interval[1]:+.0f})"


def _note() -> str:
    near, pause, closing, opening = (
        f"{1000 * seconds:.0f} ms"
        for seconds in (lip_sync.TOLERANCE, lip_sync.PAUSE, lip_sync.PAUSE_CLOSING, lip_sync.PAUSE_OPENING)
    )
    return textwrap.fill(
        f"Closed: the widest gap between the inner lip rims in the mouth's middle half is at most {CLOSED_MM} mm, on "
        f"the mean identity. Contact: lower lip to the front of the upper teeth at most {TOUCHING_MM} mm, lips apart. "
        f"Both within ± {near} of the phone; an event that outlasts its phone by more does not match. Pauses: from "
        f"{pause} on, less {closing} to close and {opening} to open. In brackets: 95 % bootstrap over recordings. "
        "Reference: the folder's own phone labels where it has them, else the forced alignment of the transcript; "
        'there the row "with transcript" is driven by its own yardstick: it shows what the articulator does, not how '
        "well speech is timed. librivox_phones' labels come from pocketsphinx too: another run, the same method. "
        "ljspeech's reader is among those the phonetic encoder learned from; speakers' are not.",
        width=110,
    )


if __name__ == "__main__":
    sys.exit(main())
