"""How far the network looks, and that its numbers depend on what they should."""

import torch

from models.motion.learned.features import WIDTH
from models.motion.learned.network import AHEAD, BEHIND, CONTROL_COUNT, STYLE_WIDTH, new_network

ROWS = 200


def outputs(heard: torch.Tensor, style: torch.Tensor | None = None) -> torch.Tensor:
    """All heads side by side, (1, N, 18)."""
    network = new_network(0).eval()
    for layer in network.layers:
        torch.nn.init.normal_(layer.film.weight, std=0.1)  # type: ignore[union-attr,arg-type]
    with torch.no_grad():
        heads = network(heard, torch.zeros(1, STYLE_WIDTH) if style is None else style)
    return torch.cat([heads.controls, heads.captured, heads.contacts], dim=2)


def test_a_row_reaches_as_far_as_it_is_said_to_and_no_further() -> None:
    torch.manual_seed(1)
    heard = torch.randn(1, ROWS, WIDTH)
    other = heard.clone()
    other[:, 100] += 1
    touched = (outputs(heard) - outputs(other)).abs().amax(dim=2)[0].nonzero()[:, 0]
    assert touched.min() == 100 - AHEAD
    assert touched.max() == 100 + BEHIND


def test_the_look_ahead_and_the_rows_between_fit_into_200_ms() -> None:
    # A frame lies between two rows, the later of which ends 30 ms after it at the most.
    assert (AHEAD + 2) / 50 <= 0.2


def test_style_makes_a_difference() -> None:
    heard = torch.randn(1, ROWS, WIDTH)
    assert (outputs(heard, torch.ones(1, STYLE_WIDTH)) - outputs(heard)).abs().max() > 1e-4
    assert outputs(heard).shape == (1, ROWS, CONTROL_COUNT + 6)


def test_new_networks_are_equal_for_equal_seeds() -> None:
    one, same, other = (torch.cat([p.flatten() for p in new_network(seed).parameters()]) for seed in (3, 3, 4))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
