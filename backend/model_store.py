"""The user's own models: `<home>/models/<kind>.safetensors`, each with a card that records its SHA-256.

The home is `STYLE_AVATAR_HOME`, else `style-avatar` in the system's place for a user's data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

import torch
from safetensors.torch import save

from backend.home import home
from backend.model_kinds import KINDS, ModelKind, Tensors
from models.whole_file import whole_file

MAX_REASON: Final = 400  # characters of an error


class ModelStoreError(ValueError):
    """A model cannot be added or is not here; one sentence says why and what to do."""


def add(kind: str, files: Sequence[Path]) -> dict[str, Any]:
    """Check a model's original files, keep their tensors, and return the card.

    A model added before is replaced; a bad file leaves it as it was.

    Raises:
        ModelStoreError: an unknown kind, too few or many files, or a file that is not what the kind needs.
        OSError: the user's folder cannot be written.
    """
    tensors = _read(kind, files)
    data = save(tensors, {"kind": kind})
    card = {
        "kind": kind,
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "; ".join(f"{', '.join(origin.files)}: {origin.licence}" for origin in KINDS[kind].origins),
        "made_from": {part.name: _sha256(part) for file in files for part in _parts(file)},
    }
    with whole_file(_path(kind)) as partial:
        partial.write_bytes(data)
    with whole_file(_card_path(kind)) as partial:
        partial.write_bytes(json.dumps(card, indent=2).encode())
    return {**card, "stored": str(_path(kind))}


def installed(kind: str) -> Path:
    """The file of an added model, its SHA-256 checked.

    Raises:
        ModelStoreError: unknown, missing or damaged.
    """
    model = _known(kind)
    if (found := state(kind)) != "installed":
        command = " or ".join(f"`{command}`" for command in _commands(kind, model))
        raise ModelStoreError(f"the model {kind} is {found}; run {command} (`style-avatar models` says where they are)")
    return _path(kind)


def state(kind: str) -> str:
    """Whether a model of `KINDS` is "installed", "missing" or "damaged"."""
    if not _path(kind).is_file():
        return "missing"
    try:
        recorded = json.loads(_card_path(kind).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return "damaged"
    return "installed" if recorded == _sha256(_path(kind)) else "damaged"


def listing() -> dict[str, dict[str, Any]]:
    """Every kind with its state (installed, missing, damaged), and where its files are and how to add them.

    An installed one has its card's `sha256` and `made_from` too.
    """
    return {kind: _described(kind, model) for kind, model in KINDS.items()}


def _described(kind: str, model: ModelKind) -> dict[str, Any]:
    found = state(kind)
    card = json.loads(_card_path(kind).read_text(encoding="utf-8")) if found == "installed" else {}
    return {
        "state": found,
        "purpose": model.purpose,
        "files": [asdict(origin) for origin in model.origins],
        "add": _commands(kind, model),
        "stored": str(_path(kind)),
        **{name: card[name] for name in ("sha256", "made_from") if name in card},
    }


def _read(kind: str, files: Sequence[Path]) -> Tensors:
    model = _known(kind)
    counts = {len(names) for names in model.file_sets}
    if len(files) not in (counts | {count + 1 for count in counts} if model.optional else counts):
        wanted = " or ".join(" and ".join(names) for names in model.file_sets)
        raise ModelStoreError(f"{kind} is made of {wanted}; got {len(files)} files")
    for file in files:
        if not file.exists():
            raise ModelStoreError(f"there is no file {file}; check its name")
    try:
        tensors = model.read(files)
    except (ValueError, OSError) as error:
        # torch lists every wrong tensor on a line of its own.
        reason = shorten(str(error), MAX_REASON, placeholder=" …")
        names = " and ".join(file.name for file in files)
        raise ModelStoreError(f"{names} cannot be used as {kind}: {reason}") from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ModelStoreError(f"{kind}: {name} holds NaN or infinity; fetch the file again")
    return {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}


def _known(kind: str) -> ModelKind:
    if kind not in KINDS:
        raise ModelStoreError(f"there is no model {kind!r}; there are {', '.join(KINDS)}")
    return KINDS[kind]


def _commands(kind: str, model: ModelKind) -> list[str]:
    return [f"style-avatar models add {kind} {' '.join(names)}" for names in model.file_sets]


def _path(kind: str) -> Path:
    return home() / "models" / f"{kind}.safetensors"


def _card_path(kind: str) -> Path:
    return _path(kind).with_suffix(".json")


def _parts(file: Path) -> list[Path]:
    """The file, or the plain files in a folder."""
    return [file] if file.is_file() else sorted(part for part in file.iterdir() if part.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
