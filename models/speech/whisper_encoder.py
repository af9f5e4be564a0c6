"""The encoder half of OpenAI's Whisper: log-mel spectrogram and transformer, for its hidden states.

Network and spectrogram as in Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section
2.1-2.2; weights by OpenAI under the MIT licence (see the card beside them).
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.int8_rows import dequantise

SAMPLE_RATE: Final = 16000
WINDOW: Final = 400  # samples: 25 ms
HOP: Final = 160  # samples: 10 ms
MELS: Final = 80
SAMPLES_PER_FRAME: Final = 2 * HOP  # the second convolution halves the rate: 50 frames a second
_HEAD_WIDTH: Final = 64


class WeightsError(ValueError):
    """A weight file is missing, damaged or of another network; the message says what to do."""


@lru_cache(maxsize=1)
def mel_filters() -> Tensor:
    """The (80, 201) filter bank from STFT bins to mels: triangles of equal area (Slaney 1998), 0 to 8 kHz."""
    edges = _mel_to_hz(torch.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), MELS + 2, dtype=torch.float64))
    bins = torch.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1, dtype=torch.float64)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = torch.minimum(rising, falling).clamp(min=0.0)
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).float()


_LINEAR_HZ_PER_MEL: Final = 200.0 / 3.0  # Slaney's scale is linear up to 1 kHz, logarithmic above
_BREAK_HZ: Final = 1000.0
_BREAK_MEL: Final = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP: Final = math.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    return _BREAK_MEL + math.log(hz / _BREAK_HZ) / _LOG_STEP if hz >= _BREAK_HZ else hz / _LINEAR_HZ_PER_MEL


def _mel_to_hz(mel: Tensor) -> Tensor:
    above = _BREAK_HZ * torch.exp(_LOG_STEP * (mel - _BREAK_MEL))
    return torch.where(mel >= _BREAK_MEL, above, mel * _LINEAR_HZ_PER_MEL)


def log_mel(waveform: Tensor) -> Tensor:
    """Log-mel spectrogram (B, 80, N // 160) of waveforms (B, N) at 16 kHz, N a multiple of 160 and at least 320.

    Values lie 8 decades below each waveform's own maximum at the lowest, then (x + 4) / 4.
    """
    window = torch.hann_window(WINDOW, device=waveform.device)
    spectrum = torch.stft(waveform, WINDOW, HOP, window=window, center=True, pad_mode="reflect", return_complex=True)
    power = spectrum[..., :-1].abs().square()
    decades = (mel_filters().to(waveform.device) @ power).clamp(min=1e-10).log10()
    floor = decades.amax(dim=(1, 2), keepdim=True) - 8.0
    return (torch.maximum(decades, floor) + 4.0) / 4.0


class _Block(nn.Module):
    """One pre-norm transformer block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = width // _HEAD_WIDTH
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.feed_norm = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, 4 * width)
        self.feed_out = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, frames, width = x.shape
        projected = self.query_key_value(self.attention_norm(x))
        query, key, value = projected.view(batch, frames, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        heard = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(batch, frames, width)
        x = x + self.attention_out(heard)
        return x + self.feed_out(F.gelu(self.feed_in(self.feed_norm(x))))


class WhisperEncoder(nn.Module):
    """Convolutional stem and transformer blocks; `width` channels, `blocks` blocks, heads of 64 channels.

    Whisper `base` is width 512 with 6 blocks. Whisper's last LayerNorm is left out: readers of hidden states bring
    their own.
    """

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.width = width
        self.conv1 = nn.Conv1d(MELS, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))

    def forward(self, mel: Tensor) -> list[Tensor]:
        """Hidden states after each block, each (B, T, width) at 50 per second, from log-mels (B, 80, 2·T)."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + sinusoids(x.shape[1], self.width).to(x)
        states: list[Tensor] = []
        for block in self.blocks:
            x = block(x)
            states.append(x)
        return states


def sinusoids(frames: int, width: int) -> Tensor:
    """Whisper's position encodings (frames, width): sines in the first half of the channels, cosines in the second."""
    rates = torch.exp(-math.log(10000.0) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(frames)[:, None] * rates[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def load_encoder(path: str | Path) -> WhisperEncoder:
    """The encoder from a safetensors file of int8 rows (`models.int8_rows`), frozen, in evaluation mode.

    Raises:
        WeightsError: no such file, damaged, or not the weights of this network.
    """
    weights = load_weights(path)
    try:
        width = weights["conv1.weight"].shape[0]
        blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        encoder = WhisperEncoder(width, blocks)
        encoder.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{path} does not hold the weights of a Whisper encoder: {error}") from error
    return encoder.eval().requires_grad_(False)


def load_weights(path: str | Path) -> dict[str, Tensor]:
    """Float32 tensors by name from a safetensors file, int8 rows expanded.

    Raises:
        WeightsError: no such file, or damaged.
    """
    try:
        return dequantise(load_file(str(path)))
    except FileNotFoundError as error:
        raise WeightsError(f"there is no weight file {path}; install the package again") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"{path} is not a readable weight file ({error}); install the package again") from error


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a weight file in hexadecimal.

    Raises:
        WeightsError: no such file.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise WeightsError(f"there is no weight file {path}; install the package again") from error
