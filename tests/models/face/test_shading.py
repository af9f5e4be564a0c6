import numpy as np

from models.face.shading import VertexNormals, gamma_of, irradiance, light_of, sh_basis, shade
from tests.face_models import ellipsoid
from tests.golden import GOLDEN, needs

GOLDEN_FILE = GOLDEN / "facemodel/facemodel_small.npz"


def random_normals(count=200, seed=0):
    normals = np.random.default_rng(seed).normal(size=(count, 3))
    return (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)


def test_normals_of_an_ellipsoid_point_out():
    model = ellipsoid()
    shape = model.mean_shape
    normals = VertexNormals(model.triangles, model.vertex_count)(shape)
    skin = np.unique(model.part_triangles("skin"))
    exact = shape[skin] / np.array([0.75, 1.0, 0.85]) ** 2
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.einsum("vi,vi->v", normals[skin], exact).min() > 0.98


def test_a_vertex_without_triangles_has_no_normal():
    shape = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 5, 5]], np.float32)
    normals = VertexNormals(np.array([[0, 1, 2]]), 4)(shape)
    assert np.allclose(normals[:3], [0, 0, 1])
    assert np.array_equal(normals[3], [0, 0, 0])


def test_bands_are_orthogonal_over_the_sphere():
    basis = sh_basis(random_normals(40000))
    gram = basis.T @ basis / len(basis)
    off_diagonal = gram - np.diag(np.diag(gram))
    assert np.abs(off_diagonal).max() < 0.03 * np.diag(gram).min() + 0.03


def test_no_gamma_is_even_light():
    brightness = irradiance(random_normals(), np.zeros(27, np.float32))
    assert np.allclose(brightness, 0.8 * 0.886226925)


def test_channels_are_lit_apart():
    gamma = np.zeros(27, np.float32)
    gamma[9 + 2] = 0.5  # green, the band that grows towards the camera
    front, back = irradiance(np.array([[0, 0, 1], [0, 0, -1]], np.float32), gamma)
    assert front[1] > back[1]
    assert front[0] == back[0] and front[2] == back[2]


def test_gamma_and_light_are_inverse():
    gamma = np.random.default_rng(2).normal(size=27).astype(np.float32)
    assert np.allclose(gamma_of(light_of(gamma)), gamma, atol=1e-6)


def test_shade_multiplies():
    albedo = np.full((200, 3), 100.0, np.float32)
    gamma = np.random.default_rng(3).normal(0, 0.2, 27).astype(np.float32)
    assert np.allclose(shade(albedo, random_normals(), gamma), 100 * irradiance(random_normals(), gamma))


@needs(GOLDEN_FILE)
def test_against_the_paper():
    golden = np.load(GOLDEN_FILE)
    normals = golden["norm_rotated"]
    for frame, coefficients in enumerate(golden["coeff"]):
        colours = shade(golden["face_texture"][frame], normals[frame], coefficients[227:254])
        assert np.allclose(colours, golden["face_color"][frame], atol=2e-3)
