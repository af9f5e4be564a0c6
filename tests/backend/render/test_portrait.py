import cv2
import numpy as np
import pytest

from backend.compositing.seam_energy import seam_energy
from backend.lighting.choice import chosen_light
from backend.lighting.environment import exposed, light_of_panorama
from backend.render.belonging import belonging
from backend.render.buffers import Buffers
from backend.render.photo_warp import PhotoWarp
from backend.render.portrait import Portrait, portrait_frames
from models.coefficients import ANGLES, EXPRESSION, GAMMA, TRANSLATION
from models.face.camera import rotation
from models.take import Take
from tests.backend.render.conftest import SIZE, talking

STILL = np.zeros(3, np.float32)


@pytest.fixture(scope="module")
def light(sitter):
    return chosen_light("photo", sitter.fit.coefficients[GAMMA])


@pytest.fixture(scope="module")
def portrait(sitter, light):
    return Portrait(sitter, light)


@pytest.fixture(scope="module")
def frames(sitter, portrait):
    return list(portrait_frames(talking(), sitter, portrait))


@pytest.fixture(scope="module")
def shown(sitter):
    """What the frames' window shows of the photo."""
    return cv2.resize(sitter.source, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def resting(sitter):
    return sitter.fit.coefficients[EXPRESSION]


def drawn_alpha(portrait):
    """Where the last frame shows the drawn face."""
    alpha = np.zeros((SIZE, SIZE), np.float32)
    top, left, side = portrait.tile
    alpha[top : top + side, left : left + side] = portrait.face_alpha
    return alpha


def test_the_person_is_cut_out(sitter):
    points = sitter.view.points(sitter.face_model.landmarks68.of(sitter.world)).astype(int)
    assert sitter.alpha[points[:, 1], points[:, 0]].mean() > 0.97  # the face
    assert sitter.alpha[:8].max() < 0.05 and sitter.alpha[-8:, SIZE // 2].min() > 0.95  # the wall, the suit
    top = np.argmax(sitter.alpha.max(axis=1) > 0.5)
    brows = points[17:27, 1].min()
    assert top < brows - 0.12 * SIZE  # the hair belongs to her


def test_at_rest_the_frame_is_the_photo(sitter, portrait, shown):
    frame = portrait.frame(resting(sitter), STILL, STILL).astype(int)
    off = np.abs(frame - shown).max(axis=2)
    inner = drawn_alpha(portrait) > 0.5
    assert np.quantile(off[~inner], 0.99) <= 4
    eyes_and_mouth = cv2.dilate(inner.astype(np.uint8), np.ones((3, 3))) > 0
    assert off[~eyes_and_mouth].mean() < 1 and np.median(off[inner]) <= 3


def test_what_does_not_move_stays_exactly_still(sitter, frames):
    still = cv2.resize(belonging(sitter).share, (SIZE, SIZE)) == 0
    assert still.mean() > 0.3
    for frame in frames[1:]:
        assert np.abs(frame.astype(int) - frames[0])[still].max() <= 1


def test_the_head_moves_and_the_mouth_opens(sitter, frames):
    points = sitter.view.points(sitter.face_model.landmarks68.of(sitter.world))
    left, top = points[48:68].min(axis=0).astype(int)
    right, bottom = points[48:68].max(axis=0).astype(int) + 4
    mouth = [frame[top:bottom, left:right].astype(int) for frame in frames]
    assert np.abs(mouth[-1] - mouth[0]).mean() > 10
    assert mouth[-1].min() < 70  # the dark inside


def test_the_sheet_rests_at_rest_and_follows_the_mesh(sitter):
    warp = PhotoWarp(sitter)
    fitted = sitter.fit.coefficients
    turn, shift = rotation(fitted[ANGLES]), fitted[TRANSLATION]
    centres = 2 * (np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1) + 0.5)
    assert np.abs(warp.sources(resting(sitter), turn, shift) - centres).max() < 0.02

    turned = turn @ rotation(np.array([0.06, 0.1, 0.02]))
    sources = warp.sources(resting(sitter), turned, shift)
    nose = sitter.face_model.landmarks68.of(sitter.world)[27:31]
    moved = sitter.view.points((nose - shift) @ turn @ turned.T + shift)
    before = sitter.view.points(nose)
    assert np.abs(moved - before).max() > 1.5
    for place, origin in zip(moved, before, strict=True):
        column, row = np.floor(place).astype(int)
        assert np.abs(sources[row, column] / 2 - origin).max() < 1.0


def test_there_is_no_black_border_however_the_head_turns(sitter, portrait, shown):
    for angles in ([0.25, 0.3, 0.15], [-0.25, -0.3, -0.15]):
        frame = portrait.frame(resting(sitter), np.array(angles, np.float32), np.array([0.2, 0.2, 0.3], np.float32))
        edge = np.concatenate([frame[0], frame[-1], frame[:, 0], frame[:, -1]]).astype(int)
        was = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]]).astype(int)
        assert (edge.max(axis=1) < 8).sum() <= (was.max(axis=1) < 8).sum()


