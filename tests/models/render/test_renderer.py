import json

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from torch import nn

from models.pickles import read_state_dict
from models.render.images import display, erode_background, texture_input, uv_input
from models.render.local_enhancer import LocalEnhancer
from models.render.renderer import NeuralRenderer, blend, load_generator, load_texture_encoder
from models.render.texture_encoder import UNet
from models.render.texture_sampler import sample_texture
from tests.models.render.goldens import FOLDER, golden, recipe
from tests.models.render.small import small_inputs, small_renderer

HALF, SINGLE = 2e-3, 5e-4  # tolerances for arrays kept in half and in single precision (SPEC 0.4)


def shapes(network: nn.Module) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in network.state_dict().items()}


def inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, dict[str, np.ndarray]]:
    expected = dict(np.load(FOLDER / "render_small_io.npz"))
    textures = texture_input(np.repeat(expected["tex_bgr_u8"][None], 3, axis=0))
    uv = uv_input(expected["uv_bgr_u8"][..., :2] / 255.0, compat=True)
    background = torch.from_numpy((expected["bg_u8"][..., 0] > 127).astype(np.float32))[:, None]
    return textures, uv, background, expected


def unmasked(renderer: NeuralRenderer, texture: torch.Tensor, uv: torch.Tensor) -> torch.Tensor:
    return renderer.draw(texture, uv, torch.zeros(len(uv), 1, *uv.shape[2:]))


@golden
def test_golden_reduced_renderer() -> None:
    textures, uv, background, expected = inputs()
    encoder = load_texture_encoder(read_state_dict(FOLDER / "tex_encoder.pkl"))
    renderer = NeuralRenderer(encoder, load_generator(read_state_dict(FOLDER / "face_unet.pkl")))
    texture = renderer.encode(textures)
    np.testing.assert_allclose(texture, expected["tex"], atol=SINGLE)
    np.testing.assert_allclose(sample_texture(texture, uv[:1])[0], expected["sampled_frame0_f16"], atol=HALF)
    raw = unmasked(renderer, texture, uv)
    np.testing.assert_allclose(raw[0], expected["pred_raw_frame0"], atol=SINGLE)
    np.testing.assert_allclose(raw[1], expected["pred_raw_frame1_f16"], atol=HALF)
    shown = display(renderer.draw(texture, uv, background))
    assert np.abs(shown.astype(int) - expected["display_rgb_u8"]).max() <= 1


@golden
def test_golden_reduced_renderer_prepared() -> None:
    textures, uv, _, expected = inputs()
    encoder = load_texture_encoder(read_state_dict(FOLDER / "tex_encoder.pkl"))
    renderer = NeuralRenderer(encoder, load_generator(read_state_dict(FOLDER / "face_unet.pkl"))).prepare()
    raw = unmasked(renderer, renderer.encode(textures), uv)
    np.testing.assert_allclose(raw[0], expected["pred_raw_frame0"], atol=SINGLE)


@golden
def test_golden_full_size_renderer() -> None:
    textures, uv, _, _ = inputs()
    expected = np.load(FOLDER / "render_full_io.npz")
    networks = json.loads((FOLDER / "full_size_state_dict_keys.json").read_text())
    keys = {name: {key: shape for key, shape, _ in network["keys"]} for name, network in networks.items()}
    encoder_weights = recipe(keys["tex_encoder_UNet_9_16"], expected["recipe_seed_tex_encoder"])
    face_weights = recipe(keys["face_unet_define_G_16_3_64_local"], expected["recipe_seed_face_unet"])
    renderer = NeuralRenderer(load_texture_encoder(encoder_weights), load_generator(face_weights))
    texture = renderer.encode(textures)
    np.testing.assert_allclose(texture, expected["tex"], atol=HALF)
    np.testing.assert_allclose(texture[:, :, 31], expected["tex_row31"], atol=SINGLE)
    raw = unmasked(renderer, texture, uv)
    np.testing.assert_allclose(raw, expected["pred_raw_f16"], atol=HALF)
    np.testing.assert_allclose(raw[:, :, 100], expected["pred_raw_row100"], atol=SINGLE)


@golden
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("tex_encoder_UNet_9_16", lambda: UNet(9, 16)),
        ("tex_encoder_UNet_3_16_train_len_1", lambda: UNet(3, 16)),
        ("nvp_face_unet_UNetnop_16_3", lambda: UNet(16, 3, pooled=False)),
        ("nvp_blender_UNetnop_3_3", lambda: UNet(3, 3, pooled=False)),
        ("face_unet_define_G_16_3_64_local", lambda: LocalEnhancer(16, 3)),
        ("blender_define_G_3_3_64_local", lambda: LocalEnhancer(3, 3)),
    ],
)
def test_golden_names_and_shapes(name: str, make) -> None:
    networks = json.loads((FOLDER / "full_size_state_dict_keys.json").read_text())
    with torch.device("meta"):
        assert shapes(make()) == {key: shape for key, shape, _ in networks[name]["keys"]}


