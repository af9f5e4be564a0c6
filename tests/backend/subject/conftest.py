"""A person whose skin folds, filmed once: for a second and a half, small."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backend.crop import Crop
from backend.evaluation.wrinkled_person import WrinkledPerson, film, performance, wrinkled_person
from backend.preview.frames import framing
from backend.subject.shot import Shot, lit
from models.coefficients import IDENTITY, TRANSLATION
from models.face import open_head
from models.face.camera import PAPER_FOCAL, PAPER_SIZE

SIZE = 208
SECONDS = 1.4


@pytest.fixture(scope="session")
def person() -> WrinkledPerson:
    return wrinkled_person(open_head.load(), seed=3, size=256)


@pytest.fixture(scope="session")
def truth(person: WrinkledPerson) -> np.ndarray:
    return performance(person.face_model, SECONDS, seed=3)


@pytest.fixture(scope="session")
def clip(person: WrinkledPerson, truth: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("subject") / "clip.mp4"
    film(person, truth, path, size=SIZE)
    return path


@pytest.fixture(scope="session")
def true_shot(person: WrinkledPerson, truth: np.ndarray, clip: Path) -> Shot:
    """The clip with the coefficients that it was made with."""
    camera, aim = framing(person.face_model.shape(person.identity), SIZE)
    rows = truth.copy()
    rows[:, IDENTITY] = person.identity
    rows[:, TRANSLATION] -= aim
    crop = Crop.around(SIZE / 2, SIZE / 2, PAPER_SIZE * camera.focal / PAPER_FOCAL)
    shot = Shot(clip, person.face_model, rows, crop, [np.zeros((478, 3))] * len(rows), np.arange(len(rows)) / 25)
    return lit(shot, range(0, len(rows), 8))


@pytest.fixture
def interrupted() -> Callable[[str], Callable[[str, int, int], None]]:
    """A progress that raises what Ctrl-C raises, at a stage."""

    def at(stage: str) -> Callable[[str, int, int], None]:
        def progress(now: str, done: int, total: int) -> None:
            assert 0 <= done <= total
            if now == stage:
                raise KeyboardInterrupt

        return progress

    return at
