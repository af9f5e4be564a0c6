"""Trains `models/weights/phonetic_head.safetensors` on top of the frozen encoder, in two rounds.

    python -m backend.training.phonetic.train --work build/phonetic [--speech ../shared/speech/ljspeech]

The first head learns from aligned English; it then labels readers of other languages, and the second head learns from
both. Every step is seeded and kept under `--work`: the packages, the alignments, the encoder's hidden states, and the
head every few hundred steps; a run that was broken off goes on from there. About 40 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from backend.progress import Progress, TerminalProgress, silent
from backend.training.phonetic.corpus import asterisk_clips, folder_clips, foreign_clips
from backend.training.phonetic.features import LAYERS, aligned, cache_features, cache_noise, recognised
from models.speech.phones import CLASSES
from models.speech.phonetic import ENCODER_WEIGHTS, HEAD_WEIGHTS, PhoneticEncoder, PhoneticHead
from models.speech.whisper_encoder import WhisperEncoder, load_encoder

STEPS: Final = 1000
SECOND_STEPS: Final = 1500
BATCH: Final = 24
CROP: Final = 100  # frames: 2 s
RATE: Final = 2e-3
SMOOTHING: Final = 0.02
HIDDEN: Final = 256
DRAWS: Final = 3
FOREIGN_DRAWS: Final = 1
_KEEP_EVERY: Final = 250


class Batches:
    """Random crops of 2 s from cached feature files, longer files more often."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files
        lengths = np.array([_frames(file) for file in files], dtype=np.float64)
        self._shares = lengths / lengths.sum()

    def draw(self, random: np.random.Generator) -> tuple[list[Tensor], Tensor, Tensor]:
        """Hidden states, each (24, 100, width), labels (24, 100, 29), and which frames count, (24, 100)."""
        chosen = random.choice(len(self._files), BATCH, p=self._shares)
        crops = [_crop(self._files[index], random) for index in chosen]
        states = torch.stack([crop[0] for crop in crops], dim=1)
        return list(states), torch.stack([crop[1] for crop in crops]), torch.stack([crop[2] for crop in crops])


def _frames(file: Path) -> int:
    with safe_open(str(file), "pt") as archive:
        return int(archive.get_slice("labels").get_shape()[0])


def _crop(file: Path, random: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """States (layers, 100, width), labels (100, 29) and the mask (100,) of a random stretch; short files are padded."""
    with safe_open(str(file), "pt") as archive:
        total = archive.get_slice("labels").get_shape()[0]
        start = int(random.integers(0, max(total - CROP, 0) + 1))
        states = archive.get_slice("states")[:, start : start + CROP].float()
        labels = archive.get_slice("labels")[start : start + CROP].float()
    missing = CROP - len(labels)
    counts = torch.arange(CROP) < len(labels)
    return F.pad(states, (0, 0, 0, missing)), F.pad(labels, (0, 0, 0, missing)), counts


def loss_of(logits: Tensor, labels: Tensor, counts: Tensor) -> Tensor:
    """Cross-entropy against soft labels with a little smoothing, over the frames that count."""
    soft = (1.0 - SMOOTHING) * labels + SMOOTHING / len(CLASSES)
    per_frame = -(soft * logits.log_softmax(dim=-1)).sum(dim=-1)
    return per_frame[counts].mean()


def train(
    files: list[Path], width: int, checkpoint: Path, seed: int, steps: int, progress: Progress = silent
) -> PhoneticHead:
    """Train a head on cached features, keeping head and optimiser in `checkpoint` on the way."""
    torch.manual_seed(seed)
    head = PhoneticHead(width, LAYERS, HIDDEN)
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    first = _restore(checkpoint, head, optimiser, schedule)
    batches = Batches(files)
    head.train()
    for step in range(first, steps):
        torch.manual_seed(seed * 1_000_000 + step)  # dropout, the same whether or not the run was broken off
        states, labels, counts = batches.draw(np.random.default_rng([seed, step]))
        loss = loss_of(head(states), labels, counts)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if (step + 1) % _KEEP_EVERY == 0:
            _keep(checkpoint, step + 1, head, optimiser, schedule)
            print(json.dumps({"step": step + 1, "loss": round(loss.item(), 4)}), flush=True)
        progress("train", step + 1, steps)
    return head.eval()


def _keep(checkpoint: Path, step: int, head: PhoneticHead, optimiser: torch.optim.Optimizer, schedule: object) -> None:
    state = {"step": step, "head": head.state_dict(), "optimiser": optimiser.state_dict()}
    assert isinstance(schedule, torch.optim.lr_scheduler.LRScheduler)
    torch.save(state | {"schedule": schedule.state_dict()}, checkpoint)


def _restore(
    checkpoint: Path,
    head: PhoneticHead,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> int:
    """Load what `_keep` wrote, if anything, and say which step comes next."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    head.load_state_dict(state["head"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])


def save_head(head: PhoneticHead, out: Path) -> None:
    """Write the head as float16."""
    out.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in head.state_dict().items()}
    save_file(weights, str(out), {"format": "float16", "classes": " ".join(CLASSES)})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/phonetic"), help="downloads, features, checkpoints")
    parser.add_argument("--speech", type=Path, nargs="*", default=[Path("../shared/speech/ljspeech")],
                        help="folders with sound files and a transcripts.tsv; missing ones are left out")  # fmt: skip
    parser.add_argument("--encoder", type=Path, default=ENCODER_WEIGHTS)
    parser.add_argument("--out", type=Path, default=HEAD_WEIGHTS)
    parser.add_argument("--draws", type=int, default=DRAWS, help="altered copies of each clip")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with TerminalProgress() as progress:
        head = train_both_rounds(options, load_encoder(options.encoder), progress)
    save_head(head, options.out)


def train_both_rounds(options: argparse.Namespace, encoder: WhisperEncoder, progress: Progress) -> PhoneticHead:
    """The first head on aligned English, the second also on what the first heard in other languages."""
    work, seed, features = options.work, options.seed, options.work / "features"
    clips = asterisk_clips(work) + [clip for folder in options.speech for clip in folder_clips(folder)]
    spans = aligned(clips, work / "alignments", progress)
    files = cache_features(encoder, clips, spans, features, options.draws, seed, progress)
    files += cache_noise(encoder, features, seed)
    teacher = train(files, encoder.width, work / "head1.pt", seed, STEPS, progress)
    others = foreign_clips(work)
    heard = recognised(others, PhoneticEncoder(encoder, teacher), work / "heard", progress)
    files += cache_features(encoder, others, heard, features, FOREIGN_DRAWS, seed, progress)
    return train(files, encoder.width, work / "head2.pt", seed + 1, SECOND_STEPS, progress)


if __name__ == "__main__":
    main()
