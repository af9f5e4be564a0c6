"""The original's pictures of a take: textures, texture positions, shaded and neural frames."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from backend.original_frames import neural_frames, outside_of, paper_texture, placed, shaded_frames
from backend.raster.compat_images import uv_image
from models.face import bfm09
from models.face.bfm09 import Bfm09
from models.render.images import display, texture_input, uv_input
from models.render.local_enhancer import LocalEnhancer
from models.render.renderer import NeuralRenderer, load_generator, load_texture_encoder
from models.render.texture_encoder import UNet
from models.take import Take
from tests.golden import GOLDEN, needs
from tests.models.face.test_bfm09 import small_file
from tests.recipe import torch_weights

BASEL = GOLDEN / "facemodel" / "BFM_small"
PIPELINE = GOLDEN / "raster" / "uv_bg_texture_pipeline.npz"
needs_golden = needs(PIPELINE)
GREY = 128


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Bfm09:
    return bfm09.load(small_file(tmp_path_factory.mktemp("face") / "front.mat"))


@pytest.fixture(scope="module")
def basel() -> Bfm09:
    return bfm09.load(BASEL / "BFM_model_front.mat", BASEL / "uv.npy")


class Counting(NeuralRenderer):
    """A small renderer that remembers how many frames it drew at a time."""

    def __init__(self) -> None:
        super().__init__(
            load_texture_encoder(seeded(UNet(9, 4, base=2))), load_generator(seeded(LocalEnhancer(4, 3, base=2)))
        )
        self.drawn: list[int] = []

    def draw(self, texture: Tensor, uv: Tensor, background: Tensor) -> Tensor:
        self.drawn.append(len(uv))
        return super().draw(texture, uv, background)


def seeded(network: torch.nn.Module) -> dict[str, Tensor]:
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    return {name: torch.from_numpy(array) for name, array in torch_weights(shapes, 3).items()}


def take_of(face: Bfm09, coefficients: np.ndarray) -> Take:
    return Take(coefficients.astype(np.float32), 25, {"face_model": {"name": "bfm09", "sha256": face.model.sha256}})


def moving(face: Bfm09, frames: int = 5) -> Take:
    coefficients = np.zeros((frames, 257), np.float32)
    coefficients[:, 80:144] = np.random.default_rng(1).normal(0, 0.5, (frames, 64))
    return take_of(face, coefficients)


def photo(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (224, 224, 3), np.uint8)


def test_the_face_is_drawn_on_grey_and_moves(face: Bfm09) -> None:
    take = moving(face)
    frames = np.stack(list(neural_frames(take, face, Counting(), photo()[:192, :192])))
    assert frames.shape == (5, 224, 224, 3) and frames.dtype == np.uint8
    for frame, coefficients in zip(frames, take.coefficients, strict=True):
        seen = uv_image(placed(coefficients, face), face.model.uv, face.model.triangles)[..., 2] > 0
        assert (frame[~seen] == GREY).all()
        assert frame[seen].std() > 5
    assert (frames[0] != frames[1]).any()


def test_frames_come_a_batch_at_a_time_and_do_not_depend_on_it(face: Bfm09) -> None:
    take, texture = moving(face), photo()[:64, :64]
    together, single = Counting(), Counting()
    frames = neural_frames(take, face, together, texture, batch=2)
    first = next(frames)
    assert together.drawn == [2]  # a long take never waits in memory
    every = [first, *frames]
    assert together.drawn == [2, 2, 1]
    for one, other in zip(every, neural_frames(take, face, single, texture, batch=1), strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def test_the_texture_reaches_the_encoder_in_bgr_from_v_0_upwards_three_times(face: Bfm09) -> None:
    renderer, texture = Counting(), photo()[:64, :64]
    shown: list[Tensor] = []
    renderer.encoder.register_forward_pre_hook(lambda _, given: shown.append(given[0]))
    next(neural_frames(moving(face, 1), face, renderer, texture))
    assert shown[0].shape == (1, 9, 64, 64)
    upper_left = texture[-1, 0, ::-1] / 128.0 - 1.0
    np.testing.assert_allclose(shown[0][0, :, 0, 0], np.tile(upper_left, 3), atol=1e-6)


def test_the_original_rounds_its_texture_positions(face: Bfm09) -> None:
    texture = photo()[:64, :64]
    exact, rounded = (
        np.stack(list(neural_frames(moving(face, 1), face, Counting(), texture, compat=compat)))
        for compat in (False, True)
    )
    assert (exact != rounded).mean() > 0.01


def test_every_gap_that_reaches_the_border_is_background_and_an_open_mouth_is_not() -> None:
    covered = np.zeros((9, 9), bool)
    covered[:, 3:6] = True  # a face from edge to edge: background on both sides
    covered[4, 4] = False
    outside = outside_of(covered)
    assert outside[:, :3].all() and outside[:, 6:].all() and not outside[:, 3:6].any()
    assert not outside_of(np.ones((4, 4), bool)).any()


@pytest.mark.parametrize("compat", [False, True])
def test_the_texture_shows_the_photo_where_the_face_lies_on_it(face: Bfm09, compat: bool) -> None:
    green = np.full((224, 224, 3), [10, 200, 30], np.uint8)
    texture = paper_texture(green, np.zeros(257, np.float32), face, compat)
    assert texture.shape == (256, 256, 3)
    seen = texture[texture.any(axis=-1)]
    assert len(seen) > 0.1 * 256**2
    assert np.abs(seen.astype(int) - [10, 200, 30]).max() <= 1


def test_the_texture_is_not_mirrored_and_stands_upright(face: Bfm09) -> None:
    quarters = np.zeros((224, 224, 3), np.uint8)
    quarters[:112, :112] = 255, 0, 0  # red above on the picture's left, blue below on its right
    quarters[112:, 112:] = 0, 0, 255
    texture = paper_texture(quarters, np.zeros(257, np.float32), face).astype(int)
    red, blue = (np.argwhere(texture[..., channel] > 200).mean(axis=0) for channel in (0, 2))
    assert (red + 50 < blue).all()


@pytest.mark.parametrize("draw", ["shaded", "neural"])
def test_a_take_of_another_face_model_is_not_drawn(face: Bfm09, draw: str) -> None:
    take = Take(np.zeros((1, 257), np.float32), 25, {"face_model": {"name": "bfm09", "sha256": "0"}})
    frames = shaded_frames(take, face) if draw == "shaded" else neural_frames(take, face, Counting(), photo())
    with pytest.raises(ValueError, match="another face model"):
        next(frames)


def test_zero_coefficients_place_the_mean_face(face: Bfm09) -> None:
    np.testing.assert_allclose(placed(np.zeros(257, np.float32), face), face.model.mean_shape, rtol=0, atol=1e-6)


@needs_golden
def test_golden_a_frame_is_shaded_as_the_original_did(basel: Bfm09) -> None:
    coefficients = np.load(BASEL.parent / "facemodel_small.npz")["coeff"][:1]
    expected = np.load(BASEL.parent / "facemodel_small_images.npz")["render_rgba_frame0"]
    (frame,) = shaded_frames(take_of(basel, coefficients), basel)
    assert np.abs(frame - expected[..., :3]).max() <= 0.51


@needs_golden
@pytest.mark.parametrize(("compat", "name"), [(True, "tex_noise_png_bgr_u8"), (False, "tex_raster_png_bgr_u8")])
def test_golden_textures(basel: Bfm09, compat: bool, name: str) -> None:
    golden = np.load(PIPELINE)
    for aligned, coefficients, expected in zip(golden["align_bgr_u8"], golden["coeff"], golden[name], strict=True):
        texture = paper_texture(aligned[..., ::-1], coefficients, basel, compat)[..., ::-1]
        differ = np.abs((texture[::-1] if compat else texture).astype(int) - expected).max(axis=-1)
        assert (differ > 1).mean() < 1e-4  # texture positions at a tie go to the texel beside


@needs_golden
def test_golden_compat_frames_are_drawn_from_the_original_s_positions_and_masks(basel: Bfm09) -> None:
    golden, renderer, texture = np.load(PIPELINE), Counting(), photo()[:64, :64]
    neural = renderer.encode(texture_input(np.repeat(texture[None, ::-1, :, ::-1], 3, axis=0)))
    background = torch.from_numpy((golden["bg_png_u8"] > 127)[:, None].astype(np.float32))
    uv = uv_input(golden["uv_png_bgr_u8"][..., :2] / 255.0)
    expected = display(renderer.draw(neural, uv, background))
    frames = list(neural_frames(take_of(basel, golden["coeff"]), basel, renderer, texture, compat=True))
    differ = np.abs(np.stack(frames).astype(int) - expected).max(axis=-1)
    assert differ.max() <= 8 and (differ > 1).mean() < 1e-3  # texture positions at a tie