@golden
def test_golden_encoder_without_pooling() -> None:
    _, _, _, small = inputs()
    expected = np.load(FOLDER / "render_variants_io.npz")
    wanted = shapes(UNet(16, 3, base=8, pooled=False))
    network = load_texture_encoder(recipe(wanted, expected["recipe_seed_unetnop_w8"]), pooled=False)
    sampled = torch.from_numpy(small["sampled_frame0_f16"].astype(np.float32))[None]
    np.testing.assert_allclose(network(sampled), expected["unetnop_out_f16"], atol=2 * HALF)  # its input is rounded too


@golden
def test_golden_blending() -> None:
    textures, uv, background, _ = inputs()
    expected = np.load(FOLDER / "render_variants_io.npz")
    eroded = erode_background(background)
    np.testing.assert_array_equal(eroded, expected["bg_eroded"])
    encoder = load_texture_encoder(read_state_dict(FOLDER / "tex_encoder.pkl"))
    renderer = NeuralRenderer(encoder, load_generator(read_state_dict(FOLDER / "face_unet.pkl")))
    faces = renderer.draw(renderer.encode(textures), uv, background)
    generator = load_generator(recipe(shapes(LocalEnhancer(3, 3, base=4)), expected["recipe_seed_blender_ngf4"]))
    frames = torch.from_numpy(expected["img_f16"].astype(np.float32))
    np.testing.assert_allclose(blend(generator, faces, frames, eroded), expected["blended_f16"], atol=HALF)


@golden
def test_golden_checkpoint_of_a_gpu() -> None:
    textures, _, _, _ = inputs()
    expected = np.load(FOLDER / "tex_encoder_w2_out.npy")
    for name in ("tex_encoder_w2_cuda0.pkl", "tex_encoder_w2_cuda0_legacy.pkl"):
        encoder = load_texture_encoder(read_state_dict(FOLDER / name))
        np.testing.assert_allclose(encoder(textures), expected, atol=SINGLE)


def test_the_encoder_makes_a_quarter_of_the_size_and_its_variant_keeps_it() -> None:
    images = torch.rand(2, 3, 64, 96)
    assert UNet(3, 5, base=2)(images).shape == (2, 5, 16, 24)
    assert UNet(3, 5, base=2, pooled=False)(images).shape == (2, 5, 64, 96)
    with pytest.raises(ValueError, match="sides"):
        UNet(3, 5, base=2)(torch.rand(1, 3, 100, 64))


def test_the_generator_keeps_the_size_and_frames_do_not_mix() -> None:
    torch.manual_seed(0)
    generator = LocalEnhancer(3, 3, base=2).eval()
    images = torch.rand(2, 3, 48, 64)
    with torch.no_grad():
        both, second = generator(images), generator(images[1:])
    assert both.shape == images.shape and both.abs().max() <= 1
    torch.testing.assert_close(both[1:], second, atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="sides"):
        generator(torch.rand(1, 3, 40, 64))


def test_sampling_at_texel_centres_and_outside() -> None:
    texture = torch.arange(12.0).reshape(1, 1, 3, 4)
    v, u = torch.meshgrid((torch.arange(3) + 0.5) / 3, (torch.arange(4) + 0.5) / 4, indexing="ij")
    torch.testing.assert_close(sample_texture(texture, torch.stack([u, v])[None]), texture)
    corner = sample_texture(torch.ones(1, 1, 3, 4), torch.zeros(1, 2, 1, 1))
    assert corner.item() == pytest.approx(0.25)  # a quarter of the corner texel, the rest is outside
    with pytest.raises(ValueError, match="uv"):
        sample_texture(texture, torch.zeros(2, 2, 1, 1))


def test_drawing_leaves_the_outside_grey_whatever_the_batch() -> None:
    torch.manual_seed(0)
    renderer = NeuralRenderer(UNet(9, 4, base=2), LocalEnhancer(4, 3, base=2)).eval()
    texture = renderer.encode(torch.rand(1, 9, 64, 64))
    uv, background = torch.rand(3, 2, 64, 64), torch.zeros(3, 1, 64, 64)
    background[:, :, :10] = 1.0
    frames = renderer.draw(texture, uv, background)
    assert (frames[:, :, :10] == 0).all() and frames[:, :, 10:].abs().max() > 0
    torch.testing.assert_close(renderer.draw(texture, uv[2:], background[2:]), frames[2:], atol=5e-4, rtol=0)
    assert (display(frames)[:, :10] == 128).all()


