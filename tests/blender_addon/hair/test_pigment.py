"""Colours of hair from its pigments."""

import numpy as np
import pytest

from blender_addon.hair.known_colours import linear, remember_colours
from blender_addon.hair.pigment import colour_of, pigments_of


@pytest.mark.parametrize(("melanin", "redness"), [(0.2, 0.1), (0.5, 0.5), (0.8, 0.0), (0.95, 1.0)])
def test_pigments_and_colour_are_each_others_inverse(melanin: float, redness: float) -> None:
    assert pigments_of(colour_of(melanin, redness)) == pytest.approx((melanin, redness), abs=1e-6)


def test_more_melanin_is_darker_and_more_redness_redder() -> None:
    shades = np.array([colour_of(amount, 0.2) for amount in (0.0, 0.3, 0.6, 0.9)])
    assert np.allclose(shades[0], 1) and (np.diff(shades, axis=0) < 0).all()
    brown, red = colour_of(0.6, 0.0), colour_of(0.6, 1.0)
    assert red[0] / red[2] > brown[0] / brown[2]


def test_the_colours_of_a_take_are_kept_and_others_ignored() -> None:
    head: dict[str, object] = {}
    remember_colours(head, {"image": {"colours": {"hair": [255, 128, 0], "brows": [1, 2]}}})
    assert head == {"style_avatar_hair_colour": [1.0, linear(128 / 255), 0.0]}
    for meta in (
        {},
        {"image": None},
        {"image": {"colours": {"hair": [float("nan"), 0, 0]}}},
        {"image": {"colours": 3}},
    ):
        kept: dict[str, object] = {}
        remember_colours(kept, meta)
        assert kept == {}
