"""Promise 4: weights only as hashed safetensors: another file is refused, a pickle is never executed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from backend.model_kinds import KINDS
from backend.model_store import ModelStoreError, add, installed, state
from backend.server import exit_codes
from models.motion import style_measure, style_statistics
from models.motion.style_file import StyleFileError
from models.motion.style_file import load as load_style
from models.render import deferred
from models.texture import live_maps
from models.weight_card import WeightCardError, checked
from tests.backend.server.conftest import SAFETY, Real
from tests.security.conftest import environment

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.name for path in (ROOT / "models" / "weights").glob("*.safetensors"))
# These wait until somebody has a take drawn, asks for textures, measures a style, or looks at one.
LATER = (
    "deferred_renderer.safetensors",
    "live_maps.safetensors",
    "style_gauge.safetensors",
    "style_statistics.safetensors",
)
AT_START = [name for name in SHIPPED if name not in LATER]


class Bomb:
    """A pickle of it makes the folder `mark` when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where a bomb would have gone off; that it can is seen first."""
    mark = tmp_path / "executed"
    pickle.loads(pickle.dumps(Bomb(mark)))
    mark.rmdir()
    return mark


def _bombs(mark: Path) -> dict[str, bytes]:
    """The same bomb in every wrapping that a loader of weights or arrays would open."""
    plain = pickle.dumps(Bomb(mark))
    zipped, legacy, array, archive = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    torch.save({"weight": Bomb(mark)}, zipped)
    torch.save({"weight": Bomb(mark)}, legacy, _use_new_zipfile_serialization=False)
    np.save(array, np.array([Bomb(mark)], object), allow_pickle=True)
    np.savez(archive, meta=np.array([Bomb(mark)], object), coefficients=np.array([Bomb(mark)], object))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("deepspeech-0.9.2-checkpoint/checkpoint")
        member.size = len(plain)
        tar.addfile(member, io.BytesIO(plain))
    return {
        "plain": plain,
        "zipped": zipped.getvalue(),
        "legacy": legacy.getvalue(),
        "array": array.getvalue(),
        "archive": archive.getvalue(),
        "packed": packed.getvalue(),
    }


WRAPPINGS = ("plain", "zipped", "legacy", "array", "archive", "packed")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with weights of its own, to be damaged."""
    folder = tmp_path_factory.mktemp("program")
    for package in ("models", "backend"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "training"))
    return folder


def _swapped(path: Path) -> None:
    """Another file of the same names, shapes and types: nothing but the hash can tell."""
    tensors = load_file(path)
    name = next(name for name, tensor in tensors.items() if tensor.numel() > 1)
    flat = tensors[name].view(torch.uint8).flatten().clone()
    flat[0] ^= 1
    tensors[name] = flat.view(tensors[name].dtype).reshape(tensors[name].shape)
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    save_file(tensors, path, header.get("__metadata__"))


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _bomb(path: Path) -> None:
    path.write_bytes(_bombs(path.parents[2] / "executed")["zipped"])


DAMAGES = {"swapped": _swapped, "truncated": _truncated, "grown": _grown, "pickle": _bomb}


def _serve(program: Path, folder: Path) -> tuple[int, str]:
    """Exit code of a server made of the copied program, and what it printed."""
    command = [sys.executable, "-P", "-m", "backend.cli", "serve", "--data", str(folder / "data")]
    where = environment(PYTHONPATH=str(program))
    runtime = ["--runtime", str(folder / "runtime.json")]
    done = subprocess.run([*command, *runtime], capture_output=True, text=True, timeout=SAFETY, env=where)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", AT_START)
@pytest.mark.parametrize("damage", ["swapped", "pickle"])
def test_the_server_does_not_start_with_other_weights(copied: Path, tmp_path: Path, name: str, damage: str) -> None:
    weights = copied / "models" / "weights" / name
    whole = weights.read_bytes()
    DAMAGES[damage](weights)
    try:
        code, told = _serve(copied, tmp_path)
    finally:
        weights.write_bytes(whole)
    assert code == exit_codes.NO_WEIGHTS, told
    assert "SHA-256" in told, told
    assert not (copied / "executed").exists()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("damage", DAMAGES)
