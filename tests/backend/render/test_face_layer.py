import cv2
import numpy as np
import pytest

from backend.lighting.light import photo_light
from backend.render.blend_mask import blend_mask, face_width, tile_around
from backend.render.buffers import GROUPS
from backend.render.face_layer import FaceLayer
from backend.render.photo_colours import PhotoColours
from models.coefficients import ANGLES, EXPRESSION, GAMMA, IDENTITY, TRANSLATION
from models.face.camera import rotation
from models.face.shading import VertexNormals
from tests.backend.render.conftest import SIZE


@pytest.fixture(scope="module")
def outline(sitter):
    return sitter.view.points(sitter.face_model.landmarks68.of(sitter.world)).astype(np.float32)


@pytest.fixture(scope="module")
def layer(sitter):
    return FaceLayer(sitter, photo_light(sitter.fit.coefficients[GAMMA]))


@pytest.fixture(scope="module")
def colours(sitter, outline):
    model = sitter.face_model
    normals = VertexNormals(model.triangles, model.vertex_count)(sitter.world)
    return PhotoColours(sitter, sitter.view.points(sitter.world), outline, normals[:, 2])


def worn(sitter, **units):
    expression = np.zeros(64, np.float32)
    for name, value in units.items():
        expression[sitter.face_model.expression_names.index(name)] = value
    return expression


def draw(sitter, layer, expression):
    fitted = sitter.fit.coefficients
    return layer.draw(expression, rotation(fitted[ANGLES]), fitted[TRANSLATION])


def part(buffers, name):
    return float(buffers.parts[..., GROUPS.index(name)].sum())


def test_the_blend_lies_inside_the_face_and_spares_the_hair(sitter, outline):
    blend = blend_mask(sitter.skin, outline)
    points = outline.astype(int)
    assert blend[points[27:48, 1], points[27:48, 0]].min() > 0.9  # nose and eyes
    assert blend[points[:17, 1], points[:17, 0]].max() < 0.5  # the jaw's own line
    assert blend[: points[17:27, 1].min() - int(0.45 * face_width(outline))].max() < 0.05  # the hair


def test_skin_that_is_not_there_is_not_blended(outline):
    skin = np.ones((SIZE, SIZE), np.float32)
    whole = blend_mask(skin, outline)
    fringe = int(outline[17:27, 1].min()) - 6
    skin[:fringe] = 0
    assert blend_mask(skin, outline)[:fringe].sum() < 0.2 * whole[:fringe].sum()


@pytest.mark.parametrize(("row", "column"), [(96, 96), (10, 180), (185, 8)])
def test_the_tile_holds_the_face_and_stays_in_the_frame(row, column):
    face = np.zeros((SIZE, SIZE), bool)
    face[max(0, row - 20) : row + 20, max(0, column - 15) : column + 15] = True
    top, left, side = tile_around(face, 40.0)
    assert side % 2 == 0 and top >= 0 and left >= 0 and top + side <= SIZE and left + side <= SIZE
    assert face[top : top + side, left : left + side].sum() == face.sum()


def test_at_rest_the_face_is_the_photo(sitter, layer):
    buffers = draw(sitter, layer, sitter.fit.coefficients[EXPRESSION])
    top, left, side = layer.tile
    photo = cv2.resize(sitter.source, (SIZE, SIZE), interpolation=cv2.INTER_AREA)[top : top + side, left : left + side]
    skin = buffers.parts[..., GROUPS.index("skin")] > 0.99
    assert skin.mean() > 0.15
    off = np.abs(buffers.lambert[skin] - photo[skin])
    assert np.median(off) < 2 and np.quantile(off, 0.9) < 8


def test_what_opens_shows_what_is_inside(sitter, layer):
    closed = draw(sitter, layer, worn(sitter))
    inside = part(closed, "mouth") + part(closed, "teeth")
    eyes = part(closed, "eyes")
    opened = draw(sitter, layer, worn(sitter, jawOpen=0.7))
    assert part(opened, "mouth") + part(opened, "teeth") > inside + 40
    shut = draw(sitter, layer, worn(sitter, eyeBlinkLeft=1.0, eyeBlinkRight=1.0))
    assert part(shut, "eyes") < 0.3 * eyes


@pytest.mark.parametrize("angles", [(0.2, 0.0, 0.0), (-0.2, 0.2, 0.0), (0.0, -0.25, 0.2)])
def test_the_tile_follows_the_head(sitter, layer, angles):
    fitted = sitter.fit.coefficients
    neck = np.array([0.0, -1.15, -0.9])
    turn = rotation(np.array(angles))
    shift = fitted[TRANSLATION] + neck - turn @ neck
    resting = draw(sitter, layer, worn(sitter)).alpha.sum()
    tile = layer.tile
    buffers = layer.draw(worn(sitter, jawOpen=0.6), turn @ rotation(fitted[ANGLES]), shift.astype(np.float32))
    assert layer.tile != tile and layer.tile[2] == tile[2]
    rim = np.concatenate([buffers.alpha[0], buffers.alpha[-1], buffers.alpha[:, 0], buffers.alpha[:, -1]])
    assert rim.max() < 0.02
    assert buffers.alpha.sum() > 0.8 * resting


def test_normals_and_depth_are_those_of_a_face(sitter, layer):
    buffers = draw(sitter, layer, worn(sitter))
    solid = buffers.alpha > 0.999
    normal = buffers.normal[solid]
    assert normal[:, 2].min() > -0.2 and np.linalg.norm(normal, axis=1).max() < 1.001
    assert 9 < buffers.depth[solid].min() < buffers.depth[solid].max() < 11


def test_lids_that_shut_do_not_believe_the_photo(sitter, colours):
    lids = sitter.face_model.regions["lid_upper_left"]
    below = sitter.face_model.mean_shape[:, 1] < sitter.face_model.mean_shape[lids, 1].min() - 0.3
    cheek = below & (colours.trust(worn(sitter)) > 0.99)
    left = worn(sitter, eyeBlinkLeft=1.0)
    assert colours.trust(left)[lids].max() < 0.05
    other = sitter.face_model.regions["lid_upper_right"]
    assert np.array_equal(colours.trust(left)[other], colours.trust(worn(sitter))[other])
    assert cheek.sum() > 500 and colours.trust(left)[cheek].min() > 0.99


def test_the_mouth_gets_its_light_through_the_lips(sitter, colours):
    def inside(opening):
        return colours.inside(sitter.face_model.shape(sitter.fit.coefficients[IDENTITY], worn(sitter, jawOpen=opening)))

    dark, dim, bright = (inside(opening) for opening in (0.0, 0.15, 0.8))
    assert 0.3 < dark < dim < bright <= 1.0
