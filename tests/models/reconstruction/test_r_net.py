import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from models.reconstruction.frozen_graph import GraphError, read_frozen_graph
from models.reconstruction.r_net import (
    COEFFICIENTS,
    PYTORCH,
    TENSORFLOW,
    Convention,
    ReconstructionWeightsError,
    RNet,
    build_r_net,
    load_pytorch_r_net,
)
from models.reconstruction.tensorflow_r_net import convert_r_net, load_tensorflow_r_net
from tests.golden import GOLDEN, needs
from tests.recipe import tf_weights, torch_weights

FOLDER = GOLDEN / "rnet"
golden = needs(FOLDER)
TOLERANCE = 1e-4  # SPEC 0.4
WIDTHS, UNITS = (2, 3, 4, 5), (2, 2, 1, 2)


def golden_photos() -> np.ndarray:
    aligned = np.load(GOLDEN / "align" / "align.npz")
    return np.stack([aligned["aligned0"], aligned["aligned2"]])[..., ::-1]  # stored BGR


@golden
def test_golden_pytorch_network(tmp_path: Path) -> None:
    expected = np.load(FOLDER / "rnet_io.npz")
    keys = json.loads((FOLDER / "net_recon_resnet50_keys.json").read_text())["net_recon"]
    arrays = torch_weights({name: shape for name, shape, _ in keys}, int(expected["recipe_seed"]))
    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    assert list(RNet(PYTORCH).state_dict()) == [name for name, _, _ in keys]
    torch.save({"net_recon": weights, "opt_00": {}, "sched_00": {}}, tmp_path / "epoch_20.pth")
    network = load_pytorch_r_net(tmp_path / "epoch_20.pth")
    photos = golden_photos()
    np.testing.assert_allclose(network.coefficients(photos), expected["coeff"], atol=TOLERANCE)
    features = network.backbone(torch.from_numpy(photos.copy()).permute(0, 3, 1, 2) / 255.0).flatten(1)
    np.testing.assert_allclose(features, expected["backbone"], atol=TOLERANCE)


@golden
def test_golden_tensorflow_network() -> None:
    expected = np.load(FOLDER / "rnet_tf_full_io.npz")
    variables = json.loads((FOLDER / "tf_rnet_variables.json").read_text())
    network = convert_r_net(tf_weights(dict(variables), int(expected["recipe_seed"])))
    photos = golden_photos()
    np.testing.assert_allclose(network.coefficients(photos), expected["coeff"], atol=TOLERANCE)
    pooled = _pooled(network, photos).permute(0, 2, 3, 1)
    np.testing.assert_allclose(pooled[:, 0], expected["pool1_row0"], atol=TOLERANCE)
    np.testing.assert_allclose(pooled[:, -1], expected["pool1_rowlast"], atol=TOLERANCE)


@golden
def test_golden_frozen_graph() -> None:
    expected = np.load(FOLDER / "rnet_tf_small_io.npz")
    network = load_tensorflow_r_net(FOLDER / "FaceReconModel_small.pb")
    np.testing.assert_allclose(network.coefficients(golden_photos()), expected["coeff"], atol=TOLERANCE)


def _pooled(network: RNet, photos: np.ndarray) -> torch.Tensor:
    """What lies behind the stem of the TensorFlow network, for BGR bytes."""
    images = torch.from_numpy(photos[..., ::-1].copy()).permute(0, 3, 1, 2).float()
    backbone = network.backbone
    with torch.no_grad():
        return backbone._pool(F.relu(backbone.bn1.after(backbone.conv1, images)))


def small_network(convention=PYTORCH) -> RNet:
    torch.manual_seed(1)
    return RNet(convention, WIDTHS, UNITS).eval().requires_grad_(False)


def photos(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 224, 224, 3), dtype=np.uint8)


def lively(network: RNet) -> RNet:
    """The network with statistics that are not those of a fresh one."""
    generator = torch.Generator().manual_seed(2)
    for name, tensor in network.state_dict().items():
        if tensor.ndim == 1 and tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5, generator=generator) if "var" in name else tensor.normal_(generator=generator)
    return network


@pytest.mark.parametrize("convention", [PYTORCH, TENSORFLOW])
def test_folding_keeps_coefficients_and_published_weights(convention: Convention) -> None:
    plain, images = lively(small_network(convention)), photos(2)
    folded = build_r_net(plain.state_dict(), convention)
    expected = plain.coefficients(images)
    np.testing.assert_allclose(folded.coefficients(images), expected, atol=1e-5 * np.abs(expected).max())
    assert folded.state_dict().keys() == plain.state_dict().keys()
    assert all(torch.equal(folded.state_dict()[name], tensor) for name, tensor in plain.state_dict().items())
    for convolution in [module for module in folded.modules() if isinstance(module, torch.nn.Conv2d)][:-7]:
        convolution.weight.zero_()  # all but the heads are out of use now
    np.testing.assert_allclose(folded.coefficients(images), expected, atol=1e-5 * np.abs(expected).max())


