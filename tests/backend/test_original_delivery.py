"""`--family original` from the user's added models to files in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from backend import cli, model_store, original_delivery
from backend.model_store import ModelStoreError
from models import take as take_file
from models.face import bfm09
from models.motion.style_fusion import StyleFusionModel
from models.speech.deepspeech.loading import save_network
from models.speech.deepspeech.variables import network_from_variables
from tests.backend import test_original as original
from tests.models.face.test_bfm09 import small_file
from tests.models.speech.deepspeech.seeded import variables

photo, voice, styles = original.photo, original.voice, original.styles  # its fixtures serve here, too


@pytest.fixture
def finder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> original.Finder:
    """Small models in the user's folder, and a detector that knows where the photo's face is."""
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))
    front = small_file(tmp_path / "front.mat")
    model = bfm09.load(front).model
    landmarks = model.landmarks68.of(model.mean_shape)
    torch.save({"net_recon": original.r_net().state_dict()}, tmp_path / "epoch.pth")
    torch.save(original.seeded(StyleFusionModel(64)), tmp_path / "backbone.pkl")
    savemat(tmp_path / "lm.mat", {"lm": landmarks})
    for kind, name in (("r-net", "epoch.pth"), ("style-fusion", "backbone.pkl"), ("standard-face", "lm.mat")):
        model_store.add(kind, [tmp_path / name])
    model_store.add("bfm09", [front])
    store_deepspeech(tmp_path / "home" / "models" / "deepspeech.safetensors")
    finder = original.Finder(original.Camera.paper(original.SIDE).image_points(landmarks))
    monkeypatch.setattr(original_delivery, "make_detector", lambda name, allow_download: finder)
    return finder


def store_deepspeech(path: Path) -> None:
    """As `model_store.add` would, without the checkpoint's own container."""
    save_network(network_from_variables(variables(16)), path)
    path.with_suffix(".json").write_text(json.dumps({"sha256": model_store._sha256(path)}), encoding="utf-8")


def test_the_command_writes_a_take_a_texture_and_a_video(
    finder: original.Finder,
    voice: Path,
    photo: Path,
    styles: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["animate", "--family", "original", "--style", f"{styles}#3", "--audio", str(voice)]
    command += ["--image", str(photo), "--out", str(tmp_path / "out"), "--formats", "mp4,blend", "--json"]
    assert cli.main(command) == 0
    result = json.loads(capsys.readouterr().out)
    assert {name for name in result if Path(str(result[name])).is_file()} == {"take", "texture", "preview"}
    assert (result["seconds"], result["not_in_this_family"]) == (37 / 25, "blend")
    take = take_file.load(result["take"])
    assert take.coefficients.shape == (37, 257)
    assert take.meta["models"]["r-net"] == model_store._sha256(model_store.installed("r-net"))


def test_the_family_is_what_was_added(finder: original.Finder) -> None:
    family, expected = original_delivery.load_family(), original.r_net().state_dict()
    assert all(torch.equal(family.reconstruction.state_dict()[name], tensor) for name, tensor in expected.items())
    landmarks = family.face.model.landmarks68.of(family.face.model.mean_shape)
    np.testing.assert_array_equal(family.standard_face, original.five_points(landmarks))


def test_a_missing_model_is_named(finder: original.Finder) -> None:
    model_store.installed("standard-face").unlink()
    with pytest.raises(ModelStoreError, match="standard-face is missing"):
        original_delivery.load_family()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--image"),
        (["--image", "p.png", "--transcript", "hello"], "transcript"),
        (["--image", "p.png", "--style", "neutral"], "style file neutral"),
    ],
)
def test_what_this_family_cannot_use_is_refused(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["animate", "--family", "original", "--audio", "v.wav", "--out", str(tmp_path / "out"), *words]
    assert cli.main(command) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
