import numpy as np
import pytest

from backend.preview.studio import LOOKS, backdrop, light_reach, part_looks
from models.face import open_head


@pytest.fixture(scope="module")
def head():
    return open_head.load()


@pytest.fixture(scope="module")
def reach(head):
    return light_reach(head, np.zeros(80, np.float32))


def near(head, point, radius=0.12):
    skin = np.unique(head.part_triangles("skin"))
    return skin[np.linalg.norm(head.mean_shape[skin] - point, axis=1) < radius]


def chin(head):
    return head.landmarks68.of(head.mean_shape)[8]


def test_the_key_light_reaches_the_forehead_and_not_the_throat(head, reach):
    forehead = near(head, head.landmarks68.of(head.mean_shape)[27] + np.array([0, 0.35, 0]))
    throat = near(head, chin(head) + np.array([0, -0.1, -0.25]))
    assert reach[forehead].min(axis=0)[:2].min() > 0.7
    assert reach[throat, 1].mean() < 0.4
    assert reach.min() >= 0 and reach.max() <= 1


def test_the_inside_of_the_mouth_is_darker_than_the_lips(head, reach):
    inside = np.unique(head.part_triangles("mouth_inner"))
    lips = np.unique(head.part_triangles("lips"))
    assert reach[inside, 0].mean() < 0.6 * reach[lips, 0].mean()


def test_the_head_is_solid_and_its_cut_edge_is_not(head, reach):
    height = head.mean_shape[:, 1]
    assert np.all(reach[height > chin(head)[1], 2] == 1)
    assert reach[height < height.min() + 0.01, 2].max() < 0.05


def test_every_part_has_its_look(head):
    assert set(head.part_names) <= set(LOOKS)
    assert part_looks(head).shape == (len(head.part_names), 3)


def test_the_backdrop_glows_behind_the_head():
    paper = backdrop(64)
    assert paper.shape == (64, 64, 3)
    assert paper[31, 31].mean() > 3 * paper[0, 0].mean()
    assert np.abs(np.diff(paper, axis=0)).max() < 0.02  # no banding edge
