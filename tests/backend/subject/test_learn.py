from dataclasses import replace

import numpy as np
import pytest

from backend.evaluation.wrinkled_person import film
from backend.subject.evaluate import evaluate
from backend.subject.learn import even_exposure, exposure, learn

TEXELS = 128


@pytest.fixture(scope="module")
def learned(true_shot):
    reports = []
    found = learn(true_shot, range(24), TEXELS, lambda *report: reports.append(report))
    assert reports[-1] == ("learn", 49, 49) and all(done <= total for _, done, total in reports)
    return found


def raised_brows(model) -> np.ndarray:
    raised = np.zeros(64, np.float32)
    raised[[model.expression_names.index(n) for n in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]] = 0.7
    return raised


def change_of(texture, expression) -> np.ndarray:
    return texture.evaluate(expression) - texture.evaluate(np.zeros(64, np.float32))


@pytest.fixture(scope="module")
def true_change(person) -> np.ndarray:
    """What raised brows truly change (TEXELS, TEXELS, 3)."""
    texture = person.texture(raised_brows(person.face_model)).astype(float) - person.texture(np.zeros(64, np.float32))
    return texture.reshape(TEXELS, 2, TEXELS, 2, 3).mean(axis=(1, 3))


def test_the_forehead_folds_with_the_brows(learned, person, true_change):
    change = change_of(learned.texture, raised_brows(person.face_model))
    folds = np.abs(true_change).mean(axis=2) > 8
    assert folds.sum() > 100
    assert np.corrcoef(change[folds].ravel(), true_change[folds].ravel())[0, 1] > 0.8
    assert np.abs(change[TEXELS // 2 + 10 :]).max() < 3  # the chin does not move


def test_it_comes_nearer_to_what_it_has_not_seen(learned, true_shot):
    assert learned.explained > 0.3 and 2 <= len(learned.texture.names) <= 12
    scores = evaluate(true_shot, learned, range(24, 35, 3))
    changing, face = scores.gain("skin that changes"), scores.gain("face")
    assert changing is not None and changing > 1.5 and face is not None and face > 0
    assert set(scores.facts()) == {"head", "face", "skin that changes"} and scores.gain("nose") is None
    assert len(scores.examples) == 4 and scores.examples[0].dtype == np.uint8


def test_the_still_texture_lies_between(learned):
    """What the clip shows on average is neither the calmest nor the most wrinkled skin."""
    apart = learned.still.astype(float) - learned.texture.base
    assert np.abs(apart).max() > 5 and np.abs(apart).mean() < 6


def test_a_flush_is_no_exposure():
    generator = np.random.default_rng(0)
    mean = generator.uniform(80, 200, (400, 3)).astype(np.float32)
    textures = np.stack([mean * gain for gain in (0.9, 1.0, 1.1)])
    textures[1, :120, 0] *= 1.3
    gains, apart = even_exposure(textures, np.ones((3, 400), np.float32))
    assert gains / gains[1] == pytest.approx(np.array([[0.9] * 3, [1.0] * 3, [1.1] * 3]), abs=0.02)
    assert apart.reshape(3, 400, 3)[1, :120, 0].mean() > 20
    assert exposure(textures[0], np.zeros(400, np.float32), mean) == pytest.approx(1)  # too little is seen


def test_a_skin_without_folds_gets_none(true_shot, person, truth, true_change, tmp_path):
    """Only its shading changes with the expression, since no learner knows the clip's lights."""
    film(person, truth[:16], tmp_path / "even.mp4", size=208, folds=False)
    shot = replace(
        true_shot, clip=tmp_path / "even.mp4", coefficients=true_shot.coefficients[:16], seconds=np.arange(16) / 25
    )
    change = change_of(learn(shot, range(16), TEXELS).texture, raised_brows(person.face_model))
    folds = np.abs(true_change).mean(axis=2) > 8
    assert np.abs(change[folds]).mean() < 0.35 * np.abs(true_change[folds]).mean()
