"""The head that ships: its arrays, its names, its places."""

from __future__ import annotations

import numpy as np
import pytest

from backend.raster.rasterizer import rasterize
from models.face import open_head
from models.face.model import FaceModelError

PARTS = {
    *("skin", "lips", "mouth_inner", "gums", "teeth_upper", "teeth_lower", "tongue", "eye_left", "eye_right"),
    *("lashes", "brows"),
}
REGIONS = {
    *("lip_rim_upper", "lip_rim_lower", "lower_lip_edge", "upper_teeth_edge", "mouth_corners", "mirror", "face"),
    *("lid_upper_left", "lid_lower_left", "lid_upper_right", "lid_lower_right", "eye_left", "eye_right"),
}


@pytest.fixture(scope="module")
def head():
    return open_head.load()


def moved(head, name):
    return head.expression_basis[head.expression_names.index(name)]


def middle(head, *parts):
    return head.mean_shape[np.unique(head.part_triangles(*parts))].mean(axis=0)


def test_it_is_the_file_the_card_records(head):
    assert head.sha256 == open_head.recorded_sha256()
    assert open_head.load() is head


def test_a_card_without_a_hash_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(open_head, "CARD", tmp_path / "card.md")
    with pytest.raises(FaceModelError, match=r"card card\.md is missing"):
        open_head.recorded_sha256()
    (tmp_path / "card.md").write_text("no hash here")
    with pytest.raises(FaceModelError, match="records no SHA-256"):
        open_head.recorded_sha256()


def test_size_on_disk():
    assert open_head.WEIGHTS.stat().st_size < 13e6


def test_parts_and_regions(head):
    assert set(head.part_names) == PARTS and set(np.unique(head.triangle_part)) == set(range(len(PARTS)))
    assert set(head.regions) >= REGIONS
    for name, vertices in head.regions.items():
        assert vertices.min() >= 0 and vertices.max() < head.vertex_count, name
    for pair in (("lip_rim_upper", "lip_rim_lower"), ("lid_upper_left", "lid_lower_left")):
        a, b = (head.mean_shape[head.regions[name]] for name in pair)
        assert len(a) == len(b) and (a[:, 1] >= b[:, 1] - 0.02).all() and np.abs(a[:, 0] - b[:, 0]).max() < 0.02


def test_names_are_apples_then_ours(head):
    names = head.expression_names
    assert names[0] == "eyeBlinkLeft" and names[17] == "jawOpen" and names[51] == "tongueOut"
    assert names[52:56] == ("tongueTipUp", "tongueBackUp", "tongueInterdental", "tongueWide")
    assert len(set(names)) == 64 and all(np.abs(moved(head, name)).max() > 0.005 for name in names)


def test_frame_is_decimetres_x_left_y_up_z_forward(head):
    low, high = head.mean_shape.min(axis=0), head.mean_shape.max(axis=0)
    assert 2.0 < high[1] - low[1] < 3.5 and np.abs(low + high)[0] < 1e-4
    assert middle(head, "eye_left")[0] > 0.2 > -0.2 > middle(head, "eye_right")[0]
    assert middle(head, "eye_left")[1] > middle(head, "lips")[1] > middle(head, "teeth_lower")[1] - 0.1
    assert middle(head, "lips")[2] > middle(head, "tongue")[2]


def test_the_sided_expressions_move_their_own_side(head):
    x = head.mean_shape[:, 0]
    for name, sign in (("eyeBlinkLeft", 1), ("mouthSmileRight", -1), ("browDownLeft", 1), ("cheekSquintRight", -1)):
        size = np.linalg.norm(moved(head, name), axis=1)
        assert (size * x * sign).sum() > 0.5 * (size * np.abs(x)).sum(), name


def test_jaw_open_opens_and_mouth_close_takes_it_back_at_the_lips(head):
    upper, lower = head.regions["lip_rim_upper"], head.regions["lip_rim_lower"]
    assert moved(head, "jawOpen")[lower, 1].min() < -0.25
    both = moved(head, "jawOpen") + moved(head, "mouthClose")
    assert np.abs(both[upper] - both[lower])[:, 1].max() < 0.01


