"""The statistics that make style codes readable: mean and deviation of the 135 numbers over people at random.

    python -m backend.training.style_statistics --speech DIR [--takes N] [--out FILE]

DIR holds recordings of read sentences (LJSpeech), which the articulator says in random styles, as for the style gauge.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from backend.synthesis import Speech, hear
from backend.training.style_gauge import FIRST_SEED, random_style, sentences
from models.coefficients import FPS, assemble
from models.face import open_head
from models.motion.articulator import articulate
from models.motion.motion import Float32Array
from models.motion.style_code import CODE_WIDTH
from models.motion.style_measure import raw_code
from models.motion.style_statistics import WEIGHTS
from models.whole_file import whole_file


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the statistics."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--speech", required=True, type=Path, help="folder of recordings")
    parser.add_argument("--takes", type=int, default=600)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    speeches = [hear(path) for path in sentences(options.speech)]
    codes = np.array(list(codes_of(speeches, open_head.load().expression_names, options.takes)), dtype=np.float64)
    assert codes.shape == (options.takes, CODE_WIDTH)
    rows = {"mean": codes.mean(axis=0), "deviation": codes.std(axis=0)}
    with whole_file(options.out) as partial:
        save_file({name: row.astype(np.float32) for name, row in rows.items()}, partial)


def codes_of(speeches: Sequence[Speech], names: Sequence[str], takes: int) -> Iterator[Float32Array]:
    """The raw code (135,) of each of so many takes, every one in a style of its own."""
    nobody, light = np.zeros(80, np.float32), np.zeros(27, np.float32)
    for k in range(takes):
        speech, style = speeches[k % len(speeches)], random_style(np.random.default_rng(10 * FIRST_SEED + k))
        motion = articulate(speech.phones, speech.loudness, speech.seconds, style, names, seed=k, fps=FPS)
        yield raw_code(assemble(nobody, motion.expression, nobody, motion.angles, light, motion.translation))


if __name__ == "__main__":
    main()
