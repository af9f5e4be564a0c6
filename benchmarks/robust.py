"""Does the mouth rest when nobody speaks, and follow who speaks over something else? One table.

    python benchmarks/robust.py [--model package.module:factory ...] [--speech DIR] [--music DIR] [--hour] [--json FILE]

Silence, breath, noise, music, laughter and knocks are made from formulas; --music adds recordings (Debian's
asterisk-moh-opsound-wav, unpacked, is free music on hold). --hour has the articulator say an hour, in a process of its
own, and reports time and memory. docs/motion.md says what each number means.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile
import torch

from backend.delivery import DEMO_VOICE
from backend.evaluation import robustness
from backend.evaluation.motion_model import ArticulatorModel, load_model
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.results import Result, table
from backend.evaluation.stage import Stage
from backend.media import SAMPLE_RATE, read_audio
from backend.speech_folder import AUDIO, recordings
from models.face import open_head
from models.motion.motion import MotionError
from models.motion.style_choice import chosen_style
from models.speech.phonetic import PhoneticEncoder

HOUR = """
import json, resource, sys, time
from pathlib import Path
import torch
from backend.evaluation.motion_model import ArticulatorModel, load_model
from models.face import open_head
from models.motion.style_choice import chosen_style
from models.speech.phonetic import PhoneticEncoder
torch.set_num_threads(int(sys.argv[3]))
model = load_model(sys.argv[2]) if sys.argv[2] else ArticulatorModel(open_head.load(), PhoneticEncoder.load())
start = time.perf_counter()
heard = model.hear(Path(sys.argv[1]), None)
after = time.perf_counter()
motion = model.move(heard, chosen_style("neutral"), 0)
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([model.name, len(motion.expression) / 25, after - start, done - after, peak]))
"""


def main() -> int:
    options = _options()
    torch.set_num_threads(options.threads)
    face = open_head.load()
    articulator = ArticulatorModel(face, PhoneticEncoder.load())
    try:
        models = [articulator, *(load_model(reference) for reference in options.model)]
    except MotionError as error:
        print(error, file=sys.stderr)
        return 2
    stage = Stage(face, MouthGauge.of(face), articulator, models, chosen_style(options.style), options.seed)
    music = [path for path in sorted(options.music.rglob("*")) if path.suffix in AUDIO] if options.music else []
    said = recordings(options.speech) if options.speech.is_dir() else []
    if not said:
        print(f"{options.speech} is not here: only sounds without speech", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        results = list(robustness.quiet_results(stage, options.seconds, music, work))
        if said:
            results += robustness.pause_results(stage, said, work)
            results += robustness.over_results(stage, said, music, work)
        for name, rows in groupby(results, key=lambda result: result.section):
            print(f"\n### {name}\n\n{table(list(rows))}", flush=True)
        if options.hour:
            results += hours(options, work)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1), encoding="utf-8")
    return 0


def hours(options: argparse.Namespace, work: Path) -> list[Result]:
    """Time and peak memory of each model for the demo's voice, repeated to a minute, ten and sixty."""
    voice, found = read_audio(DEMO_VOICE), []
    print("\n| model | minutes | hearing s | moving s | times real time | peak memory MB |\n|---|---|---|---|---|---|")
    for minutes in (1, 10, 60):
        path = work / f"{minutes}.wav"
        soundfile.write(path, np.resize(voice, minutes * 60 * SAMPLE_RATE), SAMPLE_RATE, subtype="PCM_16")
        for reference in ("", *options.model):
            command = [sys.executable, "-c", HOUR, str(path), reference, str(options.threads)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            name, seconds, hearing, moving, peak = json.loads(printed.splitlines()[-1])
            speed = seconds / (hearing + moving)
            print(f"| {name} | {minutes} | {hearing:.1f} | {moving:.1f} | {speed:.0f} | {peak:.0f} |", flush=True)
            cells = {"hearing s": hearing, "moving s": moving, "times real time": speed, "peak MB": peak}
            found += [Result("length", f"{minutes} min", name, what, value) for what, value in cells.items()]
        path.unlink()
    return found


def _options() -> argparse.Namespace:
    shared = Path(__file__).resolve().parent.parent.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, default=shared / "speech" / "speakers", help="recordings, transcribed")
    parser.add_argument("--music", type=Path, help="a folder of music")
    parser.add_argument("--model", action="append", default=[], help="package.module:factory of a motion model")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each sound")
    parser.add_argument("--hour", action="store_true", help="let each model work on an hour, too (minutes of work)")
    parser.add_argument("--style", default="neutral")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write all numbers to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
