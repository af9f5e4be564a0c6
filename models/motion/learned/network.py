"""The network: rows of what is heard and a style row → how far each part of the mouth is from rest, at 50 per second.

Residual convolutions over time (Bai, Kolter & Koltun 2018), the near ones looking 160 ms ahead, the far ones back only,
each modulated by the style (FiLM, Perez et al. 2018). Controls come out in units of the style's own spread, so that how
far a face moves is set by the style and not learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.motion.learned.features import WIDTH
from models.motion.visemes import CONTROLS

CONTROL_COUNT: Final = len(CONTROLS)
STYLE_WIDTH: Final = 2 * CONTROL_COUNT
CAPTURED: Final = ("jaw", "lower_lip", "upper_lip")  # controls that captured motion has a say in
CAPTURED_TAPS: Final = 17  # 160 ms either way
CONTACTS: Final = ("seal", "bite", "rest")
HIDDEN: Final = 112
TAPS: Final = 5
# Dilation, and whether the taps are centred (look ahead) or lie in the past.
_LAYERS: Final = ((1, True), (1, True), (2, True), (1, False), (4, False), (8, False))
AHEAD: Final = sum((TAPS // 2) * dilation for dilation, centred in _LAYERS if centred)  # frames
BEHIND: Final = sum((TAPS // 2 if centred else TAPS - 1) * dilation for dilation, centred in _LAYERS)


@dataclass(frozen=True)
class Heads:
    """controls (B, N, 12) in the style's spreads; captured (B, N, 3): the same for `CAPTURED` as captured mouths have
    it; contacts (B, N, 3): logits of `CONTACTS`, which help the network to learn when lips meet.
    """

    controls: Tensor
    captured: Tensor
    contacts: Tensor


class MotionNetwork(nn.Module):
    """Rows heard (B, N, WIDTH) and styles (B, 24) → `Heads`."""

    def __init__(self, hidden: int = HIDDEN, dropout: float = 0.1) -> None:
        super().__init__()
        self.entry = nn.Linear(WIDTH, hidden)
        self.style = nn.Sequential(nn.Linear(STYLE_WIDTH, 64), nn.GELU())
        self.layers = nn.ModuleList(_Layer(hidden, dilation, centred, dropout) for dilation, centred in _LAYERS)
        self.norm = nn.LayerNorm(hidden)
        self.controls = nn.Linear(hidden, CONTROL_COUNT)
        # Eleven minutes of captured motion bear no more than a linear filter: anything larger did worse on a new take.
        self.captured = nn.Conv1d(WIDTH, len(CAPTURED), CAPTURED_TAPS, padding=CAPTURED_TAPS // 2)
        self.contacts = nn.Linear(hidden, len(CONTACTS))

    def forward(self, heard: Tensor, style: Tensor) -> Heads:
        """One row out for each row in."""
        captured = self.captured(heard.transpose(1, 2)).transpose(1, 2)
        x = self.entry(heard)
        wish = self.style(style)
        for layer in self.layers:
            x = layer(x, wish)
        x = self.norm(x)
        return Heads(self.controls(x), captured, self.contacts(x))


class _Layer(nn.Module):
    """x + mix(gelu(FiLM(convolution(norm(x)))))."""

    def __init__(self, hidden: int, dilation: int, centred: bool, dropout: float) -> None:
        super().__init__()
        reach = (TAPS - 1) * dilation
        self.padding = (reach // 2, reach // 2) if centred else (reach, 0)
        self.norm = nn.LayerNorm(hidden)
        self.convolution = nn.Conv1d(hidden, hidden, TAPS, dilation=dilation)
        self.film = nn.Linear(64, 2 * hidden)
        self.mix = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, wish: Tensor) -> Tensor:
        scale, shift = self.film(wish)[:, None].chunk(2, dim=-1)
        heard = self.convolution(F.pad(self.norm(x).transpose(1, 2), self.padding)).transpose(1, 2)
        out: Tensor = x + self.mix(self.dropout(F.gelu(heard * (1 + scale) + shift)))
        return out


def new_network(seed: int) -> MotionNetwork:
    """Untrained, the same for the same seed; styles make no difference yet."""
    torch.manual_seed(seed)
    network = MotionNetwork()
    for layer in network.layers:
        assert isinstance(layer, _Layer)
        nn.init.zeros_(layer.film.weight)
        nn.init.zeros_(layer.film.bias)
    return network
