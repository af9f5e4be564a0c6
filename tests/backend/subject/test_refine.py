from dataclasses import replace

import numpy as np

from backend.subject.refine import refine
from models.coefficients import ANGLES, EXPRESSION


def test_pixels_correct_what_landmarks_missed(true_shot):
    names = true_shot.face_model.expression_names
    brows = EXPRESSION.start + np.array([names.index("browInnerUp"), names.index("browDownLeft")])
    wrong = true_shot.coefficients.copy()
    pictures = np.array([6, 17, 28])
    wrong[pictures, ANGLES.start] += np.radians(1.5)  # a nod
    wrong[np.ix_(pictures, brows)] *= 0.4
    shot = replace(true_shot, coefficients=wrong)
    reports = []
    better = refine(shot, range(0, 35, 4), pictures.tolist(), lambda *report: reports.append(report))

    def nod(coefficients):
        return np.degrees(np.abs(coefficients - true_shot.coefficients)[pictures, ANGLES.start])

    def brow(coefficients):
        return np.abs(coefficients - true_shot.coefficients)[np.ix_(pictures, brows)].mean()

    assert nod(better.coefficients).max() < 0.6 < nod(wrong).min()
    assert brow(better.coefficients) < 0.7 * brow(wrong)
    others = [i for i in range(35) if i not in pictures]
    assert np.array_equal(better.coefficients[others], wrong[others])
    assert reports == [("refine", i + 1, 3) for i in range(3)]
    assert better.coefficients[:, EXPRESSION].min() >= 0 and better.coefficients[:, EXPRESSION].max() <= 1
