import numpy as np
import pytest
import torch

from models.speech.deepspeech.mfcc import in_context, mfcc
from models.speech.deepspeech.network import ALPHABET, CLASSES, letter_probabilities
from models.speech.deepspeech.sound import Sound, listen, read_wav
from models.speech.deepspeech.variables import LSTM, network_from_variables
from models.speech.whisper_encoder import WeightsError
from tests.golden import GOLDEN, needs
from tests.models.speech.deepspeech import seeded

GOLDEN_FILE = GOLDEN / "deepspeech/deepspeech_small_io.npz"
GOLDEN_WEIGHTS = GOLDEN / "deepspeech/deepspeech_small_weights.npz"
RECORDINGS = {"mono": "mono_7p3s.wav", "stereo": "stereo_1p5s.wav"}
LAYERS = {"layer_1": "layer1", "layer_3": "layer3", "lstm": "lstm_h", "layer_5": "layer5", "layer_6": "logits"}


def test_the_classes_are_space_letters_apostrophe_and_blank() -> None:
    assert CLASSES == 29 and ALPHABET[0] == " " and ALPHABET[1:27] == "abcdefghijklmnopqrstuvwxyz"


def test_agrees_with_the_network_in_plain_numpy() -> None:
    weights = seeded.variables(width=24)
    frames = np.random.default_rng(1).standard_normal((30, 494)).astype(np.float32) * 4
    ours = network_from_variables(weights)(torch.from_numpy(frames)).numpy()
    np.testing.assert_allclose(ours, seeded.probabilities(weights, frames), rtol=0, atol=1e-5)


def test_rows_are_probabilities_of_every_frame() -> None:
    sound = Sound((np.random.default_rng(0).standard_normal(3000) * 0.1).astype(np.float32))
    probabilities = letter_probabilities(network_from_variables(seeded.variables(width=8)), sound)
    assert probabilities.shape == (8, 29) and probabilities.dtype == torch.float32
    np.testing.assert_allclose(probabilities.sum(dim=1).numpy(), 1.0, atol=1e-6)


def test_training_variables_are_ignored() -> None:
    weights = seeded.variables(width=8)
    extra = {"global_step": np.array(3), "layer_1/bias/Adam": np.zeros(5, np.float32)}
    assert network_from_variables({**weights, **extra}).layer_1.out_features == 8


def test_foreign_variables_are_refused() -> None:
    weights = seeded.variables(width=8)
    missing = {name: array for name, array in weights.items() if name != f"{LSTM}/kernel"}
    nan = np.full_like(weights["layer_5/bias"], np.nan)
    cases: list[tuple[dict[str, np.ndarray], str]] = [
        ({}, "layer_1/bias"),
        (missing, "kernel is missing"),
        ({**weights, "layer_6/weights": np.zeros((8, 30), np.float32)}, "expected layer_6/weights of shape"),
        ({**weights, "layer_5/bias": nan}, "finite"),
        ({**weights, "layer_5/bias": np.zeros(8)}, "float32"),
    ]
    for wrong, reason in cases:
        with pytest.raises(WeightsError, match=reason):
            network_from_variables(wrong)


@needs(GOLDEN_FILE)
@pytest.mark.parametrize("name", sorted(RECORDINGS))
def test_every_layer_matches_the_original(name: str) -> None:
    golden, weights = np.load(GOLDEN_FILE), np.load(GOLDEN_WEIGHTS)
    network = network_from_variables({key.replace("__", "/"): weights[key] for key in weights.files})
    seen: dict[str, np.ndarray] = {}
    for layer in LAYERS:
        module = network.get_submodule(layer)
        module.register_forward_hook(
            lambda _, __, out, layer=layer: seen.update({layer: (out[0] if isinstance(out, tuple) else out).numpy()})
        )
    sound = listen(*read_wav(GOLDEN / "audio" / RECORDINGS[name]), compat=True)
    probabilities = network(torch.from_numpy(in_context(mfcc(sound)))).numpy()
    np.testing.assert_allclose(probabilities, golden[f"{name}_prob"], rtol=0, atol=1e-5)
    for layer, array in LAYERS.items():
        suffix = "" if layer == "layer_6" else "_first20"
        expected = golden[f"{name}_{array}{suffix}"]
        np.testing.assert_allclose(seen[layer][: len(expected)], expected, rtol=1e-5, atol=1e-5)
