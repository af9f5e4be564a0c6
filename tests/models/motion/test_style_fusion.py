import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models.motion.quaternion import from_angles, to_angles
from models.motion.style_fusion import (
    PoseScale,
    ResidualBlock,
    StyleFusionError,
    StyleFusionModel,
    decode_pose,
)
from models.pickles import read_state_dict
from tests.golden import GOLDEN, needs
from tests.recipe import torch_weights

FOLDER = GOLDEN / "audio2motion"
needs_golden = needs(FOLDER)


def seeded(outputs, seed=5):
    shapes = {name: tuple(tensor.shape) for name, tensor in StyleFusionModel(outputs).state_dict().items()}
    state = {name: torch.from_numpy(array) for name, array in torch_weights(shapes, seed).items()}
    return StyleFusionModel.from_state_dict(state)


def speech(batch=2):
    generator = np.random.default_rng(4)
    shapes = [(batch, 29, 80), (batch, 1, 80), (batch, 135)]
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize(("outputs", "trainable"), [(64, 9_211_904), (7, 9_200_960)])
def test_size_of_the_network(outputs, trainable):
    model = StyleFusionModel(outputs)
    assert sum(parameter.numel() for parameter in model.parameters()) == trainable
    assert len(model.state_dict()) == 341
    names = {name.rsplit(".res_layer", 1)[0] for name in model.state_dict() if "res_layer" in name}
    front, back = {f"backbone1.{i}" for i in range(21)}, {"backbone2.22", "backbone2.23"}
    assert names == front | back


def test_a_block_adds_its_shortcut():
    block = ResidualBlock(4, 4, stride=2)
    for parameter in block.res_layer[4].parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.arange(24.0).reshape(1, 4, 6) - 12
    assert torch.equal(block.eval()(x), x[:, :, ::2])


def test_every_input_matters_and_rows_do_not_mix():
    model = seeded(64)
    inputs = speech()
    out = model.predict(*inputs)
    assert out.shape == (2, 64, 32)
    assert out.dtype == np.float32
    for which in range(3):
        changed = [array.copy() for array in inputs]
        changed[which][0] += 0.5
        moved = np.abs(model.predict(*changed) - out).max(axis=(1, 2))
        assert moved[0] > 1e-3
        assert moved[1] < 1e-5


def test_each_style_gives_what_it_gives_alone():
    model = seeded(64)
    audio, energy, _ = speech(3)
    styles = speech(4)[2]
    together = model.predict_each(audio, energy, styles)
    assert together.shape == (4, 3, 64, 32)
    for style, motion in zip(styles, together, strict=True):
        assert np.allclose(motion, model.predict(audio, energy, np.tile(style, (3, 1))), rtol=0, atol=1e-4)
    with pytest.raises(StyleFusionError, match=r"style of shape \(1, 135\), got \(1, 134\)"):
        model.predict_each(audio, energy, styles[:1, 1:])


def test_predicting_does_not_train():
    model = seeded(7)
    model.train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first = model.predict(*speech())
    assert np.array_equal(first, model.predict(*speech()))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_weights_come_from_a_file(tmp_path):
    model = seeded(7)
    save_file(model.state_dict(), tmp_path / "pose.safetensors")
    loaded = StyleFusionModel.load(tmp_path / "pose.safetensors")
    assert loaded.outputs == 7
    assert np.array_equal(loaded.predict(*speech()), model.predict(*speech()))
    (tmp_path / "bad.safetensors").write_bytes(b"no weights")
    with pytest.raises(StyleFusionError, match=r"bad\.safetensors cannot be read"):
        StyleFusionModel.load(tmp_path / "bad.safetensors")


def test_a_published_checkpoint_is_a_bare_state_dict(tmp_path):
    model = seeded(64)
    torch.save(model.state_dict(), tmp_path / "backbone.pkl")
    loaded = StyleFusionModel.from_state_dict(read_state_dict(tmp_path / "backbone.pkl"))
    assert np.array_equal(loaded.predict(*speech()), model.predict(*speech()))


