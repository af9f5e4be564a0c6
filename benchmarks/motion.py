"""Is the motion any good? Baselines, the articulator and learned models, on recordings and captured motion.

    python benchmarks/motion.py [--motion DIR] [--speech DIR] [--model package.module:factory ...] [--section NAME ...]
                                [--quick] [--json FILE] [--plots DIR]

Sections: timing (lips against phone times, on speakers that nothing was trained on, and in noise), captured (mouths
against captured ones), style (styles asked for against those shown), smooth (jerk, fast movement, seams), eyes (eyes
and head against captured ones). docs/motion.md says what each number means and what it cannot say.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from backend.evaluation import against_captured, eyes_and_head, lip_timing, plots, smooth_motion, style_control
from backend.evaluation.captured import Captured, captured_takes
from backend.evaluation.motion_model import ArticulatorModel, MotionModel, load_model
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.results import Result, table
from backend.evaluation.ridge import Ridge
from backend.evaluation.stage import Stage
from backend.evaluation.style_requests import requests
from backend.festival_voice import voice_recordings
from backend.speech_folder import Recording, recordings
from models.face import open_head
from models.motion.motion import Float32Array, MotionError
from models.motion.style_choice import chosen_style
from models.speech.phonetic import PhoneticEncoder

LEARNED = "backend.evaluation.learned:model"
TRAINED = "ljspeech"  # its reader is among those the encoder learned from
RUSSIAN = Path("/usr/share/festival/voices/russian/msu_ru_nsh_clunits")
RUSSIAN_EVERY = 31  # of 620 sentences
STYLES, CLIPS = 50, 10
QUICK_STYLES, QUICK_CLIPS = 12, 3
MOUTH = ("jaw", "lip opening", "lip width", "pucker")


@dataclass(frozen=True)
class Bench:
    """Stage and data of one run; what several sections need is made once."""

    stage: Stage
    motion: Path
    speech: Path
    russian: Path
    held_out: str
    quick: bool
    plots: Path | None
    work: Path

    @cached_property
    def mouths(self) -> list[Captured]:
        return self._takes("facegood")

    @cached_property
    def heads(self) -> list[Captured]:
        return self._takes("talking257")

    @cached_property
    def judged(self) -> list[Captured]:
        """The takes held out come first; the others are judged too, each by a ridge that did not see it."""
        first = [take for take in self.mouths if self.held_out in take.name]
        return first if self.quick else first + [take for take in self.mouths if take not in first]

    @cached_property
    def ridge(self) -> Ridge:
        return Ridge.fitted([take for take in self.mouths if self.held_out not in take.name])

    @cached_property
    def made(self) -> dict[str, list[Float32Array]]:
        seen = [take for take in self.mouths if self.held_out not in take.name]
        ridges = {
            take.name: self.ridge if take not in seen else Ridge.fitted([one for one in seen if one is not take])
            for take in self.judged
        }
        return against_captured.made_for(self.stage, self.judged, ridges)

    @cached_property
    def made_for_heads(self) -> dict[str, list[Float32Array]]:
        return against_captured.made_for(self.stage, self.heads, {take.name: self.ridge for take in self.heads})

    @cached_property
    def untrained(self) -> list[Path]:
        """Folders of speech by people whom the encoder never heard in training."""
        if not self.speech.is_dir():
            print(f"{self.speech} is not here: left out", file=sys.stderr)
            return []
        folders = [path for path in self.speech.iterdir() if path.is_dir() and path.name != TRAINED]
        return sorted(folders, key=lambda path: (path.name != "speakers", path.name))

    def _takes(self, name: str) -> list[Captured]:
        folder = self.motion / name
        if not folder.is_dir():
            print(f"{folder} is not here: left out", file=sys.stderr)
            return []
        return captured_takes(folder, self.stage.face.expression_names)


def timing(bench: Bench) -> Iterator[Result]:
    untold: list[MotionModel] = [bench.ridge] if bench.mouths else []
    said = {folder.name: recordings(folder) for folder in bench.untrained}
    if (bench.russian / "lab").is_dir():
        said["Russian"] = voice_recordings(bench.russian, RUSSIAN_EVERY)
    for name, some in said.items():
        chosen = _spread(some, QUICK_CLIPS) if bench.quick else some
        yield from lip_timing.timing_results(bench.stage, name, chosen, untold, bench.work)


def captured(bench: Bench) -> Iterator[Result]:
    gauge = bench.stage.gauge
    for place, take in enumerate(bench.judged):
        made = {system: [motions[place]] for system, motions in bench.made.items()}
        yield from against_captured.agreement_results(gauge, take.name, [take], made, MOUTH)
    for speaker in dict.fromkeys(take.speaker for take in bench.heads):
        places = [i for i, take in enumerate(bench.heads) if take.speaker == speaker]
        made = {system: [motions[i] for i in places] for system, motions in bench.made_for_heads.items()}
        takes = [bench.heads[i] for i in places]
        yield from against_captured.agreement_results(gauge, f"speaker {speaker}", takes, made, MOUTH[1:2])
    if bench.plots and bench.judged:
        plots.curves(bench.plots / "captured.png", gauge, bench.judged[0], {s: m[0] for s, m in bench.made.items()})


def smooth(bench: Bench) -> Iterator[Result]:
    if not bench.judged:
        return
    gauge = bench.stage.gauge
    for name, chosen in (("held-out take", True), ("other takes", False)):
        places = [i for i, take in enumerate(bench.judged) if (bench.held_out in take.name) is chosen]
        takes = [bench.judged[i] for i in places]
        made = {system: [motions[i] for i in places] for system, motions in bench.made.items()}
        yield from smooth_motion.smoothness_results(gauge, name, takes, made)
    yield from smooth_motion.seam_results(bench.stage, bench.judged[:1])
    if bench.plots:
        plots.spectra(bench.plots / "spectra.png", gauge, bench.judged, bench.made)


def eyes(bench: Bench) -> Iterator[Result]:
    yield from eyes_and_head.behaviour_results(bench.stage, f"{len(bench.heads)} clips", bench.heads)


def style(bench: Bench) -> Iterator[Result]:
    count, clips = (QUICK_STYLES, QUICK_CLIPS) if bench.quick else (STYLES, CLIPS)
    read = bench.speech / TRAINED
    if not read.is_dir():
        print(f"{read} is not here: styles are left out", file=sys.stderr)
        return
    readings = recordings(read)[: 2 * clips]
    asked = requests(bench.stage, [one.path for one in readings[::2]], count)
    sets = {TRAINED: readings[1::2], "untrained": [one for folder in bench.untrained for one in recordings(folder)]}
    for name, said in sets.items():
        said, _ = lip_timing.aligned(bench.stage, _spread(said, clips))
        data = f"{count} styles, {len(said)} clips of {name}"
        for model in bench.stage.models if said else ():
            shown = style_control.shown_styles(bench.stage, model, said, asked)
            yield from style_control.control_results(model.name, data, shown)
            yield from style_control.timing_results(bench.stage, data, model, said, shown)
            if bench.plots:
                plots.styles(bench.plots / f"styles_{model.name}_{name}.png".replace(" ", "_"), shown)
        if said and name == TRAINED:
            deaf = [bench.stage.style] * count
            shown = style_control.shown_styles(bench.stage, bench.stage.models[0], said, asked, deaf)
            yield from style_control.control_results("style ignored", data, shown)


def _spread(said: list[Recording], count: int) -> list[Recording]:
    """So many recordings from all over a folder, where neighbours are often the same speaker's."""
    return [said[i] for i in np.linspace(0, len(said) - 1, min(count, len(said))).round().astype(int)]


