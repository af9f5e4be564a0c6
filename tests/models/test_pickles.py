import collections
import io
import os
import pickle
import struct
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pickles import PickleRefusedError, read_pickle, read_state_dict
from tests.golden import GOLDEN, needs

render_golden = needs(GOLDEN / "render")
style_golden = needs(GOLDEN / "style")


def saved(data: object, zipped: bool = True) -> bytes:
    stream = io.BytesIO()
    torch.save(data, stream, _use_new_zipfile_serialization=zipped)
    return stream.getvalue()


def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv1d(2, 3, 3), torch.nn.BatchNorm1d(3))
    return collections.OrderedDict(network.state_dict())


def on_cuda(data: bytes) -> bytes:
    """The same file as if written on a GPU: the pickle text "cpu" with its length byte becomes "cuda:0"."""
    source, target = io.BytesIO(data), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("data.pkl"):
                assert b"X\x03\x00\x00\x00cpu" in content
                content = content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
            new.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize("zipped", [True, False])
def test_reads_what_torch_saves(zipped: bool) -> None:
    read = read_state_dict(saved(state(), zipped))
    assert list(read) == list(state())
    for name, tensor in state().items():
        torch.testing.assert_close(read[name], tensor, rtol=0, atol=0)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.int64, torch.uint8, torch.bool]
)
def test_reads_every_number_type(dtype: torch.dtype, zipped: bool) -> None:
    tensor = torch.arange(6).reshape(2, 3).to(dtype)
    torch.testing.assert_close(read_pickle(saved(tensor, zipped)), tensor, rtol=0, atol=0)


def test_a_checkpoint_of_a_gpu_lands_on_the_cpu() -> None:
    read = read_state_dict(on_cuda(saved(state())))
    assert all(tensor.device.type == "cpu" for tensor in read.values())
    torch.testing.assert_close(read["0.weight"], state()["0.weight"], rtol=0, atol=0)


def test_views_share_their_memory_and_parameters_lose_their_gradient() -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    read = read_pickle(saved({"whole": whole, "turned": whole.T, "row": whole[1], "free": torch.nn.Parameter(whole)}))
    torch.testing.assert_close(read["turned"], whole.T, rtol=0, atol=0)
    read["whole"][1] = 7.0
    assert (read["row"] == 7.0).all() and not read["free"].requires_grad


