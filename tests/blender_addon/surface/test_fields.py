"""Fields on the open head: pores, oil, wetness, creases and the iris lie where a face has them."""

import numpy as np
import pytest

from backend.blender import write_head_file
from blender_addon.files import head_file
from blender_addon.files.head_file import HeadFile
from blender_addon.surface import fields
from blender_addon.surface.fields import Fields
from models.face import open_head


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> HeadFile:
    path = tmp_path_factory.mktemp("open") / "head.npz"
    write_head_file(open_head.load(), path)
    return head_file.load(path)


@pytest.fixture(scope="module")
def found(head: HeadFile) -> Fields:
    return fields.fields_of(head)


def part(head: HeadFile, name: str) -> np.ndarray:
    return np.unique(head.triangles[head.triangle_part == head.part_names.index(name)])


def at(head: HeadFile, landmark: int) -> int:
    return int(head.landmark_vertices[landmark][head.landmark_weights[landmark].argmax()])


def test_all_lie_between_0_and_1(found: Fields) -> None:
    for values in (found.skin, found.surface):
        assert values.dtype == np.float32 and values.min() >= 0 and values.max() <= 1


def test_the_nose_is_oily_and_has_pores_and_lids_have_none(head: HeadFile, found: Fields) -> None:
    nose, lid, jaw = at(head, 30), at(head, 41), at(head, 3)
    assert found.skin[nose, 0] > 0.8 > 0.2 > found.skin[lid, 0]
    assert found.skin[nose, 1] > 0.7 > 0.1 > found.skin[jaw, 1]


def test_lid_margins_and_the_inside_of_lips_are_wet(head: HeadFile, found: Fields) -> None:
    wet = found.skin[:, 2]
    assert wet[head.regions["lid_lower_left"]].min() > 0.95
    assert 0.5 < wet[head.regions["lid_upper_right"]].min() < wet[head.regions["lid_lower_right"]].min()
    assert wet[head.regions["lip_rim_lower"]].mean() > 0.6
    assert wet[at(head, 30)] < 0.01 and wet[at(head, 3)] < 0.01


def test_lips_begin_where_skin_ends(head: HeadFile, found: Fields) -> None:
    lips, skin = part(head, "lips"), part(head, "skin")
    border = np.intersect1d(lips, skin)
    assert len(border) > 20 and found.surface[border, 1].max() == 0
    assert found.surface[np.setdiff1d(lips, border), 1].max() == 1
    assert found.surface[np.setdiff1d(skin, lips), 1].max() == 0


def test_creases_are_found_and_cheeks_are_open(head: HeadFile, found: Fields) -> None:
    openness = found.surface[:, 0]
    assert openness[at(head, 30)] > 0.95
    skin = part(head, "skin")
    assert 0.005 < (openness[skin] < 0.6).mean() < 0.2


def test_the_mouth_darkens_backwards(head: HeadFile, found: Fields) -> None:
    molars = part(head, "teeth_upper")
    depth = found.surface[molars, 2]
    assert depth[head.mean_shape[molars, 2].argmax()] > 0.95 and depth[head.mean_shape[molars, 2].argmin()] < 0.4
    assert (found.surface[part(head, "skin"), 2] == 1).all()


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_iris_is_where_it_is_painted(head: HeadFile, found: Fields, side: str) -> None:
    eye = head.regions[f"eye_{side}"]
    radius = np.linalg.norm(found.iris[eye, :2], axis=1)
    dark = head.mean_albedo[eye].mean(axis=1) < 150
    assert radius[dark].max() == pytest.approx(1.0, abs=0.03) and radius[~dark].min() > 1.0
    pupil = head.mean_shape[eye[radius.argmin()]]
    assert pupil[2] == head.mean_shape[eye, 2].max()
    right = head.mean_shape[eye[found.iris[eye, 0].argmax()]]
    assert right[0] > pupil[0]  # u grows to the subject's left in both eyes
    assert found.iris[part(head, "skin"), :2].min() == 9
    assert found.iris_uv == pytest.approx(0.0131, abs=0.0003)
