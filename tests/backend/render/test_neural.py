"""The neural renderer: what it is shown, what it makes of it, and of a face in a photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from backend.crop import Crop
from backend.lighting.choice import chosen_light
from backend.lighting.light import SRGB_POWER, Light, Lobe
from backend.lighting.lobes import lobe_bands
from backend.render import neural_runtime
from backend.render.buffers import GROUPS, Buffers
from backend.render.head_layer import HeadLayer
from backend.render.neural import NeuralRenderer
from backend.render.neural_channels import CHANNELS, GLOBALS, LightNumbers, linear_bands, prepare
from backend.render.neural_runtime import CudaRuntime, OpenVinoRuntime, TorchRuntime
from backend.render.portrait import Portrait
from backend.render.renderers import RendererError, load_renderer
from backend.render.view import View
from models.coefficients import ANGLES, EXPRESSION, GAMMA, TRANSLATION
from models.face import open_head
from models.face.shading import sh_basis
from models.render import deferred
from models.render.deferred import DeferredRenderer
from tests.backend.render.conftest import talking
from tests.models.render.test_deferred import network

seeded = network  # a fixture
SIZE = 64


def light(times: float = 1.0, told: bool = True) -> Light:
    ambient = np.zeros((9, 3), np.float32)
    ambient[0], ambient[1] = 0.4 * times, -0.1 * times
    lamp = Lobe(
        np.array([0.6, 0.3, 0.742], np.float32), 12.0, np.array([0.7, 0.6, 0.5], np.float32) * np.float32(times)
    )
    bands = (ambient + lobe_bands(lamp)).astype(np.float32)
    return Light(bands, SRGB_POWER, (lamp,), ambient) if told else Light(bands, SRGB_POWER)


@pytest.fixture(scope="module")
def draw() -> Callable[[Light], Buffers]:
    head = open_head.load()
    layer, view = HeadLayer(head, SIZE), whole_view()
    expression = np.zeros(64, np.float32)
    expression[head.expression_names.index("jawOpen")] = 0.5
    world, colours = head.shape(None, expression), head.albedo()
    return lambda falls: layer.draw(world, colours, view, falls)


def whole_view() -> View:
    return View(Crop(0, 0, 224.0), Crop(0, 0, 224.0), SIZE)


def test_channels_are_what_they_say(draw: Callable[[Light], Buffers]) -> None:
    falls = light()
    buffers = draw(falls)
    prepared = prepare(buffers, LightNumbers(falls))
    assert prepared.channels.shape == (CHANNELS, SIZE, SIZE) and prepared.globals.shape == (GLOBALS,)
    assert np.isfinite(prepared.channels).all() and not prepared.channels[:, buffers.alpha == 0].any()
    np.testing.assert_array_equal(prepared.channels[32], buffers.alpha)
    np.testing.assert_allclose(prepared.channels[6:9], buffers.albedo.transpose(2, 0, 1) / 255, atol=1e-5)
    whole = buffers.alpha > 0.99
    skin = whole & (buffers.parts[..., GROUPS.index("skin")] > 0.99)
    mouth = whole & (buffers.parts[..., GROUPS.index("mouth")] > 0.9)
    assert prepared.channels[33][skin].mean() > 0.7 > 0.45 > prepared.channels[33][mouth].mean()


def test_without_lamps_the_first_guess_is_what_the_rasteriser_draws(draw: Callable[[Light], Buffers]) -> None:
    falls = light(told=False)
    buffers = draw(falls)
    prepared = prepare(buffers, LightNumbers(falls))
    guess = 255 * prepared.scale * prepared.channels[:3].transpose(1, 2, 0)
    inside = buffers.parts[..., GROUPS.index("skin")] > 0.99
    assert np.abs(guess - buffers.lambert)[inside].mean() < 1.0


def test_twice_the_light_is_twice_the_radiance(draw: Callable[[Light], Buffers], seeded: DeferredRenderer) -> None:
    renderer = NeuralRenderer(TorchRuntime(seeded, half=False))
    one, three = renderer(draw(light())), renderer(draw(light(3.0)))
    assert one.max() > 1
    np.testing.assert_allclose(three, one * 3**SRGB_POWER, rtol=1e-3, atol=0.05)


def test_a_photos_light_is_told_in_linear_units() -> None:
    exact = light(told=False)
    normals = np.random.default_rng(0).normal(size=(400, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    basis = sh_basis(normals)
    fitted = np.linalg.lstsq(basis, np.maximum(basis @ exact.bands, 0) ** SRGB_POWER, rcond=None)[0]
    back = basis @ linear_bands(Light(fitted.astype(np.float32)))
    assert np.abs(back - basis @ exact.bands).mean() < 0.06


def test_sides_need_not_be_multiples_of_sixteen(draw: Callable[[Light], Buffers], seeded: DeferredRenderer) -> None:
    renderer = NeuralRenderer(TorchRuntime(seeded, half=False))
    buffers = draw(light())
    cut = replace(
        buffers,
        **{name: getattr(buffers, name)[:51, :39] for name in ("lambert", "albedo", "normal", "depth", "alpha")},
        parts=buffers.parts[:51, :39],
        terms=None if buffers.terms is None else buffers.terms[:51, :39],
    )
    assert renderer(cut).shape == (51, 39, 3)


def test_buffers_without_terms_are_refused(draw: Callable[[Light], Buffers]) -> None:
    falls = light()
    with pytest.raises(ValueError, match="terms"):
        prepare(replace(draw(falls), terms=None), LightNumbers(falls))


def test_every_runtime_draws_the_same(seeded: DeferredRenderer) -> None:
    numbers = np.random.default_rng(0)
    channels = numbers.random((2, CHANNELS, 48, 32), np.float32)
    light_numbers = numbers.random((2, GLOBALS), np.float32)
    expected = TorchRuntime(seeded, half=False)(channels, light_numbers)

    def record(work: Callable[[], torch.Tensor]) -> tuple[Callable[[], object], torch.Tensor]:
        """Stands in for a CUDA graph: repeats the work into the same memory."""
        result = work()
        return lambda: result.copy_(work()), result

    recorded = CudaRuntime(seeded, record=record, device="cpu")
    recorded._half = False
    for _ in range(2):
        np.testing.assert_allclose(recorded(channels, light_numbers), expected, atol=1e-5)
    pytest.importorskip("openvino")
    np.testing.assert_allclose(OpenVinoRuntime(seeded, half=False)(channels, light_numbers), expected, atol=1e-4)


def test_runtimes_forget_old_shapes() -> None:
    kept: dict[Any, int] = {}
    for side in range(neural_runtime.KEPT + 2):
        neural_runtime._kept(kept, (1, side, side), lambda shape: shape[1])
    assert len(kept) == neural_runtime.KEPT and (1, 0, 0) not in kept


@pytest.mark.parametrize("falls", ["photo", "studio"])
def test_the_face_in_a_photo(sitter: Any, falls: str) -> None:
    """At rest and in the photo's light it stays the photo; in another it stays bright, and its surroundings still."""
    fitted = sitter.fit.coefficients
    renderer = load_renderer("neural")
    portrait = Portrait(sitter, chosen_light(falls, fitted[GAMMA]), renderer=renderer)
    still = np.zeros(3, np.float32)
    frame = portrait.frame(fitted[EXPRESSION], still, still).astype(float)
    plain = Portrait(sitter, chosen_light(falls, fitted[GAMMA]))
    raster = plain.frame(fitted[EXPRESSION], still, still).astype(float)
    top, left, side = portrait.tile
    tile = np.s_[top : top + side, left : left + side]
    off = np.abs(frame - raster)
    outside = np.ones(frame.shape[:2], bool)
    outside[tile] = False
    assert off[outside].max() == 0
    assert off[tile].mean() < (2.5 if falls == "photo" else 12)
    row = talking(2).coefficients[1]
    moved = portrait.frame(row[EXPRESSION], row[ANGLES], row[TRANSLATION])
    assert np.abs(moved - frame)[tile].mean() > 1


def test_missing_weights_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(deferred, "WEIGHTS", tmp_path / "none.safetensors")
    with pytest.raises(RendererError, match=r"install the package again.*--renderer raster"):
        load_renderer("neural")
