"""Makes the neural renderer's weights: renders what frames are missing, trains, and says how near to Cycles it comes.

    python -m backend.training.neural_renderer --work build/neural [--frames 1000] [--steps 15000]

Stopped at any time, it goes on where it was. Frames are rendered by Blender in a process of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import torch

from backend.training.neural_renderer.measure import report
from backend.training.neural_renderer.train import run

EXAMS = 20


def main() -> None:
    """Do all of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=8, help="paths a pixel before denoising (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=15000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    frames = ["--count", str(options.frames), "--exams", str(EXAMS), "--samples", str(options.samples)]
    module = "backend.training.neural_renderer.frames"
    subprocess.run([sys.executable, "-m", module, "--work", str(options.work), *frames], check=True)
    torch.set_num_threads(1)  # steps are small: a second thread mostly waits
    weights = run(options.work, options.steps, options.seed)
    print("\n".join(report(options.work, weights)))
    print(f"weights in {weights}")


if __name__ == "__main__":
    main()
