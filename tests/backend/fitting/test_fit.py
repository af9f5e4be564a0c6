import numpy as np
import pytest
from skimage import data

from backend.fitting.fit import FitError, NoFaceError, fit_photo
from backend.landmarks import Face, MediaPipeDetector
from backend.photo import PhotoError
from models.coefficients import ALBEDO, ANGLES, EXPRESSION, IDENTITY, TRANSLATION
from models.face import open_head
from models.face.camera import PAPER_SIZE, Camera, place
from models.face.model import FaceModel
from tests.backend.faces import Known, picture
from tests.face_models import ellipsoid


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


@pytest.fixture(scope="module")
def head():
    return open_head.load()


class Points:
    """A detector that always sees the given points."""

    def __init__(self, points, scheme="mediapipe478"):
        self.face = Face(np.asarray(points, np.float32), None, scheme, 1.0)

    def detect(self, image):
        return [self.face]


def front_error(model: FaceModel, known: Known, identity: np.ndarray) -> float:
    """Mean distance in decimetres of the front of the neutral head from the truth, rigid motion and scale aside."""
    front = model.regions["face"]
    truth = model.shape(known.identity)[front]
    shape = model.shape(identity)[front]
    a, b = shape - shape.mean(axis=0), truth - truth.mean(axis=0)
    u, s, vt = np.linalg.svd(a.T @ b)
    return float(np.linalg.norm(a @ (u @ vt) * s.sum() / (a**2).sum() - b, axis=1).mean())


@pytest.mark.parametrize("seed", range(4))
def test_a_known_head_is_found_again(head, seed):
    known = picture(head, seed, identity_scale=0.9)
    fit = fit_photo(known.image, head, known)
    assert fit.landmark_error < 0.6
    assert np.abs(fit.coefficients[ANGLES] - known.angles).max() < np.radians(4)
    assert front_error(head, known, fit.coefficients[IDENTITY]) < 0.6 * front_error(head, known, np.zeros(80))
    jaw = head.expression_names.index("jawOpen")
    assert abs(fit.coefficients[EXPRESSION][jaw] - known.expression[jaw]) < 0.15


def test_the_crop_leads_from_the_frame_to_the_photo(head):
    known = picture(head, 1)
    fit = fit_photo(known.image, head, known)
    c = fit.coefficients
    world = place(head.shape(c[IDENTITY], c[EXPRESSION]), c[ANGLES], c[TRANSLATION])
    seen = fit.crop.to_picture(Camera.paper().image_points(head.landmarks478.of(world)), PAPER_SIZE)
    trusted = head.landmarks478.confidence > 0.5
    assert np.median(np.linalg.norm(seen - known.points, axis=1)[trusted]) < 1.0
    assert np.abs(c[TRANSLATION]).max() < 0.3


def test_dark_skin_is_not_taken_for_shade(head):
    """Of what sets dark skin apart from fair skin, at least half is found in the albedo and not in the light."""
    face = head.regions["face"]
    truth, found = [], []
    for shade in (-1.5, 0.8):
        albedo = np.zeros(80, np.float32)
        albedo[0] = shade
        known = picture(head, 2, albedo=albedo)
        fit = fit_photo(known.image, head, known)
        assert fit.colour_error < 6
        truth.append(head.albedo(albedo)[face].mean())
        found.append(head.albedo(fit.coefficients[ALBEDO])[face].mean())
    assert abs(truth[1] - truth[0]) > 30
    assert 0.5 < (found[1] - found[0]) / (truth[1] - truth[0]) < 1.5


def test_light_from_the_left_is_seen(model):
    gamma = np.zeros(27, np.float32)
    gamma[::9], gamma[3::9] = 0.3, 0.25  # the fourth band grows towards -x, the left of the picture
    fit = fit_photo((known := picture(model, 3, gamma=gamma)).image, model, known)
    assert np.allclose(fit.coefficients[227:254].reshape(3, 9)[:, 3], 0.25, atol=0.1)


def test_one_misplaced_point_does_little(head):
    known = picture(head, 5)
    clean = fit_photo(known.image, head, known)
    points = known.points.copy()
    points[[33, 61, 4]] += 60.0
    spoiled = fit_photo(known.image, head, Points(points))
    moved = head.shape(spoiled.coefficients[IDENTITY]) - head.shape(clean.coefficients[IDENTITY])
    assert np.linalg.norm(moved, axis=1).mean() < 0.03


def test_expressions_stay_within_bounds(head):
    known = picture(head, 6)
    expression = fit_photo(known.image, head, known).coefficients[EXPRESSION]
    assert expression.min() >= -1e-6 and expression.max() <= 1 + 1e-6


def test_the_68_points_of_the_other_detector(head):
    known = picture(head, 7)
    camera = Camera(480, 1015 * 480 / 224 / 1.7)
    fit = fit_photo(known.image, head, Points(camera.image_points(head.landmarks68.of(known.world)), "ibug68"))
    assert fit.landmark_error < 0.6
    assert np.abs(fit.coefficients[ANGLES] - known.angles).max() < np.radians(6)


def test_the_astronaut(head):
    steps = []
    fit = fit_photo(data.astronaut(), head, progress=lambda *step: steps.append(step))
    assert fit.coefficients.shape == (257,) and np.isfinite(fit.coefficients).all()
    assert fit.landmark_error < 2.0
    assert fit.colour_error < 20.0
    assert np.abs(fit.coefficients[ANGLES]).max() < np.radians(12)
    expression = dict(zip(head.expression_names, fit.coefficients[EXPRESSION], strict=True))
    assert expression["mouthSmileLeft"] > 0.15 and expression["mouthSmileRight"] > 0.15  # she smiles, eyes open
    assert expression["eyeBlinkLeft"] < 0.3
    assert np.abs(fit.coefficients[IDENTITY]).max() <= 3.0
    assert steps[-1][1:] == (3, 3)


def test_twice_the_same(model):
    known = picture(model, 8)
    fits = [fit_photo(known.image, model, known).coefficients for _ in range(2)]
    assert np.array_equal(fits[0], fits[1])


def test_no_face(head):
    with pytest.raises(NoFaceError, match="no face"):
        fit_photo(data.coffee(), head)


def test_a_tiny_face(head):
    small = data.astronaut()[::2, ::2].copy()
    with pytest.raises(FitError, match="at least 64"):
        fit_photo(small, head, MediaPipeDetector())


def test_a_face_that_is_cut_off(head):
    half = data.astronaut()[:, :222].copy()
    with pytest.raises(FitError, match=r"cut off|no face"):
        fit_photo(half, head)
    points = picture(head, 1).points - [200, 0]
    with pytest.raises(FitError, match="cut off"):
        fit_photo(data.astronaut(), head, Points(points))


def test_what_is_not_a_picture(head):
    with pytest.raises(PhotoError, match="uint8"):
        fit_photo(np.zeros((10, 10), np.uint8), head)
