import numpy as np
import pytest
import torch

from models.render.laplacian_loss import laplacian_loss
from tests.models.render.goldens import FOLDER, golden


@golden
def test_golden_loss() -> None:
    expected = np.load(FOLDER / "render_variants_io.npz")
    frames, blended = (torch.from_numpy(expected[name].astype(np.float32)) for name in ("img_f16", "blended_f16"))
    assert laplacian_loss(frames, blended).item() == pytest.approx(float(expected["laploss"]), abs=1e-4)


def test_detail_counts_and_brightness_does_not() -> None:
    torch.manual_seed(0)
    images = torch.rand(2, 3, 32, 48)
    assert laplacian_loss(images, images).item() == 0
    assert laplacian_loss(images, images + 0.5).item() == pytest.approx(0, abs=1e-5)
    assert laplacian_loss(images, images + 0.5 * torch.randn_like(images)).item() > 0.3


def test_it_is_symmetric_and_grows_with_the_difference() -> None:
    torch.manual_seed(0)
    one, other = torch.rand(1, 1, 16, 16), torch.rand(1, 1, 16, 16)
    loss = laplacian_loss(one, other).item()
    assert laplacian_loss(other, one).item() == pytest.approx(loss)
    assert laplacian_loss(3 * one, 3 * other).item() == pytest.approx(3 * loss, rel=1e-5)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        laplacian_loss(torch.rand(1, 3, 16, 16), torch.rand(1, 1, 16, 16))
    with pytest.raises(ValueError, match="sides"):
        laplacian_loss(torch.rand(1, 3, 20, 16), torch.rand(1, 3, 20, 16))
