import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.training.phonetic import build_encoder
from backend.training.phonetic.ctranslate2_file import read_variables
from models.speech.whisper_encoder import load_encoder, log_mel, sinusoids
from tests.models.speech.encoders import WIDTH, small_encoder

TYPES = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return struct.pack("<H", len(data)) + data


def model_bin(variables: dict[str, np.ndarray], version: int = 6) -> bytes:
    """A CTranslate2 model file, written from the format's description."""
    parts = [struct.pack("<I", version), text("WhisperSpec"), struct.pack("<II", 3, len(variables))]
    for name, value in variables.items():
        shape = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        data = value.tobytes()
        parts += [text(name), shape, struct.pack("<BI", TYPES[value.dtype.name], len(data)), data]
    return b"".join(parts)


def whisper_variables() -> dict[str, np.ndarray]:
    """The small encoder under CTranslate2's names, with some of the decoder's beside it."""
    names = {"weight": "weight", "bias": "bias"}
    norm = {"weight": "gamma", "bias": "beta"}
    parts = {
        "attention_norm": ("self_attention/layer_norm", norm),
        "query_key_value": ("self_attention/linear_0", names),
        "attention_out": ("self_attention/linear_1", names),
        "feed_norm": ("ffn/layer_norm", norm),
        "feed_in": ("ffn/linear_0", names),
        "feed_out": ("ffn/linear_1", names),
    }
    variables: dict[str, np.ndarray] = {}
    for name, value in small_encoder().state_dict().items():
        place = name.split(".")
        if place[0] == "blocks":
            part, kinds = parts[place[2]]
            variables[f"encoder/layer_{place[1]}/{part}/{kinds[place[3]]}"] = value.half().numpy()
        else:
            variables[f"encoder/{place[0]}/{place[1]}"] = value.half().numpy()
    variables["encoder/position_encodings/encodings"] = sinusoids(1500, WIDTH).half().numpy()
    variables["encoder/layer_norm/gamma"] = np.ones(WIDTH, np.float16)
    variables["decoder/embeddings/weight"] = np.ones((3, 2), np.int8)
    return variables


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(model_bin(whisper_variables()))
    return path


def test_variables_come_back_with_type_and_shape(tmp_path: Path) -> None:
    written: dict[str, np.ndarray] = {
        "a/x": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a/y": np.array([-3, 4], np.int8),
        "a/z": np.float16(2.5).reshape(1),
        "b": np.array([7], np.int32),
        "c": np.array([7], np.int16),
    }
    (tmp_path / "m").write_bytes(model_bin(written))
    read = read_variables(tmp_path / "m")
    assert list(read) == list(written)
    for name, value in written.items():
        np.testing.assert_array_equal(read[name], value)
        assert read[name].dtype == value.dtype
    assert list(read_variables(tmp_path / "m", "a/")) == ["a/x", "a/y", "a/z"]


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    data = model_bin({"x": np.zeros(10, np.float32)})
    (tmp_path / "short").write_bytes(data[:-4])
    with pytest.raises(ValueError, match="ends early"):
        read_variables(tmp_path / "short")
    (tmp_path / "other").write_bytes(model_bin({}, version=99))
    with pytest.raises(ValueError, match="99"):
        read_variables(tmp_path / "other")


def test_the_built_file_holds_the_network(model: Path, tmp_path: Path) -> None:
    build_encoder.build(model, tmp_path / "encoder.safetensors")
    built, original = load_encoder(tmp_path / "encoder.safetensors"), small_encoder()
    mel = log_mel(torch.randn(1, 8000, generator=torch.Generator().manual_seed(1)))
    for ours, theirs in zip(built(mel), original(mel), strict=True):
        torch.testing.assert_close(ours, theirs, atol=0.05, rtol=0.05)


def test_other_positions_are_refused(tmp_path: Path) -> None:
    variables = whisper_variables()
    variables["encoder/position_encodings/encodings"] = np.zeros((1500, WIDTH), np.float16)
    (tmp_path / "m").write_bytes(model_bin(variables))
    with pytest.raises(ValueError, match="sinusoids"):
        build_encoder.build(tmp_path / "m", tmp_path / "out")


def test_only_the_known_file_is_taken(model: Path) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        build_encoder.check_hash(model)
