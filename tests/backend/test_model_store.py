"""The user's models: added from small seeded files, listed, and refused when they are something else."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from backend import cli, model_store
from backend.model_kinds import KINDS, load_neural_renderer, load_r_net
from backend.model_store import ModelStoreError
from models.face import bfm09, bfm09_file
from models.motion.style_fusion import StyleFusionModel
from models.pickles import read_state_dict
from models.reconstruction.r_net import PYTORCH, RNet
from models.reconstruction.tensorflow_r_net import load_tensorflow_r_net
from models.render.local_enhancer import LocalEnhancer
from models.render.texture_encoder import UNet
from models.speech.deepspeech.loading import load_checkpoint, load_network
from tests.golden import GOLDEN, needs
from tests.models.face.test_bfm09 import small_file
from tests.models.face.test_bfm09_front import Sources
from tests.models.speech.deepspeech import seeded
from tests.models.speech.deepspeech.checkpoint import writer
from tests.recipe import torch_weights


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def checkpoint(path: Path, network: torch.nn.Module, seed: int = 5) -> Path:
    shapes = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    torch.save({name: torch.from_numpy(array) for name, array in torch_weights(shapes, seed).items()}, path)
    return path


def renderer_files(folder: Path, channels: int = 4) -> list[Path]:
    return [
        checkpoint(folder / "a.pkl", LocalEnhancer(4, 3, base=2)),
        checkpoint(folder / "b.pkl", UNet(9, channels, base=2)),
    ]


def test_the_motion_network_comes_back_as_it_was(tmp_path: Path, home: Path) -> None:
    original = checkpoint(tmp_path / "any name", StyleFusionModel(64))
    card = model_store.add("style-fusion", [original])
    path = model_store.installed("style-fusion")
    assert path == home / "models" / "style-fusion.safetensors"
    loaded, expected = StyleFusionModel.load(path).state_dict(), read_state_dict(original)
    assert set(loaded) == set(expected)
    assert all(torch.equal(loaded[name], expected[name]) for name in expected)
    assert card["sha256"] == model_store._sha256(path)
    assert card["made_from"] == {"any name": model_store._sha256(original)}


@pytest.mark.parametrize("with_uv", [False, True])
def test_the_basel_model_comes_back_as_it_was(tmp_path: Path, with_uv: bool) -> None:
    original, uv = small_file(tmp_path / "front.mat"), tmp_path / "some file"
    with uv.open("wb") as stream:
        np.save(stream, np.random.default_rng(0).uniform(size=(80, 3)))
    model_store.add("bfm09", [uv, original] if with_uv else [original])
    expected, loaded = bfm09.load(original, uv if with_uv else None), bfm09_file.load(model_store.installed("bfm09"))
    for name in ("mean_shape", "identity_basis", "expression_basis", "mean_albedo", "albedo_basis", "triangles", "uv"):
        np.testing.assert_array_equal(getattr(loaded.model, name), getattr(expected.model, name))
    np.testing.assert_array_equal(loaded.vertex_triangles, expected.vertex_triangles)
    np.testing.assert_array_equal(loaded.model.landmarks68.vertices, expected.model.landmarks68.vertices)


@pytest.mark.parametrize("packed", [False, True])
def test_deepspeech_comes_from_a_folder_or_an_archive(tmp_path: Path, packed: bool) -> None:
    files = writer.files(seeded.variables(width=8))
    original = writer.archive(tmp_path / "a.tar.gz", files) if packed else writer.folder(tmp_path / "folder", files)
    card = model_store.add("deepspeech", [original])
    assert set(card["made_from"]) == ({"a.tar.gz"} if packed else set(files))
    loaded, expected = load_network(model_store.installed("deepspeech")), load_checkpoint(original)
    assert all(torch.equal(loaded.state_dict()[name], tensor) for name, tensor in expected.state_dict().items())


def test_the_renderer_takes_its_two_files_in_any_order(tmp_path: Path) -> None:
    generator, encoder = renderer_files(tmp_path)
    hashes = {
        model_store.add("neural-renderer", files)["sha256"] for files in ([generator, encoder], [encoder, generator])
    }
    assert len(hashes) == 1
    renderer = load_neural_renderer(model_store.installed("neural-renderer"))
    for network, file in ((renderer.encoder, encoder), (renderer.face, generator)):
        expected = read_state_dict(file)
        assert set(network.state_dict()) == set(expected)
        assert all(torch.equal(tensor, expected[name]) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize("swapped", [False, True])
def test_the_basel_model_is_built_from_the_universitys_files(tmp_path: Path, swapped: bool) -> None:
    sources = Sources(tmp_path)
    files = [sources.morphable, sources.expressions]
    model_store.add("bfm09", files[::-1] if swapped else files)
    expected, loaded = bfm09.load(sources.build()), bfm09_file.load(model_store.installed("bfm09"))
    np.testing.assert_array_equal(loaded.model.expression_basis, expected.model.expression_basis)
    np.testing.assert_array_equal(loaded.model.identity_basis, expected.model.identity_basis)


def test_the_r_net_keeps_its_weights(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = RNet(PYTORCH, (2, 3, 4, 5), (2, 2, 1, 2))
    torch.save({"net_recon": network.state_dict()}, tmp_path / "epoch")
    model_store.add("r-net", [tmp_path / "epoch"])
    loaded = load_r_net(model_store.installed("r-net"))
    assert loaded.convention == PYTORCH
    assert all(torch.equal(loaded.state_dict()[name], tensor) for name, tensor in network.state_dict().items())


def test_renderer_files_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    generator, encoder = renderer_files(tmp_path, channels=5)
    with pytest.raises(ModelStoreError, match="textures of 5 channels, but the generator takes 4"):
        model_store.add("neural-renderer", [generator, encoder])
    with pytest.raises(ModelStoreError, match="the same network twice"):
        model_store.add("neural-renderer", [generator, generator])
    state = read_state_dict(encoder)
    torch.save({name: state[name] for name in state if not name.startswith("up2.")}, encoder)
    with pytest.raises(ModelStoreError, match=r"Missing key.*up2\.conv") as caught:
        model_store.add("neural-renderer", [generator, encoder])
    assert "\n" not in str(caught.value)
    encoder.write_text("damaged")
    with pytest.raises(ModelStoreError, match=r"as neural-renderer: b\.pkl: "):
        model_store.add("neural-renderer", [generator, encoder])


class _Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("import os; os.environ['STYLE_AVATAR_OWNED'] = '1'",)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", pickle.dumps(_Hostile())])
def test_a_bad_file_gives_one_sentence_and_leaves_nothing(
    tmp_path: Path, home: Path, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STYLE_AVATAR_OWNED", "0")
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    with pytest.raises(ModelStoreError, match=f"bad cannot be used as {kind}") as caught:
        model_store.add(kind, [bad] * len(KINDS[kind].file_sets[-1]))
    assert "\n" not in str(caught.value)
    assert not home.exists()
    assert os.environ["STYLE_AVATAR_OWNED"] == "0"


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    generator, _ = renderer_files(tmp_path)
    with pytest.raises(ModelStoreError, match="expected a style-fusion checkpoint"):
        model_store.add("style-fusion", [generator])
    with pytest.raises(ModelStoreError, match="expected the network of 64 expressions, got the one of 7 poses"):
        model_store.add("style-fusion", [checkpoint(tmp_path / "pose.pkl", StyleFusionModel(7))])
    savemat(tmp_path / "01_MorphableModel.mat", {"shapeMU": np.ones((3, 1))})
    with pytest.raises(ModelStoreError, match="no array meanshape"):
        model_store.add("bfm09", [tmp_path / "01_MorphableModel.mat"])


def test_weights_that_are_not_finite_are_refused_and_the_old_model_stays(tmp_path: Path) -> None:
    good = checkpoint(tmp_path / "good.pkl", StyleFusionModel(64))
    kept = model_store.add("style-fusion", [good])["sha256"]
    state = read_state_dict(good)
    state["audio_layer.0.bias"] = torch.full_like(state["audio_layer.0.bias"], float("nan"))
    torch.save(state, tmp_path / "nan.pkl")
    with pytest.raises(ModelStoreError, match=r"audio_layer\.0\.bias holds NaN"):
        model_store.add("style-fusion", [tmp_path / "nan.pkl"])
    assert model_store._sha256(model_store.installed("style-fusion")) == kept


def test_a_failed_write_leaves_no_half_file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[: len(data) // 2])
        raise OSError("no space left")

    original = checkpoint(tmp_path / "backbone", StyleFusionModel(64))
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space left"):
        model_store.add("style-fusion", [original])
    assert list((home / "models").iterdir()) == []


def test_the_listing_tells_missing_installed_and_damaged_apart(tmp_path: Path) -> None:
    assert {entry["state"] for entry in model_store.listing().values()} == {"missing"}
    with pytest.raises(ModelStoreError, match="is missing; run `style-avatar models add bfm09"):
        model_store.installed("bfm09")
    card = model_store.add("bfm09", [small_file(tmp_path / "front.mat")])
    entry = model_store.listing()["bfm09"]
    assert (entry["state"], entry["sha256"], entry["made_from"]) == ("installed", card["sha256"], card["made_from"])
    path = model_store.installed("bfm09")
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    assert model_store.listing()["bfm09"]["state"] == "damaged"
    with pytest.raises(ModelStoreError, match="bfm09 is damaged"):
        model_store.installed("bfm09")


def test_unknown_kinds_and_wrong_numbers_of_files_are_refused(tmp_path: Path) -> None:
    file = small_file(tmp_path / "front.mat")
    for kind, files, words in (
        ("bfm", [file], "there is no model 'bfm'; there are bfm09"),
        ("neural-renderer", [file], "made of tex_encoder.pkl and face_unet.pkl; got 1 files"),
        ("bfm09", [tmp_path / "absent.mat"], "there is no file"),
    ):
        with pytest.raises(ModelStoreError, match=words):
            model_store.add(kind, files)


def test_the_home_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STYLE_AVATAR_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert model_store.home() == Path("/data/style-avatar")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("APPDATA", "/roaming")
    assert model_store.home() == Path("/roaming/style-avatar")


def test_the_commands(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "add", "bfm09", str(small_file(tmp_path / "front.mat")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stored"] == str(home / "models" / "bfm09.safetensors")
    assert cli.main(["models", "--json"]) == 0
    states = {kind: entry["state"] for kind, entry in json.loads(capsys.readouterr().out)["models"].items()}
    assert (states["bfm09"], states["style-fusion"]) == ("installed", "missing")
    assert cli.main(["models"]) == 0
    shown = capsys.readouterr().out
    assert "style-avatar models add deepspeech" in shown and "MPL-2.0" in shown
    assert cli.main(["models", "add", "style-fusion", str(tmp_path / "front.mat")]) == 1
    assert "cannot be used as style-fusion" in capsys.readouterr().err


@needs(GOLDEN)
def test_the_goldens_own_files_can_be_added() -> None:
    model_store.add("deepspeech", [GOLDEN / "deepspeech/deepspeech-small-checkpoint"])
    model_store.add("neural-renderer", [GOLDEN / "render/face_unet.pkl", GOLDEN / "render/tex_encoder.pkl"])
    states = {kind: entry["state"] for kind, entry in model_store.listing().items()}
    assert (states["deepspeech"], states["neural-renderer"]) == ("installed", "installed")
    graph = GOLDEN / "rnet/FaceReconModel_small.pb"
    model_store.add("r-net", [graph])
    loaded, expected = load_r_net(model_store.installed("r-net")), load_tensorflow_r_net(graph)
    assert loaded.convention == expected.convention
    assert all(torch.equal(loaded.state_dict()[name], tensor) for name, tensor in expected.state_dict().items())
