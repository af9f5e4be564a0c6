"""The deferred renderer's network: shapes, where it starts, and weights that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.render.deferred import ALPHA, CHANNELS, GLOBALS, DeferredRenderer, load, load_weights, save_weights
from tests.recipe import torch_weights

SMALL = (4, 6, 8, 10)


@pytest.fixture
def network() -> DeferredRenderer:
    """A small one that has learned something."""
    network = DeferredRenderer(SMALL)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    network.load_state_dict({name: torch.from_numpy(value) for name, value in torch_weights(shapes, 4).items()})
    return network.eval().requires_grad_(False)


def inputs(batch: int = 2, height: int = 48, width: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(batch, CHANNELS, height, width), torch.rand(batch, GLOBALS)


def test_pictures_have_the_size_of_the_buffers_and_differ_by_light(network: DeferredRenderer) -> None:
    channels, light = inputs()
    made = network(channels, light)
    assert made.shape == (2, 3, 48, 32) and bool((made >= 0).all())
    assert not torch.equal(made, network(channels, light + 1))


def test_untrained_it_gives_the_first_guess_back() -> None:
    channels, light = inputs()
    torch.testing.assert_close(DeferredRenderer(SMALL)(channels, light), channels[:, :3])


def test_where_there_is_no_face_there_is_nothing(network: DeferredRenderer) -> None:
    channels, light = inputs()
    channels[:, :3, :, :16] = 0
    channels[:, ALPHA, :, :16] = 0
    assert float(network(channels, light)[..., :16].max()) == 0


def test_weights_come_back_from_their_file(network: DeferredRenderer, tmp_path: Path) -> None:
    save_weights(network, tmp_path / "w.safetensors")
    loaded = load_weights(tmp_path / "w.safetensors")
    assert loaded.widths == SMALL
    channels, light = inputs()
    torch.testing.assert_close(loaded(channels, light), network(channels, light), atol=0.05, rtol=0.05)  # float16


def test_damaged_and_other_weights_are_refused(network: DeferredRenderer, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(network, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged"):
        load_weights(path)
    save_file({"something": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match="not the weights"):
        load_weights(path)
    state = network.state_dict()
    save_file({name: value for name, value in state.items() if name != "last.bias"}, path)
    with pytest.raises(ValueError, match=r"last\.bias"):
        load_weights(path)
    save_file({**state, "last.bias": torch.full((6,), float("nan"))}, path)
    with pytest.raises(ValueError, match="NaN"):
        load_weights(path)


def test_the_shipped_renderer_is_whole_and_small() -> None:
    shipped = load()
    assert sum(parameter.numel() for parameter in shipped.parameters()) * 2 < 6e6
    channels, light = inputs(1)
    assert not torch.equal(shipped(channels, light), channels[:, :3])
