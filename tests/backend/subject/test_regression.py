import numpy as np
import pytest

from backend.subject.regression import MOST_COMPONENTS, follow

FRAMES, UNITS, TEXELS = 60, 20, 900


def curves(seed: int, count: int) -> np.ndarray:
    """Curves (T, count) of units that come and go, 0 to 1."""
    generator = np.random.default_rng(seed)
    time = np.arange(FRAMES) / 25
    periods, phases = generator.uniform(0.6, 1.6, count), generator.uniform(0, 2 * np.pi, count)
    return np.clip(np.sin(2 * np.pi * time[:, None] / periods + phases), 0, 1)


def textures(features: np.ndarray, units: list[int], seed: int = 0, noise: float = 3.0) -> np.ndarray:
    """Textures (T, P) that follow some of the units, with noise."""
    generator = np.random.default_rng(seed)
    images = 10 * generator.normal(size=(len(units), TEXELS))
    return (features[:, units] @ images + noise * generator.normal(size=(FRAMES, TEXELS))).astype(np.float32)


def test_what_follows_the_expression_is_found():
    features = curves(0, UNITS)
    found = follow(features, np.zeros((FRAMES, 0)), textures(features, [2, 7]))
    assert len(found.weights) == 2 and found.explained > 0.5 * found.total
    strongest = set(np.argsort(-np.abs(found.weights).sum(axis=0))[:2])
    assert strongest == {2, 7}


def test_noise_teaches_nothing():
    features = curves(1, UNITS)
    noise = np.random.default_rng(2).normal(size=(FRAMES, TEXELS)).astype(np.float32)
    found = follow(features, np.zeros((FRAMES, 0)), noise)
    assert len(found.weights) == 0 and found.explained == 0
    assert found.activations(features).shape == (FRAMES, 0)


def test_more_units_than_frames_do_not_overfit():
    features = np.column_stack([curves(3, 4), np.random.default_rng(4).uniform(0, 1, (FRAMES, 90))])
    found = follow(features, np.zeros((FRAMES, 0)), textures(features, [1]))
    assert 1 <= len(found.weights) <= MOST_COMPONENTS
    assert abs(found.weights[0, 1]) > 3 * np.abs(found.weights[0, 4:]).max()


def test_what_the_pose_explains_is_left_out():
    features, pose = curves(5, 6), curves(6, 1)
    image = 10 * np.random.default_rng(7).normal(size=TEXELS)
    shown = (2 * pose * image + textures(features, [0])).astype(np.float32)

    def likeness(other: np.ndarray) -> float:
        """Of the strongest component to the only unit that moves the texture."""
        found = follow(features, other, shown)
        return float(abs(np.corrcoef(found.activations(features)[:, 0], features[:, 0])[0, 1]))

    assert likeness(pose) > 0.97 > likeness(np.zeros((FRAMES, 0)))


def test_activations_stay_within_what_the_clip_showed():
    features = curves(8, UNITS)
    found = follow(features, np.zeros((FRAMES, 0)), textures(features, [3]))
    seen, beyond = found.activations(features), found.activations(3.0 * features)
    assert seen.min() == pytest.approx(0, abs=1e-6) and seen.max() == pytest.approx(1)
    assert beyond.min() >= 0 and beyond.max() <= 1
    assert found.activations(np.zeros((1, UNITS))).max() < 0.3  # rest is near 0