def test_training_and_other_weights_unfold() -> None:
    plain, images = lively(small_network()), photos(1)
    network = build_r_net(small_network().state_dict(), PYTORCH)
    network.load_state_dict(plain.state_dict())
    np.testing.assert_array_equal(network.coefficients(images), plain.coefficients(images))
    network = build_r_net(plain.state_dict(), PYTORCH).requires_grad_(True)
    network(torch.rand(1, 3, 224, 224)).sum().backward()
    gradient = network.backbone.conv1.weight.grad
    assert gradient is not None and gradient.abs().max() > 0
    network.requires_grad_(False).train().eval()
    np.testing.assert_array_equal(network.coefficients(images), plain.coefficients(images))


def test_batches_change_nothing() -> None:
    network, images = small_network(), photos(5)
    together = network.coefficients(images)
    assert together.shape == (5, COEFFICIENTS) and together.std(axis=0).max() > 0
    np.testing.assert_allclose(network.coefficients(images, batch=2), together, atol=1e-5)
    np.testing.assert_allclose(network.coefficients(images[3:4]), together[3:4], atol=1e-5)
    assert network.coefficients(images[:0]).shape == (0, COEFFICIENTS)


def test_colour_order_and_range_follow_the_convention() -> None:
    torch_like, tf_like = small_network(PYTORCH), small_network(TENSORFLOW)
    seen: dict[str, torch.Tensor] = {}
    torch_like.backbone.register_forward_pre_hook(lambda _, x: seen.update(torch=x[0]))
    tf_like.backbone.register_forward_pre_hook(lambda _, x: seen.update(tf=x[0]))
    red = torch.tensor([255.0, 51.0, 0.0]).reshape(1, 3, 1, 1).expand(1, 3, 224, 224)
    torch_like(red), tf_like(red)
    torch.testing.assert_close(seen["torch"][0, :, 0, 0], torch.tensor([1.0, 0.2, 0.0]))
    assert seen["tf"][0, :, 0, 0].tolist() == [0.0, 51.0, 255.0]


def test_strides_and_pooling_follow_the_convention() -> None:
    def strides(network: RNet) -> list[list[int]]:
        stages = [network.backbone.get_submodule(f"layer{stage}") for stage in range(1, 5)]
        return [[unit.stride for unit in stage.children() if isinstance(unit.stride, int)] for stage in stages]

    assert strides(small_network(PYTORCH)) == [[1, 1], [2, 1], [2], [2, 1]]
    assert strides(small_network(TENSORFLOW)) == [[1, 2], [1, 2], [2], [1, 1]]
    ramp = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert small_network(PYTORCH).backbone._pool(ramp).flatten().tolist() == [5.0, 7.0, 13.0, 15.0]
    assert small_network(TENSORFLOW).backbone._pool(ramp).flatten().tolist() == [10.0, 11.0, 14.0, 15.0]


def test_wrong_photos_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        small_network().coefficients(photos(1).astype(np.float32))
    with pytest.raises(ValueError, match="expected photos"):
        small_network().coefficients(photos(1)[:, :100])
    with pytest.raises(ValueError, match="batch"):
        small_network().coefficients(photos(1), batch=0)


def test_a_checkpoint_comes_back(tmp_path: Path) -> None:
    network = small_network()
    torch.save({"net_recon": network.state_dict(), "opt_00": {"state": {}}}, tmp_path / "epoch_20.pth")
    read = load_pytorch_r_net(tmp_path / "epoch_20.pth")
    assert all(torch.equal(read.state_dict()[name], tensor) for name, tensor in network.state_dict().items())
    np.testing.assert_allclose(read.coefficients(photos(1)), network.coefficients(photos(1)), atol=1e-6)


@pytest.mark.parametrize("content", [{"net": {}}, {"net_recon": {"a": torch.zeros(1)}}, [1], {"net_recon": 3}])
def test_other_checkpoints_are_refused(content: object, tmp_path: Path) -> None:
    stream = io.BytesIO()
    torch.save(content, stream)
    file = tmp_path / "epoch_20.pth"
    file.write_bytes(stream.getvalue())
    with pytest.raises(ReconstructionWeightsError):
        load_pytorch_r_net(file)
    file.write_bytes(b"text")
    with pytest.raises(ReconstructionWeightsError, match="not a PyTorch checkpoint"):
        load_pytorch_r_net(file)