def test_reads_a_training_checkpoint_with_its_optimiser() -> None:
    network = torch.nn.Linear(2, 1)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    read = read_pickle(saved({"net_recon": network.state_dict(), "opt_00": optimiser.state_dict()}))
    torch.testing.assert_close(read["net_recon"]["weight"], network.weight.detach(), rtol=0, atol=0)
    assert read["opt_00"]["param_groups"][0]["betas"] == (0.9, 0.999)


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("kind", ["<f4", ">f4", "f8", "i8", "u1", "b1"])
def test_reads_numpy_pickles(protocol: int, kind: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(kind)
    read = read_pickle(pickle.dumps({"c": array, "f": np.asfortranarray(array), "x": np.float32(2.5)}, protocol))
    for name in "cf":
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype.isnative and read[name].flags.writeable
    assert read["x"] == np.float32(2.5)


def test_reads_from_a_path_and_names_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "backbone.pkl"
    file.write_bytes(saved(state()))
    assert set(read_state_dict(file)) == set(state())
    with pytest.raises(FileNotFoundError):
        read_pickle(tmp_path / "other.pkl")


class Runs:
    """A pickle of this calls a function when loaded."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("zipped", [None, True, False])
@pytest.mark.parametrize(
    "payload",
    [
        lambda file: Runs(os.mkdir, file),
        lambda file: Runs(eval, f"__import__('os').mkdir({file!r})"),
        lambda file: Runs(subprocess.check_call, ["mkdir", file]),
        lambda file: Runs(np.save, file, 1),
        lambda file: Runs(torch.save, 1, file),
        lambda file: Runs(getattr, dict, "update"),
    ],
)
def test_refuses_to_call_anything(payload, zipped: bool | None, tmp_path: Path) -> None:
    made = tmp_path / "made"
    bomb = {"weights": torch.zeros(2), "more": payload(str(made))}
    data = pickle.dumps(payload(str(made))) if zipped is None else saved(bomb, zipped)
    with pytest.raises(PickleRefusedError, match="the file asks for"):
        read_pickle(data)
    assert not list(tmp_path.iterdir())


def program(*parts: bytes) -> bytes:
    return b"\x80\x02" + b"".join(parts) + b"."


TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (program(TENSOR, b"N}X\x05\x00\x00\x00_makeNs\x86b"), "tries to change"),  # setattr through slot state
        (program(b"ctorch\nFloatStorage\n"), "other than numbers"),
        (program(b"N", b"r\xff\xff\xff\x7f"), "memo number"),  # would allocate 32 GB in Python's own reader
        (program(b"]q\x00h\x00a"), "contains itself"),
        (program(b"cnumpy\ndtype\nX\x02\x00\x00\x00O8\x85R"), "only plain numbers"),
        (pickle.dumps(np.array([{}], dtype=object)), "only plain numbers"),
        (pickle.dumps({1, 2}), "other than numbers"),
        (pickle.dumps(1) + b"x", "more bytes"),
        (b"", "not a readable"),
        (b"PK\x03\x04 nothing", "not a readable"),
    ],
)
def test_refuses_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PickleRefusedError, match=reason):
        read_pickle(data)


def test_refuses_a_small_file_that_unfolds() -> None:
    with pytest.raises(PickleRefusedError, match="enough data"):
        read_pickle(saved(torch.zeros(1).expand(10**9)))
    lists: list[object] = []
    for _ in range(60):
        lists = [lists, lists]  # 2^60 leaves when walked naively
    assert len(read_pickle(pickle.dumps(lists))) == 2


def test_refuses_a_compressed_archive() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(state()))) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(PickleRefusedError, match="compressed"):
        read_pickle(target.getvalue())


def test_refuses_a_legacy_file_whose_data_does_not_fit() -> None:
    data = saved(torch.zeros(4), zipped=False)
    with pytest.raises(PickleRefusedError, match="announced"):
        read_pickle(data[:-24] + struct.pack("<q", 3) + bytes(12))
    with pytest.raises(PickleRefusedError, match="announced"):
        read_pickle(data[:-4])


def test_a_state_dict_holds_named_tensors_only() -> None:
    with pytest.raises(PickleRefusedError, match="net_recon"):
        read_state_dict(saved({"net_recon": state()}))


WORDS = [bytes([opcode]) for opcode in b"}])(tusaeRb\x81\x85\x86\x87\x88N02Qld"]
WORDS += [b"K\x03", b"X\x01\x00\x00\x00f", b"C\x04abcd", b"q\x00", b"h\x00", TENSOR, b"ccollections\nOrderedDict\n"]
WORDS += [b"cnumpy\ndtype\n", b"cnumpy.core.multiarray\n_reconstruct\n", b"cnumpy.core.multiarray\nscalar\n"]
WORDS += [b"c_codecs\nencode\n", b"ctorch\nFloatStorage\n"]
VALID = [
    saved(state()),
    saved(state(), zipped=False),
    pickle.dumps({"m": np.arange(3.0)}, 3),
    pickle.dumps([np.arange(3), np.float64(1), "text", b"bytes", (1, None)], 4),
]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0), st.binary(min_size=0, max_size=6)), max_size=4))
def test_damaged_files_are_read_or_refused(data: bytes, patches: list[tuple[int, bytes]]) -> None:
    for place, patch in patches:
        place %= len(data)
        data = data[:place] + patch + data[place + max(len(patch), 1) :]
    _read_or_refuse(data)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_made_up_programs_are_read_or_refused(parts: list[bytes]) -> None:
    _read_or_refuse(program(*parts))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refuse(data)


def _read_or_refuse(data: bytes) -> None:
    try:
        _assert_plain(read_pickle(data))
    except PickleRefusedError as error:
        assert str(error)  # and no other error gets out


def _assert_plain(value: object) -> None:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            _assert_plain(item)
    else:
        assert value is None or isinstance(
            value, bool | int | float | str | bytes | np.generic | np.ndarray | torch.Tensor
        )


@render_golden
def test_golden_containers() -> None:
    zipped = read_state_dict(GOLDEN / "render" / "tex_encoder_w2_cuda0.pkl")
    legacy = read_state_dict(GOLDEN / "render" / "tex_encoder_w2_cuda0_legacy.pkl")
    assert len(zipped) == 20 and zipped.keys() == legacy.keys()
    for name, tensor in zipped.items():
        torch.testing.assert_close(tensor, legacy[name], rtol=0, atol=0)
    texture = read_pickle(GOLDEN / "render" / "neural_texture_cuda0.pkl")
    assert texture.shape == (1, 16, 64, 64) and texture.isfinite().all() and not texture.requires_grad
    assert read_state_dict(GOLDEN / "render" / "tex_sampler.pkl") == {}


@style_golden
@pytest.mark.parametrize("name", ["exp_mean_std", "pose_mean_std"])
def test_golden_style_statistics(name: str) -> None:
    read = read_pickle(GOLDEN / "style" / f"{name}.pkl")
    expected = np.load(GOLDEN / "style" / f"{name}.npz")
    assert set(read) == set(expected)
    for key in expected:
        np.testing.assert_array_equal(read[key], expected[key])
