"""The training loop: resumable, seeded, with an average of the weights over the last steps as the result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from backend.progress import Progress, silent
from backend.training.motion.lessons import Lessons, Stretches
from backend.training.motion.losses import MouthMesh, losses
from backend.training.motion.teacher import TaughtStyles
from models.motion.learned.network import Heads, MotionNetwork, new_network
from models.motion.learned.style_row import StyleScale, amplitudes
from models.speech.phonetic import prefers_bfloat16

STEPS: Final = 2400
BATCH: Final = 10
RATE: Final = 2e-3
DECAY: Final = 0.02
AVERAGE: Final = 0.995  # of the weights, step by step
NO_STYLE: Final = 0.1  # share of lessons that are not told their style
_KEEP_EVERY: Final = 100


def train(
    lessons: Lessons,
    styles: TaughtStyles,
    scale: StyleScale,
    mesh: MouthMesh,
    checkpoint: Path,
    seed: int,
    steps: int = STEPS,
    progress: Progress = silent,
) -> MotionNetwork:
    """Train a network, keeping it and its optimiser in `checkpoint` on the way."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network, average = new_network(seed).to(device), new_network(seed).to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.15)
    first = _restore(checkpoint, network, average, optimiser, schedule)
    stretches = Stretches(lessons, BATCH)
    rows = torch.from_numpy(np.array([scale.normal(row) for row in styles.rows]))
    spreads = torch.from_numpy(np.array([amplitudes(row) for row in styles.rows])).float()
    network.train()
    for step in range(first, steps):
        torch.manual_seed(seed * 1_000_000 + step)  # dropout, the same whether or not the run was broken off
        batch = stretches.draw(np.random.default_rng([seed, step]))
        style = rows[batch.style] * (torch.rand(len(batch.style), 1) >= NO_STYLE)
        with torch.autocast(device.type, torch.bfloat16, enabled=prefers_bfloat16(device)):
            heads = network(batch.heard.to(device), style.to(device))
        terms = losses(_on_cpu(heads), batch, spreads[batch.style], mesh)
        loss = sum(terms.values(), torch.zeros(()))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        _follow(average, network, min(AVERAGE, (step + 1) / (step + 10)))
        if (step + 1) % _KEEP_EVERY == 0:
            _keep(checkpoint, step + 1, network, average, optimiser, schedule)
            print(json.dumps({"step": step + 1} | {name: round(t.item(), 4) for name, t in terms.items()}), flush=True)
        progress("train", step + 1, steps)
    return average.cpu().eval()


def _on_cpu(heads: Heads) -> Heads:
    return Heads(heads.controls.float().cpu(), heads.captured.float().cpu(), heads.contacts.float().cpu())


@torch.no_grad()
def _follow(average: MotionNetwork, network: MotionNetwork, keep: float) -> None:
    for mean, now in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(now, 1 - keep)


def _keep(
    checkpoint: Path,
    step: int,
    network: MotionNetwork,
    average: MotionNetwork,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    parts: dict[str, dict[str, Tensor]] = {"network": network.state_dict(), "average": average.state_dict()}
    state = {"step": step, **parts, "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}
    partial = checkpoint.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(checkpoint)


def _restore(
    checkpoint: Path,
    network: MotionNetwork,
    average: MotionNetwork,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> int:
    """Load what `_keep` wrote, if anything, and say which step comes next."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])
