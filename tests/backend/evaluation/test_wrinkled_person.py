import numpy as np
import pytest

from backend.evaluation.wrinkled_person import FOLDS, performance, wrinkled_person
from models.coefficients import ANGLES, EXPRESSION
from models.face import open_head

FACE = open_head.load()


@pytest.fixture(scope="module")
def person():
    return wrinkled_person(FACE, seed=1, size=128)


def test_folds_follow_their_units(person):
    for index, (name, units) in enumerate(FOLDS.items()):
        expression = np.zeros(64, np.float32)
        for unit in units:
            expression[FACE.expression_names.index(unit)] = 0.8
        depths = person.depths(expression)
        assert depths[index] > 0.8, name
        change = np.abs(person.texture(expression).astype(float) - person.texture(np.zeros(64, np.float32)))
        assert change.max() > 10 and (change.max(axis=2) > 4).mean() < 0.25, name
    assert not person.depths(np.zeros(64, np.float32)).any()


def test_what_is_played_is_somebody_who_moves(person):
    played = performance(FACE, 4.0, seed=2)
    assert played.shape == (100, 257) and np.array_equal(played, performance(FACE, 4.0, seed=2))
    expression = played[:, EXPRESSION]
    assert expression.min() >= 0 and expression.max() <= 1
    halves = [person.depths(half).std(axis=0) for half in np.array_split(expression, 2)]
    assert min(half.min() for half in halves) > 0.15  # every fold comes and goes in each half
    smile, frown = (expression[:, FACE.expression_names.index(n)] for n in ("mouthSmileLeft", "mouthFrownLeft"))
    assert not (smile * frown).any()
    assert 2 < np.degrees(np.ptp(played[:, ANGLES], axis=0)).max() < 20
