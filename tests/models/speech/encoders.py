"""Small random encoders in the real file formats, for tests that need a network but not its skill."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from models.int8_rows import quantise
from models.speech.phonetic import PhoneticHead
from models.speech.whisper_encoder import WhisperEncoder

WIDTH, BLOCKS = 64, 3


def small_encoder(seed: int = 0) -> WhisperEncoder:
    torch.manual_seed(seed)
    return WhisperEncoder(WIDTH, BLOCKS).eval().requires_grad_(False)


def write_small_encoder(folder: Path) -> tuple[Path, Path]:
    """Encoder and head files."""
    encoder, head = folder / "encoder.safetensors", folder / "head.safetensors"
    save_file(quantise(small_encoder().state_dict()), str(encoder))
    weights = PhoneticHead(WIDTH, layers=2, hidden=16).state_dict()
    save_file({name: value.half() for name, value in weights.items()}, str(head))
    return encoder, head
