"""What other lip-sync programs make of the same recordings: lips against phone times, and the seconds they take.

    python benchmarks/peers.py --work DIR [--rhubarb FILE] [--openfacefx FILE] [--headaudio FOLDER] [--repeats 3]
                               [--section lips|seconds] [--speech DIR ...] [--russian DIR] [--limit N] [--json FILE]

None of the programs is part of this project: docs/peers.md says where they come from. Those that are not given are
left out. What they make of a recording is kept in --work and not made again; delete the folder to start afresh.
Seconds are those of whole processes, from a sound file to mouth shapes (ours: to the head's motion), without Blender;
processor seconds, of all cores together, depend less on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from backend.delivery import DEMO_TRANSCRIPT, DEMO_VOICE
from backend.evaluation import contact, mouth_cues
from backend.evaluation.learned import LearnedModel
from backend.evaluation.lip_timing import SECTION, aligned, timing_row
from backend.evaluation.motion_model import FPS, ArticulatorModel, MotionModel
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.results import Result, table
from backend.evaluation.stage import Stage
from backend.festival_voice import voice_recordings
from backend.media import SAMPLE_RATE, read_audio
from backend.speech_folder import Recording, recordings
from models.face import open_head
from models.motion import lip_sync
from models.motion.learned.model import LearnedMotion
from models.motion.style_choice import chosen_style
from models.speech.phones import BILABIAL, PhoneSpan
from models.speech.phonetic import PhoneticEncoder

HEADAUDIO = Path(__file__).with_name("headaudio.mjs")
RUSSIAN_EVERY = 31  # of 620 sentences, as in benchmarks/motion.py
LENGTHS = (10, 60)  # seconds of voice
SECONDS: Final = "seconds"

Command = Callable[[Path, str, Path], list[str | Path]]
"""The command line for a WAV file (mono, 16 kHz), what is said in it, and the file that cues are written to."""


@dataclass(frozen=True)
class Peer:
    """A program in one way of using it; english: it knows English only, or must be told what is said."""

    name: str
    command: Command
    english: bool = False


def peers(options: argparse.Namespace) -> Iterator[Peer]:
    """Those that were given."""
    if options.rhubarb:
        rhubarb = [str(options.rhubarb), "--exportFormat", "json", "--quiet", "-o"]
        yield Peer(
            "Rhubarb, transcript", lambda sound, text, out: [*rhubarb, out, "-d", _written(text, out), sound], True
        )
        yield Peer("Rhubarb, sound alone", lambda sound, _, out: [*rhubarb, out, sound], True)
        yield Peer("Rhubarb, phonetic", lambda sound, _, out: [*rhubarb, out, "-r", "phonetic", sound])
    if options.openfacefx:
        naive = [options.openfacefx, "naive", "--cue-format", "json-cues", "-o"]
        yield Peer(
            "OpenFaceFX, transcript", lambda sound, text, out: [*naive, out, "--text", text, "--wav", sound], True
        )
    if options.headaudio:
        node = ["node", HEADAUDIO, options.headaudio]
        yield Peer("HeadAudio, sound alone", lambda sound, _, out: [*node, _raw(sound), out])


ANIMATE: Final = [sys.executable, "-m", "backend.cli", "animate", "--quiet", "--formats", ""]
OURSELVES: Final = Peer(
    "style-avatar, sound alone", lambda sound, _, out: [*ANIMATE, "--audio", sound, "--out", out.with_suffix("")]
)


def lips(options: argparse.Namespace) -> Iterator[Result]:
    """A row for each peer and for each of the project's models, on each folder of speech."""
    face = open_head.load()
    encoder = PhoneticEncoder.load()
    ruled = ArticulatorModel(face, encoder)
    models: list[MotionModel] = [ruled, LearnedModel(LearnedMotion.load(face), encoder)]
    stage = Stage(face, MouthGauge.of(face), ruled, models, chosen_style("neutral"))
    for name, found in _said(options).items():
        said, references = aligned(stage, found)
        told = all(one.transcript for one in said)
        for model in stage.models:
            for way in ("transcript", "sound alone") if told else ("sound alone",):
                yield from _our_row(stage, model, name, way, said, references)
        for peer in peers(options):
            if told or not peer.english:
                lengths = [stage.speech(one.path).seconds for one in said]
                yield from _peer_row(peer, said, lengths, references, options.work / name)


def _our_row(
    stage: Stage, ours: MotionModel, data: str, way: str, said: list[Recording], references: list[list[PhoneSpan]]
) -> list[Result]:
    lips_of = stage.gauge.lips
    texts = [one.transcript if way == "transcript" else None for one in said]
    motions = [stage.motion(ours, one.path, text).expression for one, text in zip(said, texts, strict=True)]
    seen = [contact.look(lips_of, one, FPS, spans) for one, spans in zip(motions, references, strict=True)]
    closed = [lips_of.contacts(motion)[0] for motion in motions]
    return _row(data, f"{ours.name}, {way}", seen, closed, references)


