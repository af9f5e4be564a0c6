"""What made a result: one hash over the code and the weights, so that a newer version never serves old takes."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

import backend
import models

_PACKAGES: Final = ("style-avatar", "torch", "numpy", "mediapipe")


def fingerprint() -> str:
    """SHA-256 over every source file and weight of `backend` and `models` and the versions of what they stand on."""
    digest = hashlib.sha256()
    for package in (backend, models):
        root = Path(package.__path__[0])
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.safetensors")]):
            digest.update(path.relative_to(root).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(" ".join(version(name) for name in _PACKAGES).encode())
    return digest.hexdigest()
