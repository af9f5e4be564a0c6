"""`render --renderer original`: the user's models draw a take, and their face goes into the photo."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from backend import cli, model_store
from backend.crop import Crop
from backend.fitting.fit import Fit
from backend.landmarks import Face
from backend.original import OriginalPerson
from backend.render import delivery
from backend.render.original_portrait import OriginalPortrait, blend_of
from models import take as take_file
from models.face import bfm09_file
from models.take import Take
from tests.backend import test_original as original
from tests.backend import test_original_delivery as fixtures
from tests.backend.render.conftest import talking

finder, photo = fixtures.finder, original.photo  # its fixtures serve here, too
SIZE, FRAMES = 96, 3


@pytest.fixture
def take(finder: original.Finder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A take of the user's face model that moves, and a detector for its photo."""
    monkeypatch.setattr(delivery, "make_detector", lambda name, allow_download: finder)
    model = bfm09_file.load(model_store.installed("bfm09")).model
    coefficients = np.zeros((FRAMES, 257), np.float32)
    coefficients[:, 80:144] = np.random.default_rng(1).normal(0, 0.5, (FRAMES, 64))
    take_file.save(
        Take(coefficients, 25.0, {"face_model": {"name": "bfm09", "sha256": model.sha256}}), tmp_path / "t.npz"
    )
    return tmp_path / "t.npz"


@pytest.fixture
def words(take: Path, photo: Path) -> Callable[..., list[str]]:
    def make(*more: str) -> list[str]:
        given = ["render", str(take), "--image", str(photo), "--renderer", "original", "--size", str(SIZE), "--json"]
        return [*given, *more]

    return make


def test_the_face_moves_in_the_photo(
    words: Callable[..., list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixtures.add_renderer(tmp_path)
    assert cli.main(words("--out", str(tmp_path / "frames"), "--framing", "photo")) == 0
    result = json.loads(capsys.readouterr().out)
    frames = np.stack([np.asarray(Image.open(path))[..., :3] for path in sorted(Path(result["pictures"]).iterdir())])
    assert frames.shape == (FRAMES, SIZE, SIZE, 3)
    moved = np.abs(frames[1].astype(int) - frames[0]).max(axis=-1)
    assert moved.max() > 5

    assert cli.main(words("--out", str(tmp_path / "talk.mp4"))) == 0
    with av.open(str(tmp_path / "talk.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES


def test_what_is_not_drawn_is_the_photo_where_it_was(photo: Path) -> None:
    picture = np.asarray(Image.open(photo))
    crop = Crop(40.0, 60.0, 200.0)
    nobody = Face(np.zeros((68, 2), np.float32), None, "ibug68", 1.0)
    fit = Fit(np.zeros(257, np.float32), crop, nobody, "bfm09", np.nan, np.nan)
    portrait = OriginalPortrait(picture, OriginalPerson(fit, picture, {}), SIZE, "photo", "keep")
    alpha, drawn = np.zeros((224, 224), np.float32), np.zeros((224, 224, 3), np.uint8)
    shown = np.asarray(cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)).astype(int)
    assert np.abs(portrait.frame(drawn, alpha) - shown).max() <= 2

    plain = np.full_like(picture, 200)
    portrait = OriginalPortrait(plain, OriginalPerson(fit, plain, {}), SIZE, "photo", "keep")
    alpha[72:152, 72:152] = 1
    changed = portrait.frame(drawn, alpha).max(axis=-1) < 120
    middle = np.argwhere(changed).mean(axis=0) + 0.5
    expected = (np.array([crop.top, crop.left]) + 112 / 224 * crop.side) * SIZE / picture.shape[0]
    np.testing.assert_allclose(middle, expected, atol=1.0)


def test_the_blend_stays_inside_the_drawn_face(take: Path) -> None:
    face = bfm09_file.load(model_store.installed("bfm09"))
    alpha = blend_of(take_file.load(take).coefficients[0], face)
    assert alpha.shape == (224, 224) and alpha.max() == 1 and alpha.min() == 0
    assert np.abs(np.diff(alpha, axis=0)).max() < 0.5  # it fades


def test_what_it_cannot_draw_is_refused_with_what_to_do(
    words: Callable[..., list[str]], take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "talk.mp4")]
    assert cli.main(words(*out)) != 0
    assert "neural-renderer is missing; run `style-avatar models add" in capsys.readouterr().err
    fixtures.add_renderer(tmp_path)
    assert cli.main(words(*out, "--light", "studio")) != 0
    assert "photo's light only" in capsys.readouterr().err
    take_file.save(talking(2), take)
    assert cli.main(words(*out)) != 0
    assert "animate --family original" in capsys.readouterr().err
    assert not (tmp_path / "talk.mp4").exists()
