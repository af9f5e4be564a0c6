from dataclasses import replace

import numpy as np
import pytest

from backend.style.face_track import Track
from backend.style.video_fit import fit_track
from models.coefficients import ANGLES, EXPRESSION, IDENTITY, TRANSLATION
from models.face import open_head
from models.face.camera import Camera, place
from models.face.model import FaceModelError
from tests.face_models import ellipsoid
from tests.models.motion.test_style_measure import take

FACE = open_head.load()
SIZE = 640


def filmed(coefficients: np.ndarray, fps: float, noise: float = 0.3) -> Track:
    """What a camera sees of MediaPipe's points on a take of 25 frames a second, filmed at `fps`; noise in pixels."""
    landmarks = FACE.landmarks478
    assert landmarks is not None
    generator = np.random.default_rng(0)
    camera = Camera(SIZE, focal=1.3 * SIZE)
    base, moves = landmarks.of(FACE.shape(coefficients[0, IDENTITY])), landmarks.of(FACE.expression_basis)
    times = np.arange(0, (len(coefficients) - 1) / 25, 1 / fps)
    track = Track()
    for seconds in times:
        row = coefficients[round(seconds * 25)]
        world = place(base + np.tensordot(row[EXPRESSION], moves, axes=1), row[ANGLES], row[TRANSLATION] - [0, 0, 4])
        scale = camera.focal / 14
        points = np.column_stack([camera.image_points(world), world[:, 2] * scale])
        points[:, :2] += generator.normal(0, noise, (len(points), 2))
        track.seconds.append(float(seconds))
        track.points.append(points)
    return track


@pytest.fixture(scope="module")
def pair():
    true = take("energetic")[:150]
    true[:, IDENTITY] = (0.5 * np.random.default_rng(1).normal(size=80)).astype(np.float32)
    return true, fit_track(filmed(true, 25), FACE)


def unit(coefficients, name):
    return coefficients[:, EXPRESSION.start + FACE.expression_names.index(name)]


def test_the_mouth_and_lids_are_followed(pair):
    true, found = pair
    assert abs(len(found) - len(true)) <= 1
    for name, r in (("jawOpen", 0.95), ("mouthPucker", 0.85), ("eyeBlinkLeft", 0.9)):
        assert np.corrcoef(unit(true, name)[: len(found)], unit(found, name))[0, 1] > r, name
    assert found[:, EXPRESSION].min() >= 0 and found[:, EXPRESSION].max() <= 1


def test_the_head_is_followed(pair):
    true, found = pair
    difference = np.degrees(found[:, ANGLES] - true[: len(found), ANGLES])
    assert np.abs(difference - difference.mean(axis=0)).mean() < 0.5
    assert np.abs(difference.mean(axis=0)).max() < 4


def test_one_identity_is_shared_by_all_frames(pair):
    _, found = pair
    assert np.ptp(found[:, IDENTITY], axis=0).max() == 0 and np.abs(found[0, IDENTITY]).max() > 0.1


def test_other_rates_come_out_at_25(pair):
    true, _ = pair
    found = fit_track(filmed(true[:80], 12.5), FACE)
    assert abs(len(found) - 79) <= 2
    assert np.corrcoef(unit(found, "jawOpen")[:75], unit(true, "jawOpen")[:75])[0, 1] > 0.8


def test_a_model_without_points_is_refused():
    with pytest.raises(FaceModelError, match="cannot be fitted"):
        fit_track(Track(), replace(ellipsoid(), landmarks478=None))
