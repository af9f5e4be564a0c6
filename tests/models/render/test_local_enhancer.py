import pytest
import torch
from torch.nn import functional as F

from models.render.local_enhancer import DoublingConvolution


@pytest.mark.parametrize("size", [(4, 6), (1, 3)])
def test_doubling_is_what_the_published_three_steps_do(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    convolution, x = DoublingConvolution(3, 5, 3), torch.randn(2, 3, *size)
    doubled = F.interpolate(x, scale_factor=2, mode="nearest")
    expected = F.conv2d(F.pad(doubled, (1, 1, 1, 1), mode="reflect"), convolution.weight, convolution.bias)
    torch.testing.assert_close(convolution(x), expected, atol=1e-5, rtol=0)


def test_doubling_can_be_trained() -> None:
    torch.manual_seed(0)
    convolution, x = DoublingConvolution(2, 2, 3).double(), torch.randn(1, 2, 2, 2, dtype=torch.double)
    F.conv2d(F.pad(F.interpolate(x, scale_factor=2), (1, 1, 1, 1), mode="reflect"), convolution.weight).sum().backward()
    expected, convolution.weight.grad = convolution.weight.grad, None
    convolution(x).sum().backward()
    torch.testing.assert_close(convolution.weight.grad, expected, atol=1e-5, rtol=0)