def variables_of(network: RNet) -> dict[str, np.ndarray]:
    """The weights of a network under the names, and in the axes, of TensorFlow-Slim."""
    heads = ["fc-id", "fc-ex", "fc-tex", "fc-angles", "fc-gamma", "fc-XY", "fc-Z"]
    leaves = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    variables: dict[str, np.ndarray] = {}
    for name, tensor in network.state_dict().items():
        *path, leaf = name.split(".")
        array = tensor.numpy()
        if leaf == "num_batches_tracked":
            continue
        if path[0] == "final_layers":
            kind = "weights" if leaf == "weight" else "biases"
            variables[f"{heads[int(path[1])]}/{kind}"] = array.transpose(2, 3, 1, 0) if leaf == "weight" else array
            continue
        scope = "resnet_v1_50/"
        if path[1].startswith("layer"):
            scope += f"block{path[1][5:]}/unit_{int(path[2]) + 1}/bottleneck_v1/"
        last = "shortcut" if "downsample" in path else f"conv{path[-1][-1]}"
        if array.ndim == 4:
            variables[f"{scope}{last}/weights"] = array.transpose(2, 3, 1, 0)
        else:
            variables[f"{scope}{last}/BatchNorm/{leaves[leaf]}"] = array
    return variables


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def constant(name: str, array: np.ndarray) -> bytes:
    shape = b"".join(field(2, field(1, size)) for size in array.shape)
    tensor = field(1, 1) + field(2, shape) + field(4, array.astype("<f4").tobytes())
    attribute = field(1, b"value") + field(2, field(8, tensor))
    return field(1, field(1, name.encode()) + field(2, b"Const") + field(5, attribute))


def normalisation(name: str, epsilon: float | None) -> bytes:
    attribute = b""
    if epsilon is not None:
        attribute = field(5, field(1, b"epsilon") + field(2, varint(4 << 3 | 5) + struct.pack("<f", epsilon)))
    return field(1, field(1, name.encode()) + field(2, b"FusedBatchNormV3") + attribute)


def test_a_frozen_graph_gives_the_same_network(tmp_path: Path) -> None:
    network = small_network(TENSORFLOW)
    graph = b"".join(constant(name, array) for name, array in variables_of(network).items())
    file = tmp_path / "FaceReconModel.pb"
    file.write_bytes(graph + normalisation("conv1/norm", 0.25) + field(4, field(1, 21)))
    read = load_tensorflow_r_net(file)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(read.state_dict()[name], tensor, rtol=0, atol=0)
    assert read.backbone.bn1.eps == 0.25 and not read.convention.rgb
    file.write_bytes(file.read_bytes() + normalisation("other", 0.5))
    with pytest.raises(ReconstructionWeightsError, match="epsilon"):
        load_tensorflow_r_net(file)


def test_epsilon_of_graphs_that_do_not_fuse_or_leave_defaults_out(tmp_path: Path) -> None:
    weights = b"".join(constant(name, array) for name, array in variables_of(small_network(TENSORFLOW)).items())
    file = tmp_path / "FaceReconModel.pb"
    file.write_bytes(weights + constant("resnet_v1_50/conv1/BatchNorm/batchnorm/add/y", np.array(0.5)))
    assert load_tensorflow_r_net(file).convention.epsilon == 0.5
    file.write_bytes(weights + normalisation("conv1/norm", None))
    assert load_tensorflow_r_net(file).convention.epsilon == 1e-4
    file.write_bytes(weights)
    with pytest.raises(ReconstructionWeightsError, match="epsilon"):
        load_tensorflow_r_net(file)


def test_a_graph_of_another_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.pb"
    file.write_bytes(constant("dense/kernel", np.zeros((2, 3))))
    assert read_frozen_graph(file).weights["dense/kernel"].shape == (2, 3)
    with pytest.raises(ReconstructionWeightsError, match="not the weights of an R-Net"):
        load_tensorflow_r_net(file)
    file.write_bytes(b"plain text")
    with pytest.raises(ReconstructionWeightsError, match="frozen TensorFlow graph"):
        load_tensorflow_r_net(file)
    variables = variables_of(small_network())
    del variables["fc-Z/biases"]
    with pytest.raises(ReconstructionWeightsError, match=r"final_layers\.6\.bias"):
        convert_r_net(variables)


def test_weights_of_other_shapes_are_refused() -> None:
    weights = small_network().state_dict()
    weights["final_layers.1.weight"] = torch.zeros(65, 20, 1, 1)
    with pytest.raises(ReconstructionWeightsError, match=r"final_layers\.1\.weight"):
        build_r_net(weights, PYTORCH)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0), st.binary(max_size=4)), max_size=4))
def test_damaged_graphs_are_read_or_refused(tmp_path_factory, patches: list[tuple[int, bytes]]) -> None:
    data = constant("a/weights", np.arange(6.0).reshape(2, 3)) + normalisation("a/norm", 1e-5)
    for place, patch in patches:
        place %= len(data)
        data = data[:place] + patch + data[place + max(len(patch), 1) :]
    file = tmp_path_factory.getbasetemp() / "damaged.pb"
    file.write_bytes(data)
    try:
        read_frozen_graph(file)
    except GraphError as error:
        assert "frozen TensorFlow graph" in str(error)
