"""The phonetic speech encoder: 16 kHz sound to posteriors of the 29 phone classes, 50 per second, in any language.

A frozen Whisper encoder reads the sound in windows of 5 s with 0.5 s of context on either side; a small head trained
here turns the hidden states of its last blocks into phones. Windows lie on a fixed grid from the first sample, so it
does not matter how the sound is handed over: whole or in pieces, the posteriors are the same numbers, and memory does
not grow. The spectrogram's floor (8 decades under the maximum) is each window's own: no state is carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.speech.phones import CLASSES
from models.speech.whisper_encoder import (
    SAMPLE_RATE,
    SAMPLES_PER_FRAME,
    WeightsError,
    WhisperEncoder,
    file_sha256,
    load_encoder,
    load_weights,
    log_mel,
)
from models.weight_card import checked

_WEIGHTS: Final = Path(__file__).resolve().parent.parent / "weights"
ENCODER_WEIGHTS: Final = _WEIGHTS / "whisper_base_encoder.safetensors"
HEAD_WEIGHTS: Final = _WEIGHTS / "phonetic_head.safetensors"

WINDOW_FRAMES: Final = 250  # 5 s
CONTEXT_FRAMES: Final = 25  # 0.5 s
_WINDOW: Final = WINDOW_FRAMES * SAMPLES_PER_FRAME
_CONTEXT: Final = CONTEXT_FRAMES * SAMPLES_PER_FRAME
SHOWN_BLOCKS: Final = (0, 2, 4)  # the early ones tell how far jaws open better than those that know words
_HEAD_LAYERS: Final = 5
_HEAD_WIDTH: Final = 192

Waveform = NDArray[np.float32]
Posteriors = NDArray[np.float32]
States = NDArray[np.float32]


class SpeechError(ValueError):
    """The sound is not what the encoder takes; the message says what to do."""


class PhoneticHead(nn.Module):
    """Hidden states of the last blocks to phone logits: a learned mixture of layers, then small convolutions."""

    def __init__(self, width: int, layers: int = _HEAD_LAYERS, hidden: int = _HEAD_WIDTH, dropout: float = 0.2) -> None:
        super().__init__()
        self.layers = layers
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.mixture = nn.Parameter(torch.zeros(layers))
        self.narrow = nn.Conv1d(width, hidden, 1)
        self.near = nn.Conv1d(hidden, hidden, 5, padding=2)
        self.far = nn.Conv1d(hidden, hidden, 5, padding=4, dilation=2)
        self.classify = nn.Conv1d(hidden, len(CLASSES), 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: list[Tensor]) -> Tensor:
        """Logits (B, T, 29) from the encoder's hidden states, each (B, T, width); only the last `layers` are read."""
        shares = self.mixture.softmax(dim=0)
        mixed = sum(
            share * norm(state) for share, norm, state in zip(shares, self.norms, states[-self.layers :], strict=True)
        )
        assert isinstance(mixed, Tensor)
        x = torch.nn.functional.gelu(self.narrow(self.dropout(mixed.transpose(1, 2))))
        x = x + torch.nn.functional.gelu(self.near(self.dropout(x)))
        x = x + torch.nn.functional.gelu(self.far(self.dropout(x)))
        return self.classify(self.dropout(x)).transpose(1, 2)


class PhoneticEncoder:
    """Sound to phone posteriors; make one with `load`."""

    def __init__(self, encoder: WhisperEncoder, head: PhoneticHead, device: str = "cpu") -> None:
        self._device = torch.device(device)
        self._encoder = encoder.to(self._device).eval()
        self._head = head.to(self._device).eval()
        self._half = prefers_bfloat16(self._device)

    @classmethod
    def load(
        cls, device: str = "cpu", encoder: str | Path = ENCODER_WEIGHTS, head: str | Path = HEAD_WEIGHTS
    ) -> PhoneticEncoder:
        """The shipped weights, or others of the same make, on a torch device.

        Raises:
            WeightCardError: a shipped file is missing, or not the one that its card records.
            WeightsError: a file is missing, damaged or belongs to another network.
        """
        for shipped in {ENCODER_WEIGHTS, HEAD_WEIGHTS} & {Path(encoder), Path(head)}:
            checked(shipped)
        network = load_encoder(encoder)
        return cls(network, load_head(head, network.width), device)

    @staticmethod
    def hashes() -> dict[str, str]:
        """SHA-256 of the shipped weight files by name, for a take's provenance.

        Raises:
            WeightsError: a file is missing.
        """
        return {path.stem: file_sha256(path) for path in (ENCODER_WEIGHTS, HEAD_WEIGHTS)}

    def posteriors(self, waveform: Waveform) -> Posteriors:
        """Posteriors (ceil(N / 320), 29) of a waveform, (N,) float32 at 16 kHz; rows sum to one.

        Raises:
            SpeechError: not a mono float waveform, empty, or with NaN.
        """
        return np.concatenate(list(self.stream([waveform])))

    def stream(self, chunks: Iterable[Waveform]) -> Iterator[Posteriors]:
        """Posteriors (m, 29) as soon as enough sound has come: 5 s of them once 0.5 s beyond is known.

        `chunks` are consecutive pieces of one waveform, of any lengths; joined, the output equals `posteriors` of the
        joined waveform exactly. Memory is that of one window and one chunk.

        Raises:
            SpeechError: a chunk is not a mono float waveform, holds NaN, or there is no sound at all.
        """
        for posteriors, _ in self.stream_with_states(chunks):
            yield posteriors

    def stream_with_states(self, chunks: Iterable[Waveform]) -> Iterator[tuple[Posteriors, States]]:
        """As `stream`, each piece with the encoder's hidden states (m, 4 · width), normalised frame by frame: the mean
        of those blocks that the head reads, then the `SHOWN_BLOCKS` singly.
        """
        for window, before, frames in windows(chunks):
            posteriors, states = self._window(window)
            yield posteriors[before : before + frames], states[before : before + frames]

    @torch.inference_mode()
    def _window(self, samples: Waveform) -> tuple[Posteriors, States]:
        mel = log_mel(torch.from_numpy(samples)[None].to(self._device))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            states = [state.float() for state in self._encoder(mel)]
        probabilities: Tensor = self._head(states).softmax(dim=-1)
        return probabilities[0].cpu().numpy(), shown_states(states, self._head.layers)[0].cpu().numpy()