def test_preparing_in_float32_moves_frames_by_rounding_alone() -> None:
    renderer = small_renderer()
    inputs = small_inputs(renderer)
    expected, weights = renderer.draw(*inputs), {name: t.clone() for name, t in renderer.state_dict().items()}
    assert renderer.prepare() is renderer
    torch.testing.assert_close(renderer.draw(*inputs), expected, atol=1e-4, rtol=0)
    kernels = [tensor for tensor in renderer.face.parameters() if tensor.ndim == 4]
    assert all(kernel.is_contiguous(memory_format=torch.channels_last) for kernel in kernels)
    assert all(torch.equal(t, weights[name]) for name, t in renderer.state_dict().items())
    renderer.prepare(layout=torch.contiguous_format)
    torch.testing.assert_close(renderer.draw(*inputs), expected, atol=0, rtol=0)


def test_bfloat16_is_kept_to_the_layers_that_bear_it() -> None:
    renderer = small_renderer()
    inputs = small_inputs(renderer)
    expected, texture = renderer.draw(*inputs), renderer.encode(torch.ones(1, 9, 64, 64))
    frames = renderer.prepare(torch.bfloat16).draw(*inputs)
    assert frames.dtype == torch.float32 and not torch.equal(frames, expected)
    assert structural_similarity(display(frames)[0], display(expected)[0], channel_axis=2) > 0.999
    coarse = {name for name, t in renderer.state_dict().items() if t.dtype == torch.bfloat16}
    growing = {f"model.{layer}.weight" for layer in (24, 29, 34)} | {"model1_2.5.weight"}
    assert {name for name in coarse if "conv_block" not in name and name.endswith("weight")} == {
        f"face.{name}" for name in growing
    }
    assert len(coarse) == 2 * (2 * (9 + 3) + 4)  # weights and biases
    torch.testing.assert_close(renderer.encode(torch.ones(1, 9, 64, 64)), texture, atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="float16"):
        renderer.prepare(torch.float16)


def test_blending_keeps_the_frame_outside() -> None:
    torch.manual_seed(0)
    frames, background = torch.rand(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    background[..., :16] = 1.0
    blended = blend(LocalEnhancer(3, 3, base=2), torch.zeros(1, 3, 32, 32), frames, background)
    torch.testing.assert_close(blended[..., :16], frames[..., :16])
    assert (blended[..., 16:] - frames[..., 16:]).abs().max() > 0.01


def test_image_conversions() -> None:
    textures = np.zeros((2, 4, 4, 3), np.uint8)
    textures[1, 2, 3] = 0, 128, 255
    tensor = texture_input(textures)
    assert tensor.shape == (1, 6, 4, 4) and tensor[0, 0].eq(-1).all()
    assert tensor[0, 3:, 2, 3].tolist() == [-1.0, 0.0, 0.9921875]
    uv = np.full((1, 2, 2, 2), 0.5)
    assert uv_input(uv)[0, 0, 0, 0] == 0.5 and uv_input(uv, compat=True)[0, 0, 0, 0] == pytest.approx(128 / 255)
    blue = torch.tensor([2.0, 0.0, -1.0]).reshape(1, 3, 1, 1)  # BGR, out of range
    assert display(blue)[0, 0, 0].tolist() == [0, 128, 255]
    with pytest.raises(ValueError, match="uint8"):
        texture_input(textures.astype(np.float32))
    with pytest.raises(ValueError, match="uv"):
        uv_input(np.zeros((1, 2, 2, 3)))


def test_the_background_shrinks_below_row_168_only() -> None:
    background = torch.ones(1, 1, 224, 224)
    background[:, :, 150, 20] = background[:, :, 180, 100] = 0.0
    eroded = erode_background(background)
    assert eroded[0, 0, :168].eq(background[0, 0, :168]).all()
    assert (eroded[0, 0, 171:190, 91:110] == 0).all() and int((eroded[0, 0, 168:] == 0).sum()) == 19 * 19
    with pytest.raises(ValueError, match="masks"):
        erode_background(torch.ones(1, 1, 100, 100))


def test_other_weights_are_refused() -> None:
    encoder, generator = UNet(3, 2, base=2).state_dict(), LocalEnhancer(3, 3, base=2).state_dict()
    with pytest.raises(ValueError, match="not the weights"):
        load_texture_encoder(generator)
    with pytest.raises(ValueError, match="not the weights"):
        load_generator(encoder)
    del generator["model.1.bias"]
    with pytest.raises(ValueError, match=r"model\.1\.bias"):
        load_generator(generator)


def test_networks_and_pictures_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"RGB textures, got one of 4 channels"):
        NeuralRenderer(UNet(4, 4, base=2), LocalEnhancer(4, 3, base=2))
    with pytest.raises(ValueError, match=r"textures of 5 channels .* makes 3 of 4"):
        NeuralRenderer(UNet(9, 5, base=2), LocalEnhancer(4, 3, base=2))
    with pytest.raises(ValueError, match=r"\(batch, 9, H, W\), got \(1, 3, 64, 64\)"):
        UNet(9, 4, base=2)(torch.rand(1, 3, 64, 64))
    with pytest.raises(ValueError, match=r"\(batch, 4, H, W\), got \(4, 64, 64\)"):
        LocalEnhancer(4, 3, base=2)(torch.rand(4, 64, 64))
