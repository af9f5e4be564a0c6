import numpy as np
import pytest

from backend.fitting.fit import FitError, NoFaceError
from backend.lighting.light import photo_light
from backend.photo import PhotoError
from backend.render.portrait import Portrait, portrait_frames
from backend.render.sitter import meet_sitter
from models.coefficients import GAMMA
from models.face import open_head
from tests.backend.render.conftest import talking

SMALL = 128


def test_a_photo_below_64_pixels_is_refused(photo):
    with pytest.raises(PhotoError, match="at least 64 x 64"):
        meet_sitter(photo[40:103, 180:400], open_head.load(), SMALL)


def test_a_photo_without_a_face_is_refused():
    with pytest.raises(NoFaceError):
        meet_sitter(np.full((200, 200, 3), 90, np.uint8), open_head.load(), SMALL)


def test_a_face_cut_off_by_the_edge_is_refused(photo):
    with pytest.raises(FitError, match=r"cut off|no face"):
        meet_sitter(photo[:, 225:], open_head.load(), SMALL)


def test_hair_cut_off_at_the_top_goes_on_mirrored(photo):
    """The head may sink: what comes in from above is hair again, neither black nor the wall."""
    cut = photo[40:300, 80:380]
    sitter = meet_sitter(cut, open_head.load(), SMALL)
    assert sitter.view.window.top == 0
    portrait = Portrait(sitter, photo_light(sitter.fit.coefficients[GAMMA]))
    down = np.array([0, -0.12, 0], np.float32)
    expression = np.zeros(64, np.float32)
    still, sunk = (portrait.frame(expression, np.zeros(3, np.float32), shift).astype(int) for shift in (0 * down, down))
    crown = np.flatnonzero(sitter.alpha[0] > 0.9)
    assert len(crown) > 0.1 * SMALL
    assert np.abs(sunk[0, crown].mean(axis=0) - still[0, crown].mean(axis=0)).max() < 25
    assert np.abs(sunk[8:40] - still[8:40]).mean() > 4  # it did sink


def test_of_two_heads_the_larger_one_speaks_and_the_other_keeps_still(photo):
    one = photo[:400, 100:360]
    shrunk = one[::2, ::2]
    picture = np.concatenate([np.full((400, 130, 3), 200, np.uint8), one], axis=1)
    picture[150:350, :130] = shrunk
    sitter = meet_sitter(picture, open_head.load(), SMALL, "photo")
    window = sitter.view.window
    left = slice(0, int((120 - window.left) * SMALL / window.side))
    assert left.stop > 0.2 * SMALL
    assert sitter.alpha[:, left].mean() < 0.1
    portrait = Portrait(sitter, photo_light(sitter.fit.coefficients[GAMMA]))
    first, *_, last = portrait_frames(talking(3), sitter, portrait)
    assert np.abs(last[:, left].astype(int) - first[:, left]).max() <= 1
    assert np.abs(last.astype(int) - first).max() > 60