def _peer_row(
    peer: Peer, said: list[Recording], lengths: list[float], references: list[list[PhoneSpan]], folder: Path
) -> list[Result]:
    clips = list(zip([_kept(peer, one, folder) for one in said], lengths, references, strict=True))
    seen = [mouth_cues.look(cues, length, FPS, spans) for cues, length, spans in clips]
    closed = [mouth_cues.shown(cues, mouth_cues.CLOSED, length, FPS) for cues, length, _ in clips]
    return _row(folder.name, peer.name, seen, closed, references)


def _row(
    data: str,
    system: str,
    seen: list[contact.Seen],
    closed: list[lip_sync.BoolArray],
    references: list[list[PhoneSpan]],
) -> list[Result]:
    """The row of benchmarks/motion.py, and the kinder precision beside the stricter one."""
    meeting = [
        lip_sync.precision(frames, FPS, spans, BILABIAL, whole=False)
        for frames, spans in zip(closed, references, strict=True)
    ]
    cells = timing_row(contact.pooled(data, system, seen))
    return [
        *cells[:2],
        Result(SECTION, data, system, "closures at /p b m/", *contact.pooled_share(meeting)),
        *cells[2:],
    ]


def _said(options: argparse.Namespace) -> dict[str, list[Recording]]:
    found = {}
    for folder in options.speech:
        if folder.is_dir():
            found[folder.name] = recordings(folder)[: options.limit]
        else:
            print(f"{folder} is not here: left out", file=sys.stderr)
    if options.russian:
        found["Russian"] = voice_recordings(options.russian, RUSSIAN_EVERY)[: options.limit]
    return found


def _kept(peer: Peer, recording: Recording, folder: Path) -> list[mouth_cues.Cue]:
    """What the peer has made of a recording, now or in an earlier run."""
    kept = folder / peer.name / f"{recording.path.stem}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        sound, made = folder / f"{recording.path.stem}.wav", folder / "made.json"
        soundfile.write(sound, read_audio(recording.path), SAMPLE_RATE, subtype="PCM_16")
        subprocess.run(peer.command(sound, recording.transcript, made), capture_output=True, check=True)
        made.replace(kept)
    return mouth_cues.cues_of(kept.read_text(encoding="utf-8"))


def seconds(options: argparse.Namespace) -> Iterator[Result]:
    """The fastest of some runs of whole processes, and the load while they ran."""
    speech, text = read_audio(DEMO_VOICE), DEMO_TRANSCRIPT.read_text(encoding="utf-8").strip()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for length in LENGTHS:
            sound, times = Path(folder) / f"{length}.wav", -(-length * SAMPLE_RATE // len(speech))
            soundfile.write(sound, np.tile(speech, times)[: length * SAMPLE_RATE], SAMPLE_RATE, subtype="PCM_16")
            for peer in (*peers(options), OURSELVES):
                command = peer.command(sound, " ".join([text] * times), Path(folder) / "out.json")
                took = np.array([_seconds(command) for _ in range(options.repeats)])
                for what, least in zip((SECONDS, "processor seconds"), took.min(axis=0), strict=True):
                    yield Result(SECONDS, f"{length} s of voice", peer.name, what, float(least))
                yield Result(SECONDS, f"{length} s of voice", peer.name, "load", os.getloadavg()[0])


def _seconds(command: Sequence[str | Path]) -> tuple[float, float]:
    """How long a process takes, and how much processor time with its children."""
    began, before = time.monotonic(), os.times()
    subprocess.run(command, capture_output=True, check=True)
    took, after = time.monotonic() - began, os.times()
    return took, sum(after[2:4]) - sum(before[2:4])


def _written(text: str, beside: Path) -> Path:
    path = beside.with_suffix(".txt")
    path.write_text(text, encoding="utf-8")
    return path


def _raw(sound: Path) -> Path:
    path = sound.with_suffix(".f32")
    read_audio(sound).astype("<f4").tofile(path)
    return path


def main() -> int:
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for what the peers make")
    parser.add_argument("--rhubarb", type=Path, help="the executable of Rhubarb Lip Sync")
    parser.add_argument("--openfacefx", type=Path, help="the command of OpenFaceFX")
    parser.add_argument("--headaudio", type=Path, help="folder of the npm package @met4citizen/headaudio")
    parser.add_argument("--section", choices=("lips", "seconds"), default="lips")
    parser.add_argument("--speech", type=Path, action="append", help="a folder of speech; may be given again")
    parser.add_argument("--russian", type=Path, help="the recordings of Debian's festvox-ru")
    parser.add_argument("--limit", type=int, help="recordings per folder at most")
    parser.add_argument("--repeats", type=int, default=3, help="how often each is timed")
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    options = parser.parse_args()
    options.speech = options.speech or [shared / name for name in ("speakers", "librivox_phones", "ljspeech")]
    options.work.mkdir(parents=True, exist_ok=True)
    results = list({"lips": lips, "seconds": seconds}[options.section](options))
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in results], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
