"""Trains `models/weights/motion.safetensors`, the learned motion model.

    python -m backend.training.motion --work build/motion [--speech ../shared/speech/ljspeech]
                                      [--captured ../shared/motion/facegood]

Real readers' speech (Debian's Asterisk prompts in five languages, LJSpeech) is heard by the phonetic encoder, clean and
altered; the articulator says their phones in random styles and is what the network learns from, and captured takes
correct how jaw and lips move over time. Every step is seeded and kept under `--work`: packages, alignments, features,
lessons, and the network every hundred steps; a run that was broken off goes on from there.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from backend.progress import Progress, TerminalProgress
from backend.training.motion.calibration import calibrated
from backend.training.motion.captured_filter import fit_captured
from backend.training.motion.captured_items import at_rows, clips_of, heard_spans, target_of, targets, training_takes
from backend.training.motion.lessons import written_lessons
from backend.training.motion.losses import MouthMesh
from backend.training.motion.material import cache_items, hearing, projection_for, read_item
from backend.training.motion.teacher import TaughtStyles, taught_styles
from backend.training.motion.train import STEPS, train
from backend.training.phonetic.corpus import asterisk_clips, folder_clips, foreign_clips
from backend.training.phonetic.features import aligned, recognised
from models.face import open_head
from models.motion.learned.model import WEIGHTS, Learnt
from models.motion.learned.network import CAPTURED
from models.motion.learned.style_row import StyleScale
from models.motion.motion import FloatArray
from models.motion.visemes import CONTROL_INDEX, CONTROLS
from models.speech.phonetic import PhoneticEncoder

DRAWS: Final = 1  # altered copies of clips with transcripts,
FOREIGN_DRAWS: Final = 0  # of others,
CAPTURED_DRAWS: Final = 1  # and of captured takes
STYLES: Final = 600
LEAST_DEVIATION: Final = 0.05  # of a style row's number
SHARE: Final = {"jaw": 0.9, "lower_lip": 0.5, "upper_lip": 0.5}  # that captured mouths have
CORRECTION: Final = {"jaw": 1.2, "pucker": 0.85, "funnel": 0.75, "flare": 0.85, "wide": 0.65, "stretch": 0.65}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/motion"), help="downloads, features, checkpoints")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech/ljspeech"),
                        help="folder with sound files and a transcripts.tsv")  # fmt: skip
    parser.add_argument("--captured", type=Path, default=Path("../shared/motion/facegood"),
                        help="folder of captured mouths with ARKit's names")  # fmt: skip
    parser.add_argument("--hold-out", default="3_15", help="part of the names of takes that are not trained on")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with TerminalProgress() as progress:
        learnt(options, progress).save(options.out)


def learnt(options: argparse.Namespace, progress: Progress) -> Learnt:
    """The whole way from sound files to weights."""
    work, seed, head = options.work, options.seed, open_head.load()
    encoder = PhoneticEncoder.load()
    hear = hearing(encoder)
    said = asterisk_clips(work) + folder_clips(options.speech)
    others = foreign_clips(work)
    takes = training_takes(options.captured, head.expression_names, options.hold_out)
    tracked = clips_of(takes)
    curves = targets(takes, head.expression_names)
    guides = {name: partial(at_rows, captured) for name, captured in curves.items()}
    spans = aligned(said, work / "alignments", progress)
    projection = projection_for([*said, *others], guides, tracked, hear, work / "projection.safetensors")

    features = work / "features"
    files = cache_items(said, spans, hear, projection, features, DRAWS, seed, progress)
    heard = recognised(others, encoder, work / "heard", progress)
    files += cache_items(others, heard, hear, projection, features, FOREIGN_DRAWS, seed, progress)
    found = heard_spans(tracked, hear)
    files += cache_items(tracked, found, hear, projection, features, CAPTURED_DRAWS, seed, progress)

    read = [read_item(features / f"{clip.name}.0.safetensors") for clip in folder_clips(options.speech)
            if clip.name in spans]  # fmt: skip
    styles = taught_styles(read, STYLES, seed)
    rows = {name: len(read_item(features / f"{name}.0.safetensors").features) for name in curves}
    target = partial(target_of, found=curves, clean_rows=rows)
    lessons = written_lessons(files, styles, target, seed, work / "lessons.safetensors", progress)
    scale = scale_of(styles)
    network = train(lessons, styles, scale, MouthMesh.of(head), work / "network.pt", seed, options.steps, progress)
    fit_captured(network, lessons)
    share = np.array([SHARE[name] for name in CAPTURED])
    return calibrated(Learnt(network, projection, scale, share, np.ones(len(CONTROLS))), read, styles, head)


def scale_of(styles: TaughtStyles) -> StyleScale:
    """How styles are told to the network."""
    correction = np.zeros(2 * len(CONTROLS))
    for name, factor in CORRECTION.items():
        correction[[CONTROL_INDEX[name], len(CONTROLS) + CONTROL_INDEX[name]]] = np.log(factor)
    deviation: FloatArray = styles.rows.std(axis=0) + LEAST_DEVIATION
    return StyleScale(styles.effect, correction, styles.rows.mean(axis=0), deviation)


if __name__ == "__main__":
    main()
