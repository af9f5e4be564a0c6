import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models.motion.pose_filter import normalise_pose, without_mean_rotation
from models.motion.pose_network import PoseNetwork, checked_scale, turned_about
from models.motion.quaternion import average, from_angles, to_angles
from models.motion.style_fusion import PoseScale, StyleFusionError, StyleFusionModel
from tests.golden import GOLDEN, needs
from tests.models.motion.test_style_fusion import seeded

FILE = GOLDEN / "audio2motion" / "pose_io.npz"
SCALE = PoseScale(np.linspace(-1, 1, 7, dtype=np.float32), np.linspace(0.1, 0.7, 7, dtype=np.float32))


def test_weights_and_scale_come_back_from_a_file(tmp_path):
    network = PoseNetwork(seeded(7), SCALE)
    save_file(network.tensors(), tmp_path / "pose.safetensors")
    loaded = PoseNetwork.load(tmp_path / "pose.safetensors")
    assert np.array_equal(loaded.scale.mean, SCALE.mean)
    assert np.array_equal(loaded.scale.deviation, SCALE.deviation)
    expected = network.model.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in loaded.model.state_dict().items())


def test_other_tensors_are_refused(tmp_path):
    with pytest.raises(StyleFusionError, match="lacks its scale"):
        PoseNetwork.from_tensors(StyleFusionModel(7).state_dict())
    with pytest.raises(StyleFusionError, match="network of 7 poses, got the one of 64"):
        PoseNetwork(StyleFusionModel(64), SCALE)
    (tmp_path / "bad").write_bytes(b"no weights")
    with pytest.raises(StyleFusionError, match="cannot be read"):
        PoseNetwork.load(tmp_path / "bad")


@pytest.mark.parametrize(
    ("mean", "deviation", "said"),
    [
        ([0] * 6, [1] * 7, "7 finite numbers as mean"),
        ([0] * 7, [1] * 6 + [float("nan")], "7 finite numbers as std"),
        ([0] * 7, [0] * 7, "positive std"),
        (["a"] * 7, [1] * 7, "not made of numbers"),
        ([[0], [0, 1]], [1] * 7, "not made of numbers"),
    ],
)
def test_a_bad_scale_is_refused(mean, deviation, said):
    with pytest.raises(StyleFusionError, match=said):
        checked_scale(mean, deviation)


def test_turning_about_the_mean_undoes_the_normalisation():
    generator = np.random.default_rng(1)
    angles = (np.array([0.2, -0.4, 0.1]) + 0.1 * generator.normal(size=(30, 3))).astype(np.float32)
    mean = to_angles(average(from_angles(angles)))
    assert np.allclose(turned_about(without_mean_rotation(angles), mean), angles, rtol=0, atol=1e-5)


def test_a_clip_is_decoded_frame_by_frame():
    coefficients = np.zeros((40, 257), np.float32)
    coefficients[:, 224:227] = 0.1 * np.sin(np.arange(40) / 6)[:, None]
    coefficients[:, 254:257] = 0.2 * np.cos(np.arange(40) / 5)[:, None]
    angles, translation = np.split(normalise_pose(coefficients)[:, [224, 225, 226, 254, 255, 256]], 2, axis=1)
    motion = (np.hstack([from_angles(angles), translation]) - SCALE.mean) / SCALE.deviation
    decoded = PoseNetwork(seeded(7), SCALE).decode(motion.astype(np.float32))
    assert np.allclose(decoded[0], angles, atol=1e-5)
    assert np.allclose(decoded[1], translation, atol=1e-6)


@needs(FILE)
def test_golden_scale_is_accepted_from_text():
    golden = np.load(FILE)
    text = json.dumps({"mean": golden["motion_mean"].tolist(), "std": golden["motion_std"].tolist()})
    scale = checked_scale(*json.loads(text).values())
    angles, translation = PoseNetwork(seeded(7), scale).decode(golden["out"][0].T)
    assert np.allclose(translation, golden["pose"][0, 4:].T, rtol=0, atol=1e-6)
    assert np.allclose(angles, to_angles(golden["pose"][0, :4].T, margin=1e-5), rtol=0, atol=1e-5)
