"""`--family original` from the user's added models to files in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from backend import cli, model_store, original_delivery
from backend.model_store import ModelStoreError
from models import take as take_file
from models.face import bfm09
from models.motion.style_fusion import StyleFusionModel
from models.render.local_enhancer import LocalEnhancer
from models.render.texture_encoder import UNet
from models.speech.deepspeech.loading import save_network
from models.speech.deepspeech.variables import network_from_variables
from tests.backend import test_original as original
from tests.models.face.test_bfm09 import small_file
from tests.models.speech.deepspeech.seeded import variables

photo, voice, styles = original.photo, original.voice, original.styles  # its fixtures serve here, too


@pytest.fixture
def finder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> original.Finder:
    """Small models in the user's folder, and a detector that knows where the photo's face is.

    The face model is made here, or the goldens' where a test asks for "golden".
    """
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))
    if getattr(request, "param", "small") == "golden":
        basel = [original.BASEL / "BFM_model_front.mat", original.BASEL / "uv.npy"]
        landmarks = landmarks_of(basel[0])
        model_store.add("standard-face", [original.BASEL / "similarity_Lm3D_all.mat"])
    else:
        basel = [small_file(tmp_path / "front.mat")]
        landmarks = landmarks_of(basel[0])
        savemat(tmp_path / "lm.mat", {"lm": landmarks})
        model_store.add("standard-face", [tmp_path / "lm.mat"])
    model_store.add("bfm09", basel)
    torch.save({"net_recon": original.r_net().state_dict()}, tmp_path / "epoch.pth")
    torch.save(original.seeded(StyleFusionModel(64)), tmp_path / "backbone.pkl")
    for kind, name in (("r-net", "epoch.pth"), ("style-fusion", "backbone.pkl")):
        model_store.add(kind, [tmp_path / name])
    store_deepspeech(tmp_path / "home" / "models" / "deepspeech.safetensors")
    finder = original.Finder(original.Camera.paper(original.SIDE).image_points(landmarks))
    monkeypatch.setattr(original_delivery, "make_detector", lambda name, allow_download: finder)
    return finder


def landmarks_of(front: Path) -> np.ndarray:
    model = bfm09.load(front).model
    return model.landmarks68.of(model.mean_shape)


def store_deepspeech(path: Path) -> None:
    """As `model_store.add` would, without the checkpoint's own container."""
    save_network(network_from_variables(variables(16)), path)
    path.with_suffix(".json").write_text(json.dumps({"sha256": model_store._sha256(path)}), encoding="utf-8")


@pytest.fixture
def words(voice: Path, photo: Path, styles: str, tmp_path: Path) -> list[str]:
    """What the command is told, but for the formats."""
    return ["--style", f"{styles}#3", "--audio", str(voice), "--image", str(photo), "--out", str(tmp_path / "out")]


def make(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the command says it made."""
    assert cli.main(["animate", "--family", "original", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def add_renderer(folder: Path) -> None:
    """A small seeded one, among the user's models."""
    torch.save(original.seeded(UNet(9, 4, base=2)), folder / "encoder.pkl")
    torch.save(original.seeded(LocalEnhancer(4, 3, base=2)), folder / "face.pkl")
    model_store.add("neural-renderer", [folder / "encoder.pkl", folder / "face.pkl"])


def frames_of(film: str) -> np.ndarray:
    with av.open(film) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def files_in(result: dict[str, Any]) -> set[str]:
    return {name for name, value in result.items() if Path(str(value)).is_file()}


def test_the_command_writes_a_take_textures_a_sheet_and_a_shaded_video(
    finder: original.Finder, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    result = make(capsys, *words, "--formats", "mp4,png")
    assert files_in(result) == {"take", "texture", "paper_texture", "preview", "contact_sheet"}
    assert result["seconds"] == 37 / 25 and "neural-renderer" in result["note"]
    take = take_file.load(result["take"])
    assert take.coefficients.shape == (37, 257)
    assert take.meta["models"]["r-net"] == model_store._sha256(model_store.installed("r-net"))
    shaded = frames_of(result["preview"])
    assert shaded.shape == (37, 224, 224, 3)
    assert (shaded[0].max(axis=-1) > 40).mean() > 0.05 and (shaded[0, :5, :5] < 20).all()
    assert Image.open(result["texture"]).size == (1024, 1024)


@pytest.mark.parametrize("finder", ["small", pytest.param("golden", marks=original.needs_golden)], indirect=True)
def test_with_the_neural_renderer_the_preview_is_neural_and_the_scene_stands_upright(
    finder: original.Finder, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bpy = pytest.importorskip("bpy")
    add_renderer(tmp_path)
    result = make(capsys, *words, "--formats", "mp4,blend,fbx,abc")
    assert files_in(result) == {"take", "texture", "paper_texture", "preview", "shaded", "blend", "fbx", "abc"}
    assert "note" not in result
    neural, shaded = frames_of(result["preview"]), frames_of(result["shaded"])
    assert neural.shape == shaded.shape == (37, 224, 224, 3)
    assert np.abs(neural[0, :5, :5].astype(int) - 128).max() < 12 and shaded[0, :5, :5].max() < 20
    assert neural[0].std() > 5

    bpy.ops.wm.open_mainfile(filepath=result["blend"])
    head = bpy.data.objects["Head"]
    assert [key.name for key in head.data.shape_keys.key_blocks[1:]] == list(bfm09.EXPRESSION_NAMES)
    bpy.context.scene.frame_set(20)
    np.testing.assert_allclose(head.rotation_euler, 0, atol=1e-4)
    np.testing.assert_allclose(head.location, 0, atol=1e-4)
    assert 0.1 < head.dimensions.z < 0.5  # metres
    assert head.data.shape_keys.key_blocks["bfm00"].value != 0


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
