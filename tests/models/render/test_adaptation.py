"""The renderer's difference for one person: what comes back from its file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from models.render.adaptation import FORMAT, adaptable, adapted, fingerprint, packed
from models.render.deferred import DeferredRenderer
from tests.models.render.test_deferred import inputs, network

seeded = network  # a fixture


@pytest.fixture
def tuned(network: DeferredRenderer) -> DeferredRenderer:
    """The network after one large step."""
    other, parameters = adaptable(network)
    assert sum(value.numel() for value in parameters) < 20_000
    optimiser = torch.optim.SGD(parameters, lr=0.1)
    other(*inputs()).sum().backward()
    optimiser.step()
    return other


def test_the_difference_comes_back(network: DeferredRenderer, tuned: DeferredRenderer, tmp_path: Path) -> None:
    path = tmp_path / "tuned.safetensors"
    path.write_bytes(packed(network, tuned))
    loaded = adapted(network, path)
    with torch.no_grad():
        made = tuned(*inputs())
        torch.testing.assert_close(loaded(*inputs()), made)
        assert not torch.allclose(network(*inputs()), made)
    assert path.stat().st_size < 100_000 and fingerprint(loaded) != fingerprint(network)


def test_other_weights_and_other_files_are_refused(
    network: DeferredRenderer, tuned: DeferredRenderer, tmp_path: Path
) -> None:
    path = tmp_path / "tuned.safetensors"
    path.write_bytes(packed(tuned, network))
    with pytest.raises(ValueError, match="tuned on other weights"):
        adapted(network, path)
    facts = {"format": FORMAT, "base_sha256": fingerprint(network)}
    bias = network.last.bias
    assert bias is not None
    for tensors, about, said in (
        ({"last.bias": bias}, {}, "no adapted renderer"),
        ({"last.bias": torch.zeros(7)}, facts, "last.bias does not fit"),
        ({"stem.bias": torch.zeros(4)}, facts, "stem.bias does not fit"),
        ({"last.bias": bias * float("nan")}, facts, "NaN"),
    ):
        path.write_bytes(save({name: value.detach().clone() for name, value in tensors.items()}, about))
        with pytest.raises(ValueError, match=said):
            adapted(network, path)
    path.write_bytes(b"no tensors")
    with pytest.raises(ValueError, match="damaged"):
        adapted(network, path)
