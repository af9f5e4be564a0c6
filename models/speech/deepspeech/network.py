"""The acoustic network of DeepSpeech 0.9.2: clipped dense layers around one LSTM, letters out (SPEC 9).

Architecture: Hannun et al. 2014, "Deep Speech: Scaling up end-to-end speech recognition", with the recurrent layer
replaced by an LSTM.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.speech.deepspeech.mfcc import INPUTS, in_context, mfcc
from models.speech.deepspeech.sound import Sound

ALPHABET: Final = " abcdefghijklmnopqrstuvwxyz'"  # class 28, behind these, is the CTC blank
CLASSES: Final = len(ALPHABET) + 1
RELEASE_WIDTH: Final = 2048
_CLIP: Final = 20.0


class _ClippedDense(nn.Linear):
    """A dense layer followed by min(max(x, 0), 20)."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).clamp(0.0, _CLIP)


class DeepSpeechNetwork(nn.Module):
    """Frames in context (F, 494) of one whole clip to probabilities (F, 29) of letters; rows sum to 1.

    The clip goes through in one pass from a zero state; every layer but the last has `width` units.
    """

    def __init__(self, width: int = RELEASE_WIDTH) -> None:
        super().__init__()
        self.layer_1 = _ClippedDense(INPUTS, width)
        self.layer_2 = _ClippedDense(width, width)
        self.layer_3 = _ClippedDense(width, width)
        self.lstm = nn.LSTM(width, width)
        self.layer_5 = _ClippedDense(width, width)
        self.layer_6 = nn.Linear(width, CLASSES)

    def forward(self, frames: Tensor) -> Tensor:
        """Class order: space, a to z, apostrophe, CTC blank."""
        hidden, _ = self.lstm(self.layer_3(self.layer_2(self.layer_1(frames))))
        return self.layer_6(self.layer_5(hidden)).softmax(dim=-1)


@torch.inference_mode()
def letter_probabilities(network: DeepSpeechNetwork, sound: Sound) -> Tensor:
    """Probabilities (F, 29) float32 of a sound, on the network's device; F = 1 + ⌊(N - 512) / 320⌋."""
    frames = torch.from_numpy(in_context(mfcc(sound)))
    return network(frames.to(next(network.parameters()).device))
