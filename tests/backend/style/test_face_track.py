from collections.abc import Iterator

import numpy as np
import pytest

from backend.media import VideoError
from backend.style.face_track import follow_face
from backend.style.footage import Picture

POINTS = np.random.default_rng(0).uniform(-0.5, 0.5, (478, 3))
POINTS[:2] = [[-0.5, -0.5, 0], [0.5, 0.5, 0]]


class Stage:
    """Pictures that carry their number, and a finder that knows who is where in each."""

    def __init__(self, seconds: float, fps: float = 25) -> None:
        self.count, self.fps = round(seconds * fps) + 1, fps
        self.faces: list[list[tuple[float, float, float]]] = [[(200.0, 200.0, 120.0)] for _ in range(self.count)]
        self.shots = np.zeros(self.count, int)

    def pictures(self) -> Iterator[Picture]:
        for i in range(self.count):
            image = np.full((400, 640, 3), 60 * self.shots[i], np.uint8)
            image[0, 0, 0], image[0, 0, 1] = i // 256, i % 256
            yield Picture(i / self.fps, image)

    def boxes(self, image):
        return [(*face, 0.9) for face in self._faces(image)]

    def mesh(self, image, crop):
        x, y = crop.left + crop.side / 2, crop.top + crop.side / 2
        for face in self._faces(image):
            if np.hypot(face[0] - x, face[1] - y) < crop.side / 2:
                return POINTS * face[2] + [face[0], face[1], 0.0]
        return None

    def _faces(self, image):
        return self.faces[int(image[0, 0, 0]) * 256 + int(image[0, 0, 1])]


def follow(stage: Stage, **options):
    return follow_face(stage.pictures(), stage, **options)


def test_a_moving_face_is_followed():
    stage = Stage(6)
    stage.faces = [[(200 + i, 200 + 0.5 * i, 120.0)] for i in range(stage.count)]
    track = follow(stage)
    assert len(track.points) == stage.count and track.length == pytest.approx(6)
    assert np.allclose(track.points[40][:, :2], (POINTS * 120)[:, :2] + [240, 220])
    assert track.face_size == pytest.approx(120)


def test_progress_counts_the_frames():
    reports = []
    stage = Stage(5.2)
    follow(stage, total=stage.count, progress=lambda *report: reports.append(report))
    assert reports[0] == ("face", 1, stage.count) and reports[-1] == ("face", stage.count, stage.count)


def test_a_face_that_is_hidden_for_a_moment_is_still_the_same_shot():
    stage = Stage(6)
    for i in range(60, 66):
        stage.faces[i] = []
    track = follow(stage)
    assert len(track.points) == stage.count - 6 and track.length == pytest.approx(6)


def test_of_several_shots_the_longest_counts():
    stage = Stage(12)
    stage.shots[90:] = 1
    track = follow(stage)
    assert track.seconds[0] == pytest.approx(90 / 25) and track.length > 8


def test_another_person_in_the_same_light_is_another_shot():
    stage = Stage(12)
    for i in range(90, stage.count):
        stage.faces[i] = [(500.0, 260.0, 100.0)]
    assert follow(stage).seconds[0] == pytest.approx(90 / 25)


def cut_up() -> Stage:
    stage = Stage(12)
    stage.shots = (np.arange(stage.count) // 60) % 4
    return stage


def crowded() -> Stage:
    stage = Stage(8)
    stage.faces = [[(200.0, 200.0, 120.0), (420.0, 210.0, 110.0)] for _ in range(stage.count)]
    return stage


def empty() -> Stage:
    stage = Stage(8)
    stage.faces = [[] for _ in range(stage.count)]
    return stage


def tiny() -> Stage:
    stage = Stage(8)
    stage.faces = [[(200.0, 200.0, 40.0)] for _ in range(stage.count)]
    return stage


def half_out(share: float = 1.0) -> Stage:
    stage = Stage(8)
    cut = round(share * stage.count)
    stage.faces = [[(20.0 if i < cut else 70.0, 200.0, 120.0)] for i in range(stage.count)]
    return stage


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (empty(), "no face was found"),
        (crowded(), "more than one face"),
        (tiny(), "40 pixels"),
        (Stage(3), "lasts 3.0 s"),
        (cut_up(), "6 shots"),
        (half_out(), "cuts off the face in 201 of 201 pictures"),
    ],
)
def test_footage_that_cannot_be_measured_is_one_clear_error(stage, said):
    with pytest.raises(VideoError, match=said):
        follow(stage)


def test_who_leans_out_of_the_picture_for_a_moment_can_still_be_measured():
    assert follow(half_out(0.1)).cut_off == 20


def test_somebody_small_in_the_background_does_not_matter():
    stage = Stage(6)
    stage.faces = [[(200.0, 200.0, 120.0), (420.0, 210.0, 40.0)] for _ in range(stage.count)]
    assert len(follow(stage).points) == stage.count
