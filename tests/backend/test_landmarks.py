import importlib.util
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from backend.landmarks import Face, FaceAlignmentDetector, LandmarkError, MediaPipeDetector, largest_face, make_detector

RIGHT_IRIS, LEFT_IRIS, MOUTH_RIGHT, MOUTH_LEFT, CHIN = 468, 473, 61, 291, 152
NOSE_TIP = 4
# Read off the photo by eye, in pixels.
BY_EYE = {
    RIGHT_IRIS: (203, 101),
    LEFT_IRIS: (247, 103.5),
    MOUTH_RIGHT: (203, 140),
    MOUTH_LEFT: (247, 141),
    CHIN: (222.5, 178),
}


@pytest.fixture(scope="module")
def detector():
    return MediaPipeDetector()


def test_the_astronaut(detector):
    faces = detector.detect(data.astronaut())
    assert len(faces) == 1
    face = faces[0]
    assert face.scheme == "mediapipe478" and face.points.shape == (478, 2) and face.depth.shape == (478,)
    for index, position in BY_EYE.items():
        assert np.linalg.norm(face.points[index] - position) < 2.5
    assert face.depth[NOSE_TIP] > face.depth[[RIGHT_IRIS, LEFT_IRIS]].max()  # towards the camera


def test_a_small_face_in_a_large_photo(detector):
    ground = np.full((2400, 3200, 3), 120, np.uint8)
    ground[1700:2212, 2500:3012] = data.astronaut()
    face = largest_face(detector, ground)
    assert face is not None
    for index, position in BY_EYE.items():
        assert np.linalg.norm(face.points[index] - np.array(position) - (2500, 1700)) < 3


def test_points_scale_with_the_photo(detector):
    photo = data.astronaut()
    twice = np.repeat(np.repeat(photo, 2, axis=0), 2, axis=1)
    once, doubled = largest_face(detector, photo), largest_face(detector, twice)
    assert once is not None and doubled is not None
    assert np.abs(doubled.points / 2 - once.points).max() < 1.5


def test_the_largest_of_two(detector):
    photo = data.astronaut()
    smaller = np.asarray(Image.fromarray(photo).resize((384, 384)))
    pair = np.full((512, 512 + 384, 3), 200, np.uint8)
    pair[:, :512] = photo
    pair[:384, 512:] = smaller
    faces = detector.detect(pair)
    assert len(faces) == 2
    assert faces[0].size / faces[1].size == pytest.approx(512 / 384, rel=0.05)
    assert faces[0].points[NOSE_TIP, 0] < 512 < faces[1].points[NOSE_TIP, 0]


@pytest.mark.parametrize("picture", [data.coffee(), np.zeros((40, 30, 3), np.uint8)])
def test_no_face(detector, picture):
    assert detector.detect(picture) == []
    assert largest_face(detector, picture) is None


def test_box_and_size():
    face = Face(np.array([[1, 2], [5, 12]], np.float32), None, "ibug68", 1.0)
    assert face.box == (1, 2, 5, 12) and face.size == 10


def test_choosing_a_detector():
    assert isinstance(make_detector(), MediaPipeDetector)
    with pytest.raises(LandmarkError, match="choose"):
        make_detector("dlib")


@pytest.mark.skipif(importlib.util.find_spec("face_alignment") is not None, reason="face-alignment is installed")
def test_the_second_detector_says_how_to_get_it():
    with pytest.raises(LandmarkError, match="pip install"):
        make_detector("face-alignment")


def test_the_second_detector_downloads_only_when_asked(monkeypatch, tmp_path):
    import sys
    import types

    import torch

    made = []
    package: Any = types.ModuleType("face_alignment")
    package.LandmarksType = types.SimpleNamespace(TWO_D=2)

    class Network:
        def __init__(self, *_, **__):
            made.append(self)

        def get_landmarks(self, image, return_landmark_score):
            grid = np.arange(136, dtype=np.float64).reshape(68, 2)
            return [grid, 2 * grid], [np.full(68, 0.5), np.full(68, 0.9)], None

    package.FaceAlignment = Network
    monkeypatch.setitem(sys.modules, "face_alignment", package)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(LandmarkError, match="--allow-download"):
        FaceAlignmentDetector()
    assert made == []
    faces = FaceAlignmentDetector(allow_download=True).detect(np.zeros((8, 8, 3), np.uint8))
    assert [face.score for face in faces] == [pytest.approx(0.9), pytest.approx(0.5)]
    assert np.allclose(faces[1].points[3], [6.5, 7.5])
