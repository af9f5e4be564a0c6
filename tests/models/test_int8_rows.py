import pytest
import torch

from models.int8_rows import dequantise, quantise


def test_rows_keep_their_values_to_half_a_step() -> None:
    weights = {"a.weight": torch.randn(7, 5, 3) * torch.logspace(-3, 3, 7)[:, None, None], "a.bias": torch.randn(7)}
    stored = quantise(weights)
    assert stored["a.weight"].dtype == torch.int8 and stored["a.weight.scale"].shape == (7,)
    restored = dequantise(stored)
    assert set(restored) == set(weights)
    step = weights["a.weight"].abs().amax(dim=(1, 2)) / 127
    error = (restored["a.weight"] - weights["a.weight"]).abs().amax(dim=(1, 2))
    assert (error <= 0.501 * step).all()
    assert torch.equal(restored["a.bias"], weights["a.bias"])


def test_a_row_of_zeros_stays_zero() -> None:
    assert torch.equal(dequantise(quantise({"w": torch.zeros(2, 3)}))["w"], torch.zeros(2, 3))


def test_a_missing_scale_is_named() -> None:
    with pytest.raises(ValueError, match=r"w\.scale"):
        dequantise({"w": torch.zeros(2, 3, dtype=torch.int8)})
