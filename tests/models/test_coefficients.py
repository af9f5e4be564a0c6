import numpy as np
import pytest

from models import coefficients as layout


def test_slices_cover_the_layout_once() -> None:
    covered = np.concatenate([np.arange(part.start, part.stop) for part in layout.SLICES.values()])
    assert np.array_equal(np.sort(covered), np.arange(layout.WIDTH))


def test_assemble_repeats_constant_parts_and_split_returns_them() -> None:
    rng = np.random.default_rng(1)
    given = {
        "identity": rng.standard_normal(80),
        "expression": rng.random((5, 64)),
        "albedo": rng.standard_normal(80),
        "angles": rng.standard_normal((5, 3)),
        "gamma": rng.standard_normal(27),
        "translation": rng.standard_normal((1, 3)),
    }
    joined = layout.assemble(**{name: part.astype(np.float32) for name, part in given.items()})
    assert joined.shape == (5, 257) and joined.dtype == np.float32
    for name, part in layout.split(joined).items():
        np.testing.assert_array_equal(part, np.broadcast_to(given[name].astype(np.float32), part.shape))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (np.zeros((3, 256), np.float32), r"\(frames, 257\)"),
        (np.zeros(257, np.float32), r"\(frames, 257\)"),
        (np.zeros((0, 257), np.float32), "at least one frame"),
        (np.full((2, 257), "x"), "real numbers"),
        (np.pad(np.full((1, 257), np.nan), ((2, 1), (0, 0))), "first: frame 2"),
    ],
)
def test_validate_says_what_is_wrong(bad: np.ndarray, said: str) -> None:
    with pytest.raises(layout.CoefficientError, match=said):
        layout.validate(bad)


def test_assemble_refuses_frame_counts_that_disagree() -> None:
    def zeros(*shape: int) -> layout.Float32Array:
        return np.zeros(shape, np.float32)

    with pytest.raises(layout.CoefficientError, match="angles"):
        layout.assemble(zeros(80), zeros(4, 64), zeros(80), zeros(3, 3), zeros(27), zeros(3))
