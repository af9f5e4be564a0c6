"""The user's own pose network: added with its scale, and refused when either is something else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from backend import model_store
from backend.model_store import ModelStoreError
from models.motion.pose_network import PoseNetwork
from models.motion.style_fusion import StyleFusionModel
from tests.backend.test_model_store import checkpoint

GOOD = {"mean": [-0.998, 0, 0, 0, 0, 0, 0.5], "std": [0.01, 0.1, 0.1, 0.1, 1, 1, 1]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return checkpoint(tmp_path / "pose", StyleFusionModel(7))


def scale(folder: Path, content: object = GOOD) -> Path:
    (folder / "scale").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder / "scale"


@pytest.mark.parametrize("swapped", [False, True])
def test_weights_and_scale_are_kept(tmp_path: Path, weights: Path, swapped: bool) -> None:
    files = [weights, scale(tmp_path)]
    card = model_store.add("pose-fusion", files[::-1] if swapped else files)
    assert set(card["made_from"]) == {"pose", "scale"}
    network = PoseNetwork.load(model_store.installed("pose-fusion"))
    np.testing.assert_array_equal(network.scale.mean, np.array(GOOD["mean"], np.float32))
    np.testing.assert_array_equal(network.scale.deviation, np.array(GOOD["std"], np.float32))
    expected = torch.load(weights, weights_only=True)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in network.model.state_dict().items())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1, 2]", r"in scale, as JSON: \{"),
        ("no JSON", r"in scale, as JSON: \{"),
        ("[" * 100_000, r"in scale, as JSON: \{"),
        ({"mean": GOOD["mean"]}, r"in scale, as JSON: \{"),
        ({**GOOD, "mean": [0, 1]}, "7 finite numbers as mean"),
        ({**GOOD, "std": [0] * 7}, "positive std"),
        ({**GOOD, "std": ["wide"] * 7}, "not made of numbers"),
    ],
)
def test_a_bad_scale_is_one_sentence(tmp_path: Path, weights: Path, content: object, said: str) -> None:
    with pytest.raises(ModelStoreError, match=said) as caught:
        model_store.add("pose-fusion", [weights, scale(tmp_path, content)])
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelStoreError, match="missing"):
        model_store.installed("pose-fusion")


def test_other_files_are_refused(tmp_path: Path, weights: Path) -> None:
    expressions = checkpoint(tmp_path / "expressions", StyleFusionModel(64))
    for files, said in (
        ([expressions, scale(tmp_path)], "network of 7 poses"),
        ([weights, expressions], "two files of weights"),
        ([weights], "got 1 files"),
        ([scale(tmp_path), scale(tmp_path)], "scale: "),
    ):
        with pytest.raises(ModelStoreError, match=said):
            model_store.add("pose-fusion", files)