@pytest.mark.parametrize("name", ["photo", "studio"])
def test_the_blend_leaves_no_seam(sitter, name):
    portrait = Portrait(sitter, chosen_light(name, sitter.fit.coefficients[GAMMA]))
    for frame in portrait_frames(talking(3), sitter, portrait):
        assert seam_energy(frame, drawn_alpha(portrait)) < 1.2


def test_a_renderer_is_asked_for_the_face_and_nothing_else(sitter, light, frames):
    seen = []

    def green(buffers: Buffers) -> np.ndarray:
        seen.append(buffers.parts.sum(axis=2) - buffers.alpha)
        return buffers.alpha[..., None] * np.array([0, 255, 0], np.float32)

    portrait = Portrait(sitter, light, renderer=green)
    frame = next(portrait_frames(talking(), sitter, portrait)).astype(int)
    alpha = drawn_alpha(portrait)
    assert np.abs(seen[0]).max() < 1e-5  # the parts make up the whole
    inside = cv2.erode((alpha > 0.99).astype(np.uint8), np.ones((15, 15))) > 0
    assert inside.any() and np.abs(frame[inside] - [0, 255, 0]).max() < 20
    outside = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((41, 41))) == 0
    assert np.array_equal(frame[outside], frames[0].astype(int)[outside])


def test_light_from_the_right_brightens_the_right_and_not_the_wall(sitter, light, portrait):
    panorama = np.full((16, 32, 3), 0.1, np.float32)
    panorama[4:10, 20:26] = 4.0
    other = Portrait(sitter, exposed(light_of_panorama(panorama), light))
    before, after = (each.frame(resting(sitter), STILL, STILL).astype(float) for each in (portrait, other))
    points = sitter.view.points(sitter.face_model.landmarks68.of(sitter.world)).astype(int)
    left, right = points[[2, 31]].mean(axis=0).astype(int), points[[14, 35]].mean(axis=0).astype(int)
    gain = [
        after[y - 4 : y + 4, x - 4 : x + 4].mean() / before[y - 4 : y + 4, x - 4 : x + 4].mean()
        for x, y in (left, right)
    ]
    assert gain[1] > 1.2 * gain[0]
    assert np.array_equal(after[:4], before[:4])  # the background keeps its own light


def test_without_a_background_there_is_alpha(sitter, light, frames):
    portrait = Portrait(sitter, light, "transparent")
    frame = next(portrait_frames(talking(), sitter, portrait))
    assert frame.shape == (SIZE, SIZE, 4)
    assert frame[:8, :, 3].max() < 16 and frame[SIZE // 2, SIZE // 2, 3] == 255
    solid = frame[..., 3] == 255
    assert np.abs(frame[solid, :3].astype(int) - frames[0][solid]).mean() < 1


def test_a_take_of_another_face_model_is_refused(sitter, portrait):
    other = Take(talking().coefficients, 25.0, {"face_model": {"name": "bfm09", "sha256": "0"}})
    with pytest.raises(ValueError, match="bfm09"):
        next(portrait_frames(other, sitter, portrait))
