import numpy as np
import pytest

from backend.subject.texel_fit import TexelFit

SIZE, FRAMES = 12, 50


def filled(shares: list[np.ndarray], residuals: np.ndarray, noise: float = 0.0) -> tuple[TexelFit, np.ndarray]:
    """A fit that has seen a base and residuals, the left third of the texels in every fifth picture only."""
    generator = np.random.default_rng(0)
    base = generator.uniform(50, 200, (SIZE, SIZE, 3)).astype(np.float32)
    fit = TexelFit(SIZE, shares)
    for frame in range(FRAMES):
        active = generator.uniform(0, 1, len(shares)).astype(np.float32)
        shown = base + np.einsum("k,kyx,kyxc->yxc", active, np.stack(shares), residuals)
        weight = np.ones((SIZE, SIZE), np.float32)
        weight[:, : SIZE // 3] = frame % 5 == 0
        weight[0] = 0
        seen = (shown + noise * generator.normal(size=shown.shape)).astype(np.float32)
        fit.add(np.where(weight[..., None] > 0, seen, 0), weight, active)
    return fit, base


def test_base_and_residuals_come_back_also_where_few_pictures_show_them():
    residuals = np.random.default_rng(1).normal(0, 30, (2, SIZE, SIZE, 3)).astype(np.float32)
    fit, base = filled([np.ones((SIZE, SIZE), np.float32)] * 2, residuals)
    found = fit.residuals()
    few, many = np.s_[:, 1:, : SIZE // 3], np.s_[:, 1:, SIZE // 3 :]
    assert np.corrcoef(found[many].ravel(), residuals[many].ravel())[0, 1] > 0.98
    assert np.corrcoef(found[few].ravel(), residuals[few].ravel())[0, 1] > 0.9
    assert np.abs(fit.base() - base)[1:].mean() < 6
    assert not found[:, 0].any()  # what no picture shows stays still


def test_a_residual_stays_in_its_region():
    share = np.zeros((2, SIZE, SIZE), np.float32)
    share[0, :, :6], share[1, :, 6:] = 1, 1
    fit, _ = filled(list(share), np.full((2, SIZE, SIZE, 3), 20, np.float32))
    found = fit.residuals()
    assert not found[0, :, 6:].any() and not found[1, :, :6].any()
    assert found[1, 1:, 6:].mean() == pytest.approx(18, abs=3)


def test_noise_is_not_kept():
    still = np.zeros((1, SIZE, SIZE, 3), np.float32)
    fit, _ = filled([np.ones((SIZE, SIZE), np.float32)], still, noise=8.0)
    raw = fit._solution()[0][:, :, 1]
    assert np.abs(fit.residuals()).mean() < 0.25 * np.abs(raw[1:]).mean()


def test_without_components_there_is_a_mean():
    fit = TexelFit(SIZE, [])
    fit.add(np.full((SIZE, SIZE, 3), 80, np.float32), np.ones((SIZE, SIZE), np.float32), np.zeros(0, np.float32))
    assert fit.residuals().shape == (0, SIZE, SIZE, 3)
    assert fit.mean() == pytest.approx(80) and fit.base() == pytest.approx(80, rel=2e-3)