def prefers_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is the faster arithmetic: 1.7 times on such CPUs, posteriors within 0.03 of float32's."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def shown_states(states: Sequence[Tensor], read: int) -> Tensor:
    """Hidden states of all blocks, each (..., width), as (..., 4 · width): the mean of the last `read` of them, and the
    `SHOWN_BLOCKS` (of those there are), all normalised frame by frame.
    """
    normal = [torch.nn.functional.layer_norm(state, state.shape[-1:]) for state in states]
    shown = [normal[block] for block in SHOWN_BLOCKS if block < len(normal)]
    return torch.cat([torch.stack(normal[-read:]).mean(dim=0), *shown], dim=-1)


def load_head(path: str | Path, width: int) -> PhoneticHead:
    """The trained head for an encoder of `width` channels.

    Raises:
        WeightsError: missing, damaged, or for another encoder.
    """
    weights = load_weights(path)
    try:
        layers, hidden = len(weights["mixture"]), len(weights["narrow.bias"])
        head = PhoneticHead(width, layers, hidden)
        head.load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{path} does not hold a phonetic head for an encoder of width {width}: {error}") from error
    return head.eval().requires_grad_(False)


def windows(chunks: Iterable[Waveform]) -> Iterator[tuple[Waveform, int, int]]:
    """The sound in overlapping windows: (samples, frames of context before, frames that belong to this window).

    Samples are padded with silence to whole frames of 20 ms, and to 0.5 s for very short sound.

    Raises:
        SpeechError: as in `PhoneticEncoder.stream`.
    """
    held = np.empty(0, np.float32)  # from the current window's context on
    before = 0  # samples of context at the start of `held`
    heard = False
    for chunk in chunks:
        checked = _checked(chunk)
        heard = heard or len(checked) > 0
        held = np.concatenate([held, checked])
        while len(held) >= before + _WINDOW + _CONTEXT:
            yield held[: before + _WINDOW + _CONTEXT], before // SAMPLES_PER_FRAME, WINDOW_FRAMES
            held = held[before + _WINDOW - _CONTEXT :]
            before = _CONTEXT
    if not heard:
        raise SpeechError("expected sound, got an empty waveform; check the recording")
    while len(held) > before:
        samples = min(len(held) - before, _WINDOW)
        end = min(len(held), before + _WINDOW + _CONTEXT)
        yield _padded(held[:end]), before // SAMPLES_PER_FRAME, -(-samples // SAMPLES_PER_FRAME)
        held = held[before + _WINDOW - _CONTEXT :]
        before = _CONTEXT


def _padded(samples: Waveform) -> Waveform:
    length = max(-(-len(samples) // SAMPLES_PER_FRAME) * SAMPLES_PER_FRAME, _CONTEXT)
    return np.pad(samples, (0, length - len(samples)))


def _checked(chunk: Waveform) -> Waveform:
    array = np.asarray(chunk)
    if array.ndim != 1 or array.dtype.kind != "f":
        raise SpeechError(
            f"expected a mono float waveform at {SAMPLE_RATE} Hz, got {array.dtype} of shape {array.shape}; "
            "read the file with backend.media.read_audio"
        )
    if not np.isfinite(array).all():
        raise SpeechError("the waveform holds NaN or infinity; export the recording again")
    return array.astype(np.float32, copy=False)
