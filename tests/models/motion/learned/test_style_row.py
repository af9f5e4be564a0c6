"""Style documents as rows for the network."""

import numpy as np
import pytest

from models.face import open_head
from models.motion.learned.style_row import FACTORS, StyleScale, amplitudes, row_of_code, row_of_curves, terms
from models.motion.style_document import Measure, StyleDocument
from models.motion.styles import STYLES
from models.motion.visemes import CONTROLS

NAMES = open_head.load().expression_names
ROWS = 2 * len(CONTROLS)


def measure_of(curves: np.ndarray) -> Measure:
    """The code of a face that moves its controls so, (T, 12)."""
    code = np.zeros(135, np.float32)
    for column, units in enumerate(CONTROLS.values()):
        for unit in units:
            code[NAMES.index(unit)] = curves[:, column].std()
            code[64 + NAMES.index(unit)] = np.diff(curves[:, column]).std()
    return Measure(code, np.zeros(64, np.float32), np.zeros(3, np.float32), "open_head")


@pytest.fixture
def scale() -> StyleScale:
    """Rows that are the parameters' logarithms, and a correction of the jaw."""
    generator, correction = np.random.default_rng(0), np.zeros(ROWS)
    correction[0] = 0.5
    effect = generator.normal(0, 0.1, (len(terms(STYLES["neutral"])), ROWS))
    return StyleScale(effect, correction, np.full(ROWS, -3.0), np.full(ROWS, 0.5))


def test_a_code_is_read_as_how_far_and_how_fast_each_control_moves(scale: StyleScale) -> None:
    curves = 0.05 * np.random.default_rng(1).normal(size=(300, len(CONTROLS))) * np.arange(1, 13)
    row = row_of_code(measure_of(curves).code, NAMES)
    np.testing.assert_allclose(row, row_of_curves([curves]), rtol=1e-4)
    np.testing.assert_allclose(amplitudes(row), curves.std(axis=0), rtol=1e-4)
    document = StyleDocument(STYLES["calm"], measure=measure_of(curves))
    np.testing.assert_allclose(scale.row(document, NAMES), row)


def test_controls_that_a_code_does_not_show_follow_from_the_parameters(scale: StyleScale) -> None:
    measure = measure_of(0.1 * np.random.default_rng(1).normal(size=(300, len(CONTROLS))))
    measure.code[NAMES.index("tongueTipUp")] = 0.0
    by_parameters = terms(STYLES["calm"]) @ scale.effect
    tip = list(CONTROLS).index("tongue_tip")
    row = scale.row(StyleDocument(STYLES["calm"], measure=measure), NAMES)
    own = [tip, len(CONTROLS) + tip]
    np.testing.assert_allclose(row[own], by_parameters[own])
    assert (np.abs(np.delete(row - by_parameters, own)) > 1e-3).all()


@pytest.mark.parametrize("kind", ["video", "arkit"])
def test_what_was_seen_from_outside_is_read_by_its_parameters(scale: StyleScale, kind: str) -> None:
    measure = measure_of(0.1 * np.random.default_rng(1).normal(size=(300, len(CONTROLS))))
    document = StyleDocument(STYLES["calm"], measure=measure, source={"kind": kind})
    np.testing.assert_allclose(scale.row(document, NAMES), terms(STYLES["calm"]) @ scale.effect)


def test_a_style_that_nobody_measured_is_corrected_by_captured_motion(scale: StyleScale) -> None:
    row = scale.row(StyleDocument(STYLES["calm"]), NAMES)
    np.testing.assert_allclose(row - terms(STYLES["calm"]) @ scale.effect, scale.correction)


def test_the_network_is_told_no_more_than_it_knows(scale: StyleScale) -> None:
    told = scale.normal(np.full(ROWS, 100.0))
    assert told.dtype == np.float32
    assert told.max() == 3.0


def test_terms_are_the_logarithms_of_parameters_and_their_products() -> None:
    neutral = terms(STYLES["neutral"])
    assert neutral[0] == 1 and not neutral[1:].any()
    assert len(neutral) == 1 + len(FACTORS) + len(FACTORS) * (len(FACTORS) + 1) // 2