def test_other_checkpoints_are_refused():
    state = StyleFusionModel().state_dict()
    with pytest.raises(StyleFusionError, match="64 rows"):
        StyleFusionModel.from_state_dict({"conv.weight": torch.zeros(3)})
    with pytest.raises(StyleFusionError, match=r"lacks 1 of 341 tensors \(first: audio_layer\.0\.bias\)"):
        StyleFusionModel.from_state_dict({name: state[name] for name in state if name != "audio_layer.0.bias"})
    with pytest.raises(StyleFusionError, match=r"1 tensors too many \(first: module\.x\)"):
        StyleFusionModel.from_state_dict({**state, "module.x": torch.zeros(1)})
    with pytest.raises(StyleFusionError, match=r"audio_layer\.0\.bias of shape \(48,\)"):
        StyleFusionModel.from_state_dict({**state, "audio_layer.0.bias": torch.zeros(47)})
    with pytest.raises(StyleFusionError, match="64 outputs"):
        StyleFusionModel(65)


def test_inputs_are_checked():
    audio, energy, style = speech()
    with pytest.raises(StyleFusionError, match=r"energy of shape \(2, 1, 80\), got \(2, 80\)"):
        StyleFusionModel().predict(audio, energy[:, 0], style)


def test_pose_comes_back_from_its_standard_form():
    angles = np.array([[0.1, -0.3, 0.2], [0.0, 0.4, -0.1]], np.float32)
    translation = np.array([[0.1, 0.2, 0.3], [-0.1, 0.0, 0.5]], np.float32)
    scale = PoseScale(np.linspace(-1, 1, 7, dtype=np.float32), np.linspace(0.1, 0.7, 7, dtype=np.float32))
    pose = np.hstack([from_angles(angles), translation])
    decoded = decode_pose(((pose - scale.mean) / scale.deviation).T, scale)
    assert np.allclose(decoded[0], angles, atol=1e-5)
    assert np.allclose(decoded[1], translation, atol=1e-6)
    with pytest.raises(StyleFusionError, match=r"\(\.\.\., 7, T\)"):
        decode_pose(np.zeros((32, 6)), scale)


@needs_golden
@pytest.mark.parametrize("kind", ["exp", "pose"])
def test_golden_names(kind):
    if not (FOLDER / f"state_dict_{kind}_keys.json").is_file():
        pytest.skip(f"golden audio2motion/state_dict_{kind}_keys.json is not here")
    listed = json.loads((FOLDER / f"state_dict_{kind}_keys.json").read_text())
    model = StyleFusionModel(64 if kind == "exp" else 7)
    ours = [
        [name, list(tensor.shape), str(tensor.dtype).removeprefix("torch.")]
        for name, tensor in model.state_dict().items()
    ]
    assert ours == listed


@needs_golden
@pytest.mark.parametrize("kind", ["exp", "pose"])
def test_golden_motion(kind):
    golden = np.load(FOLDER / f"{kind}_io.npz")
    model = seeded(golden["out"].shape[1], int(golden["recipe_seed"]))
    out = model.predict(golden["audio"], golden["energy"], golden["sty"])
    assert np.allclose(out, golden["out"], rtol=0, atol=5e-4)
    assert np.allclose(out, golden["out_float64"], rtol=0, atol=5e-4)


@needs_golden
@pytest.mark.parametrize("kind", ["exp", "pose"])
def test_golden_layers(kind):
    golden = np.load(FOLDER / f"{kind}_io.npz")
    model = seeded(golden["out"].shape[1], int(golden["recipe_seed"]))
    layers = {
        "audio_feat": model.audio_layer,
        "energy_feat": model.energy_layer,
        "backbone1": model.backbone1,
        "sty_feat": model.exp_sty_layer,
        "backbone2": model.backbone2,
    }
    seen = {}
    for name, layer in layers.items():
        layer.register_forward_hook(lambda _layer, _inputs, output, name=name: seen.update({name: output.numpy()}))
    model.predict(golden["audio"], golden["energy"], golden["sty"])
    for name in layers:
        assert np.allclose(seen[name], golden[name], rtol=1e-5, atol=5e-4), name


@needs_golden
def test_golden_pose_scale():
    golden = np.load(FOLDER / "pose_io.npz")
    angles, translation = decode_pose(golden["out"], PoseScale(golden["motion_mean"], golden["motion_std"]))
    assert angles.shape == translation.shape == (3, 32, 3)
    assert np.allclose(translation, golden["pose"][:, 4:].swapaxes(1, 2), rtol=0, atol=1e-6)
    quaternions = golden["pose"][:, :4].swapaxes(1, 2)
    assert np.allclose(angles, to_angles(quaternions, margin=1e-5), rtol=0, atol=1e-5)