def test_weights_that_their_card_does_not_record_are_refused(copied: Path, name: str, damage: str) -> None:
    weights = copied / "models" / "weights" / name
    whole = weights.read_bytes()
    assert checked(weights) == weights
    DAMAGES[damage](weights)
    try:
        with pytest.raises(WeightCardError, match="SHA-256"):
            checked(weights)
    finally:
        weights.write_bytes(whole)
    assert not (copied / "executed").exists()


LOADERS: dict[str, tuple[ModuleType, Callable[[Path], object]]] = {
    "deferred_renderer.safetensors": (deferred, lambda _: deferred.load()),
    "live_maps.safetensors": (live_maps, lambda _: live_maps.load.__wrapped__()),
    "style_gauge.safetensors": (style_measure, lambda _: style_measure._gauges.__wrapped__()),
    "style_statistics.safetensors": (style_statistics, lambda _: style_statistics.open_statistics.__wrapped__()),
}


@pytest.mark.parametrize("name", LATER)
def test_what_is_loaded_later_is_no_other_file(copied: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    weights, (module, load) = copied / "models" / "weights" / name, LOADERS[name]
    whole = weights.read_bytes()
    monkeypatch.setattr(module, "WEIGHTS", weights)
    load(weights)
    _swapped(weights)
    try:
        with pytest.raises(WeightCardError, match="SHA-256"):
            load(weights)
    finally:
        weights.write_bytes(whole)


def test_weights_without_a_card_or_without_a_file_are_refused(copied: Path, tmp_path: Path) -> None:
    weights = Path(shutil.copy(copied / "models" / "weights" / SHIPPED[0], tmp_path))
    with pytest.raises(WeightCardError, match="card"):
        checked(weights)
    weights.with_suffix(".md").write_text("# A card without a hash")
    with pytest.raises(WeightCardError, match="records no SHA-256"):
        checked(weights)
    weights.with_suffix(".md").write_text(f"- **SHA-256**: `{'0' * 64}`")
    weights.unlink()
    with pytest.raises(WeightCardError, match="cannot be read"):
        checked(weights)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_no_pickle_among_a_models_files_is_executed(
    kind: str, wrapping: str, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users' own models come as pickles: their numbers are read by a reader that can call nothing."""
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))
    bomb = _bombs(mark)[wrapping]
    for names in KINDS[kind].file_sets:
        files = [tmp_path / name for name in names]
        for file in files:
            file.write_bytes(b"{}" if file.suffix == ".json" else bomb)
        with pytest.raises(ModelStoreError):
            add(kind, files)
    assert not mark.exists() and state(kind) == "missing"


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_added_model_is_used_only_while_it_is_what_was_added(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path))
    stored = tmp_path / "models" / "r-net.safetensors"
    stored.parent.mkdir()
    save_file({"weight": torch.arange(9.0)}, stored)
    stored.with_suffix(".json").write_text(json.dumps({"sha256": hashlib.sha256(stored.read_bytes()).hexdigest()}))
    assert installed("r-net") == stored
    DAMAGES[damage](stored)
    with pytest.raises(ModelStoreError, match="damaged"):
        installed("r-net")


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("ending", [".npz", ".json"])
def test_a_style_file_executes_nothing(wrapping: str, ending: str, mark: Path, tmp_path: Path) -> None:
    path = tmp_path / f"style{ending}"
    path.write_bytes(_bombs(mark)[wrapping])
    with pytest.raises(StyleFileError):
        load_style(path)
    assert not mark.exists()


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_pickles_handed_to_the_server_are_never_executed(
    real: Real, wrapping: str, mark: Path, tmp_path: Path, voice: Path
) -> None:
    for name, code in (("clip.npz", "bad_video"), ("clip.pkl", "bad_video"), ("clip.safetensors", "bad_video")):
        (tmp_path / name).write_bytes(_bombs(mark)[wrapping])
        asked = {"kind": "measure", "video": {"upload": "clip"}, "name": "nobody"}
        job = real.wait(real.post(asked, clip=tmp_path / name).json())
        assert (job["state"], job["error"]["code"]) == ("failed", code), job
    (tmp_path / "bomb.npz").write_bytes(_bombs(mark)[wrapping])
    assert real.wait(real.animate(tmp_path / "bomb.npz"))["error"]["code"] == "bad_audio"
    asked = {"kind": "animate", "audio": {"upload": "voice"}, "image": {"upload": "photo"}}
    job = real.wait(real.post(asked, voice=voice, photo=tmp_path / "bomb.npz").json())
    assert job["error"]["code"] == "bad_image"
    assert not mark.exists()
