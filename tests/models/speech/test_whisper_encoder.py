from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models.speech.whisper_encoder import (
    WeightsError,
    file_sha256,
    load_encoder,
    log_mel,
    mel_filters,
    sinusoids,
)
from tests.models.speech.encoders import BLOCKS, WIDTH, small_encoder, write_small_encoder


def tone(hertz: float, seconds: float = 1.0) -> torch.Tensor:
    return torch.sin(2 * np.pi * hertz * torch.arange(int(16000 * seconds)) / 16000)[None]


def test_mel_filters_are_triangles_of_slaneys_scale() -> None:
    filters = mel_filters()
    assert filters.shape == (80, 201) and (filters >= 0).all()
    hertz = torch.linspace(0, 8000, 201)
    centres = (filters * hertz).sum(dim=1) / filters.sum(dim=1)
    low, high = centres[centres < 850], centres[centres > 1200]
    assert np.ptp(np.diff(low[2:])) < 12.0  # even steps below 1 kHz, as far as bins of 40 Hz can show
    np.testing.assert_allclose(np.diff(np.log(high)), np.diff(np.log(high)).mean(), rtol=0.12)
    np.testing.assert_allclose(filters[45:].sum(dim=1) * 40.0, 1.0, rtol=0.02)  # unit area: bins are 40 Hz apart


def test_a_tone_lights_its_mel_and_the_floor_is_eight_decades_down() -> None:
    mel = log_mel(tone(1000.0))
    assert mel.shape == (1, 80, 100)
    centres = (mel_filters() * torch.linspace(0, 8000, 201)).sum(dim=1) / mel_filters().sum(dim=1)
    assert abs(float(centres[mel[0, :, 50].argmax()]) - 1000.0) < 40.0
    assert float(mel.max() - mel.min()) == pytest.approx(2.0, abs=1e-4)


def test_a_click_lights_its_frame() -> None:
    sound = torch.zeros(1, 16000)
    sound[0, 8000] = 1.0
    loud = log_mel(sound)[0].sum(dim=0)
    assert set(loud.topk(2).indices.tolist()) <= {49, 50, 51} and int(loud.argmax()) == 50


def test_blocks_are_pre_norm_transformer_blocks() -> None:
    """The same numbers as PyTorch's own layer with the weights moved over."""
    block = small_encoder().blocks[0]
    twin = torch.nn.TransformerEncoderLayer(
        WIDTH, WIDTH // 64, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True
    ).eval()
    ours = block.state_dict()
    names = {
        "self_attn.in_proj_": "query_key_value.",
        "self_attn.out_proj.": "attention_out.",
        "linear1.": "feed_in.",
        "linear2.": "feed_out.",
        "norm1.": "attention_norm.",
        "norm2.": "feed_norm.",
    }
    twin.load_state_dict({a + kind: ours[b + kind] for a, b in names.items() for kind in ("weight", "bias")})
    x = torch.randn(2, 9, WIDTH)
    torch.testing.assert_close(block(x), twin(x), rtol=1e-4, atol=1e-5)


def test_positions_are_whispers() -> None:
    positions = sinusoids(1500, 512)
    assert positions.shape == (1500, 512)
    torch.testing.assert_close(positions[7, 0], torch.tensor(7.0).sin())
    torch.testing.assert_close(positions[7, 256], torch.tensor(7.0).cos())
    torch.testing.assert_close(positions[7, 255], torch.tensor(7e-4).sin())


def test_a_file_gives_the_network_back(tmp_path: Path) -> None:
    path, _ = write_small_encoder(tmp_path)
    encoder, original = load_encoder(path), small_encoder()
    mel = log_mel(tone(300.0))
    states, expected = encoder(mel), original(mel)
    assert len(states) == BLOCKS and states[0].shape == (1, 50, WIDTH)
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    torch.testing.assert_close(states[-1], expected[-1], atol=0.05, rtol=0.05)


def test_files_that_are_not_encoders_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weight file"):
        load_encoder(tmp_path / "none")
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(WeightsError, match="not a readable"):
        load_encoder(tmp_path / "junk")
    save_file({"x": torch.zeros(3)}, str(tmp_path / "other"))
    with pytest.raises(WeightsError, match="Whisper encoder"):
        load_encoder(tmp_path / "other")


def test_the_hash_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weight file"):
        file_sha256(tmp_path / "none")
