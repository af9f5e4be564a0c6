import numpy as np
import pytest

from backend.fitting.fit import fit_photo
from backend.texture.feature_colours import measure_features
from backend.texture.photo_view import PhotoView
from backend.texture.scalp import scalp_mask
from models.face import open_head
from tests.backend.faces import picture


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def with_parts_painted(head, colours):
    """The head with whole parts in one colour each, so that the truth is known."""
    from dataclasses import replace

    mean = head.mean_albedo.copy()
    basis = head.albedo_basis.copy()
    for part, colour in colours.items():
        vertices = np.unique(head.part_triangles(part))
        mean[vertices] = colour
        basis[:, vertices] = 0
    return replace(head, mean_albedo=mean, albedo_basis=basis)


def measured(head, shown):
    known = picture(shown, 3, size=700, angles=(0.0, 0.0, 0.0), identity_scale=0.4)
    fit = fit_photo(known.image, head, known)
    return measure_features(PhotoView(known.image, fit, head), fit, head)


@pytest.mark.parametrize("colour", [(60, 100, 150), (110, 70, 40)])
def test_the_colour_of_the_eyes(head, colour):
    found = measured(head, with_parts_painted(head, {"eye_left": colour, "eye_right": colour}))
    assert np.abs(found.iris - colour).max() < 35
    assert (found.iris[2] > found.iris[0]) == (colour[2] > colour[0])


def test_the_colour_of_the_brows(head):
    fair = measured(head, with_parts_painted(head, {"brows": (170, 130, 80)}))
    black = measured(head, with_parts_painted(head, {"brows": (15, 12, 10)}))
    assert fair.brows.mean() > black.brows.mean() + 40


def test_no_hair_on_a_bald_head(head):
    assert measured(head, head).hair is None


def test_paint_leaves_teeth_and_skin_alone(head):
    found = measured(head, with_parts_painted(head, {"brows": (170, 130, 80)}))
    painted = found.paint(head, np.zeros(80, np.float32))
    for part in ("skin", "teeth_upper", "tongue"):
        vertices = np.unique(head.part_triangles(part))
        assert np.allclose(painted[vertices], head.albedo()[vertices], atol=1e-3)
    brows = np.unique(head.part_triangles("brows"))
    assert np.allclose(painted[brows], found.brows)


def test_the_scalp_is_above_the_brows_and_off_the_face(head):
    mask = scalp_mask(head)
    points = head.landmarks68.of(head.mean_shape)
    shape = head.mean_shape
    face = (shape[:, 1] < points[17:27, 1].max() + 0.1) & (shape[:, 2] > points[36, 2])
    assert mask[face].max() < 0.1
    assert mask[np.argmax(shape[:, 1])] > 0.95