SECTIONS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "timing": timing,
    "captured": captured,
    "smooth": smooth,
    "eyes": eyes,
    "style": style,
}


def main() -> int:
    options = _options()
    torch.set_num_threads(options.threads)
    face = open_head.load()
    articulator = ArticulatorModel(face, PhoneticEncoder.load())
    try:
        models = [articulator, *(load_model(reference) for reference in options.model or [LEARNED])]
    except MotionError as error:
        print(error, file=sys.stderr)
        return 2
    if len({model.name for model in models}) < len(models):
        print(f"each model needs a name of its own, got {', '.join(model.name for model in models)}", file=sys.stderr)
        return 2
    document = chosen_style(options.style)
    stage = Stage(face, MouthGauge.of(face), articulator, models, document, options.seed)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(
            stage,
            options.motion,
            options.speech,
            options.russian,
            options.hold_out,
            options.quick,
            options.plots,
            Path(work),
        )
        for name in options.section or SECTIONS:
            results += _shown(SECTIONS[name](bench))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1), encoding="utf-8")
    return 0


def _shown(section: Iterator[Result]) -> Sequence[Result]:
    """The results of a section, printed as soon as they are known."""
    results = sorted(section, key=lambda result: result.section)
    for name, rows in groupby(results, key=lambda result: result.section):
        print(f"\n### {name}\n\n{table(list(rows))}", flush=True)
    return results


def _options() -> argparse.Namespace:
    shared = Path(__file__).resolve().parent.parent.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion", type=Path, default=shared / "motion", help="holds facegood/ and talking257/")
    parser.add_argument("--speech", type=Path, default=shared / "speech", help="holds speakers/, ljspeech/, …")
    parser.add_argument("--russian", type=Path, default=RUSSIAN, help="the recordings of Debian's festvox-ru")
    parser.add_argument(
        "--model", action="append", help=f"package.module:factory of a motion model; default: {LEARNED}"
    )
    parser.add_argument("--section", action="append", choices=[*SECTIONS], help="may be given again; default: all")
    parser.add_argument("--hold-out", default="3_15", help="part of the names of takes that no ridge is fitted to")
    parser.add_argument("--style", default="neutral")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="few recordings, one take, few styles")
    parser.add_argument("--json", type=Path, help="write all numbers to this file too")
    parser.add_argument("--plots", type=Path, help="draw into this folder (needs matplotlib)")
    options = parser.parse_args()
    if options.plots:
        options.plots.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
