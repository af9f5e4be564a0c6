from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models.speech.deepspeech.loading import load_checkpoint, load_network, save_network
from models.speech.deepspeech.network import DeepSpeechNetwork
from models.speech.deepspeech.variables import network_from_variables
from models.speech.whisper_encoder import WeightsError
from tests.golden import GOLDEN, needs
from tests.models.speech.deepspeech import seeded
from tests.models.speech.deepspeech.checkpoint import writer

GOLDEN_CHECKPOINT = GOLDEN / "deepspeech/deepspeech-small-checkpoint"
GOLDEN_WEIGHTS = GOLDEN / "deepspeech/deepspeech_small_weights.npz"
WEIGHTS = seeded.variables(width=8)


def assert_same(network: DeepSpeechNetwork, expected: DeepSpeechNetwork) -> None:
    state, other = network.state_dict(), expected.state_dict()
    assert set(state) == set(other)
    for name, tensor in state.items():
        assert torch.equal(tensor, other[name]), name


def test_a_checkpoint_becomes_the_network_of_its_variables(tmp_path: Path) -> None:
    files = writer.files({**WEIGHTS, "global_step": np.array(3), "layer_1/bias/Adam": np.zeros(8, np.float32)})
    expected = network_from_variables(WEIGHTS)
    assert_same(load_checkpoint(writer.folder(tmp_path / "folder", files)), expected)
    assert_same(load_checkpoint(writer.archive(tmp_path / "a.tar.gz", files)), expected)


def test_safetensors_keep_every_weight(tmp_path: Path) -> None:
    network = network_from_variables(WEIGHTS)
    save_network(network, tmp_path / "a.safetensors")
    assert_same(load_network(tmp_path / "a.safetensors"), network)


def test_foreign_checkpoints_are_refused_by_their_shapes(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="layer_1/bias"):
        load_checkpoint(writer.folder(tmp_path / "foreign", writer.files({"conv": np.ones(3, np.float32)})))
    wrong = writer.files({**WEIGHTS, "layer_2/weights": np.ones((8, 9), np.float32)})
    with pytest.raises(WeightsError, match="expected layer_2/weights of shape"):
        load_checkpoint(writer.folder(tmp_path / "wrong", wrong))


def test_files_that_are_not_our_safetensors_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no weights")
    save_network(network_from_variables(WEIGHTS), tmp_path / "whole")
    (tmp_path / "short").write_bytes((tmp_path / "whole").read_bytes()[:-4])
    save_file({"layer_1.bias": torch.zeros(8)}, tmp_path / "foreign")
    for name in ("text", "absent", "short", "foreign"):
        with pytest.raises(WeightsError, match="add the checkpoint again"):
            load_network(tmp_path / name)


@needs(GOLDEN_CHECKPOINT)
def test_reads_a_checkpoint_that_tensorflow_wrote(tmp_path: Path) -> None:
    weights = np.load(GOLDEN_WEIGHTS)
    expected = network_from_variables({key.replace("__", "/"): weights[key] for key in weights.files})
    assert_same(load_checkpoint(GOLDEN_CHECKPOINT), expected)
    files = {path.name: path.read_bytes() for path in GOLDEN_CHECKPOINT.iterdir()}
    assert_same(load_checkpoint(writer.archive(tmp_path / "a.tar.gz", files)), expected)
