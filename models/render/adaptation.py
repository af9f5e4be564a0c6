"""The deferred renderer adapted to one person: its last layers' difference from the shipped ones, in a small file.

Only the layers at full resolution change, and those that feed them; what a face, a light and a shadow are is left as it
was taught. The file names the weights that it belongs to by their hash, since a difference means nothing on others.
"""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from models.render.deferred import DeferredRenderer

FORMAT: Final = "style-avatar/adapted-renderer"
ADAPTED: Final = ("spread.", "full.", "last.")  # layers of `DeferredRenderer`


def fingerprint(network: DeferredRenderer) -> str:
    """SHA-256 of the network's numbers, whatever file they came from."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def adaptable(base: DeferredRenderer) -> tuple[DeferredRenderer, list[nn.Parameter]]:
    """A copy of `base` of which only the adapted layers learn, and their parameters."""
    network = copy.deepcopy(base).requires_grad_(False)
    chosen = [value for name, value in network.named_parameters() if name.startswith(ADAPTED)]
    for value in chosen:
        value.requires_grad_(True)
    return network, chosen


def packed(base: DeferredRenderer, network: DeferredRenderer) -> bytes:
    """The difference of `network` from `base` as safetensors, float32, with the hash of `base`."""
    other = network.state_dict()
    apart = {
        name: (other[name] - value).detach().float().cpu().contiguous()
        for name, value in base.state_dict().items()
        if name.startswith(ADAPTED)
    }
    return save(apart, {"format": FORMAT, "base_sha256": fingerprint(base)})


def adapted(base: DeferredRenderer, path: Path) -> DeferredRenderer:
    """`base` with the difference in a file added, ready to draw.

    Raises:
        ValueError: the file is damaged, of another kind, or belongs to other weights.
        OSError: it cannot be read.
    """
    again = "learn the subject again with --tune, or remove the file to draw them as anybody"
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            apart: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged or no safetensors file ({error}); {again}") from error
    if facts.get("format") != FORMAT:
        raise ValueError(f"{path} is no adapted renderer; {again}")
    if facts.get("base_sha256") != fingerprint(base):
        raise ValueError(f"{path} was tuned on other weights of the neural renderer than are installed; {again}")
    network = copy.deepcopy(base)
    state = network.state_dict()
    for name, value in apart.items():
        if not name.startswith(ADAPTED) or name not in state or state[name].shape != value.shape:
            raise ValueError(f"{path} is damaged: {name} does not fit; {again}")
        if not bool(torch.isfinite(value).all()):
            raise ValueError(f"{path} holds NaN or infinity; {again}")
        state[name] += value
    return network.eval().requires_grad_(False)
