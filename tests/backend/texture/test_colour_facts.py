"""The colours that a photo showed travel with the take."""

import json

import numpy as np

from backend.texture.feature_colours import FeatureColours


def test_known_colours_are_whole_numbers_for_the_take() -> None:
    colours = FeatureColours(np.array([61.4, 40.6, 28.0], np.float32), np.array([50, 35, 20], np.float32), None)
    facts = colours.facts()
    assert facts == {"hair": [61, 41, 28], "brows": [50, 35, 20]}
    assert json.loads(json.dumps(facts)) == facts


def test_what_the_photo_does_not_show_is_left_out() -> None:
    assert FeatureColours(None, None, None).facts() == {}