def test_eyes_turn_as_spheres(head):
    for name, ball, direction in (
        ("eyeLookOutLeft", "eye_left", (1, 0)),
        ("eyeLookInRight", "eye_right", (1, 0)),
        ("eyeLookUpLeft", "eye_left", (0, 1)),
        ("eyeLookDownRight", "eye_right", (0, -1)),
    ):
        vertices = head.regions[ball]
        before, motion = head.mean_shape[vertices], moved(head, name)[vertices]
        centre = before[np.linalg.norm(motion, axis=1).argsort()[:4]].mean(axis=0)
        pupil = before[:, 2].argmax()
        assert motion[pupil, :2] @ direction > 0.03, name
        arms = np.linalg.norm(before + motion - centre - (before - centre), axis=1)
        assert arms.max() < 0.12, name


def test_winding_and_uv_face_the_same_way(head):
    normal = np.cross(*(head.mean_shape[head.triangles[:, k]] - head.mean_shape[head.triangles[:, 0]] for k in (1, 2)))
    chosen = np.isin(head.triangles, head.regions["face"]).all(axis=1)
    assert (normal[chosen, 2] > 0).mean() > 0.99
    u = head.uv[head.uv_triangles]
    area = np.cross(u[:, 1] - u[:, 0], u[:, 2] - u[:, 0])
    skin = head.triangle_part == head.part_names.index("skin")
    assert (area[skin] > 0).all()


def test_uv_islands_lie_in_the_square_without_overlap(head):
    assert head.uv.min() >= 0 and head.uv.max() <= 1
    clip = np.concatenate([head.uv * 2 - 1, np.zeros((len(head.uv), 1)), np.ones((len(head.uv), 1))], axis=1)
    covered = rasterize(clip.astype(np.float32), head.uv_triangles, 1024).covered.mean()
    u = head.uv[head.uv_triangles]
    total = np.abs(np.cross(u[:, 1] - u[:, 0], u[:, 2] - u[:, 0])).sum() / 2
    assert covered == pytest.approx(total, rel=0.02)
    skin = np.isin(head.triangle_part, [head.part_names.index(name) for name in ("skin", "lips")])
    assert np.abs(np.cross(u[:, 1] - u[:, 0], u[:, 2] - u[:, 0]))[skin].sum() / 2 > 0.45


def test_mirror_pairs_vertices_and_topology(head):
    mirror = head.regions["mirror"]
    np.testing.assert_array_equal(mirror[mirror], np.arange(head.vertex_count))
    faces = {frozenset(face) for face in head.triangles.tolist()}
    assert {frozenset(face) for face in mirror[head.triangles].tolist()} == faces


def test_landmarks_sit_where_their_names_say(head):
    points = head.landmarks68.of(head.mean_shape)
    eye = points[36:42].mean(axis=0)
    assert np.abs(eye[:2] - middle(head, "eye_right")[:2]).max() < 0.06
    assert points[30, 2] == pytest.approx(head.mean_shape[:, 2].max(), abs=0.02)
    corners = head.mean_shape[head.regions["mouth_corners"]]
    assert np.linalg.norm(points[[54, 48]] - corners, axis=1).max() < 0.05
    assert points[8, 1] < points[57, 1] - 0.15
    assert np.abs(points[[0, 16], 0]).min() > 0.5
    assert len(head.landmarks478.confidence) == 478 and (head.landmarks478.confidence > 0.5).sum() > 350
    irises = head.landmarks478.of(head.mean_shape)[[468, 473]]
    assert np.abs(irises[:, 0]) == pytest.approx(np.abs(middle(head, "eye_left")[0]), abs=0.03)
    np.testing.assert_allclose(head.landmarks478.weights.sum(axis=1), 1, atol=1e-5)


def test_mean_colours_are_those_of_skin_teeth_and_hair(head):
    colour = head.albedo()

    def of(*parts):
        return colour[np.unique(head.part_triangles(*parts))].mean(axis=0)

    assert of("skin")[0] > of("skin")[1] > of("skin")[2] > 60
    front = colour[head.regions["upper_teeth_edge"]].mean(axis=0)
    assert front.min() > 150 > of("brows").max()
    assert of("teeth_upper").max() < front.min()  # the sides are in the shade
    lips, skin = of("lips"), colour[head.regions["face"]].mean(axis=0)
    assert lips[0] / lips[1] > skin[0] / skin[1]
