"""What `style-avatar models` says to people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from backend import cli, model_store
from backend.model_kinds import KINDS
from backend.model_report import WIDTH
from backend.shipped_models import listing


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STYLE_AVATAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def report(capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert cli.main(["models"]) == 0
    return capsys.readouterr().out.splitlines()


def add_standard_face(folder: Path) -> dict[str, object]:
    savemat(folder / "points.mat", {"lm": np.random.default_rng(0).normal(size=(68, 3)).astype(np.float32)})
    return model_store.add("standard-face", [folder / "points.mat"])


def test_a_missing_model_is_told_with_files_addresses_licences_and_commands(capsys: pytest.CaptureFixture[str]) -> None:
    shown = report(capsys)
    for kind, model in KINDS.items():
        start = next(number for number, line in enumerate(shown) if line.startswith(f"{kind}: MISSING - "))
        block = shown[start : shown.index("", start) if "" in shown[start:] else None]
        for origin in model.origins:
            assert f"      {origin.address}" in block
            assert any(line.startswith("  " + origin.files[0]) for line in block)
        assert sum("licence:" in line for line in block) == len(model.origins)
        commands = [line[6:] for line in block if line.startswith(("  add ", "  or  "))]
        assert commands == [f"style-avatar models add {kind} {' '.join(names)}" for names in model.file_sets]


def test_every_file_of_a_command_has_an_origin() -> None:
    for model in KINDS.values():
        described = {file for origin in model.origins for file in origin.files}
        wanted = {file for names in model.file_sets for file in names} | ({model.optional} if model.optional else set())
        assert wanted <= described


def test_an_installed_model_is_told_with_its_hash_and_what_it_was_made_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = add_standard_face(tmp_path)
    shown = report(capsys)
    assert shown[0].endswith(f"1 of {len(KINDS)} installed in")
    start = shown.index("standard-face: installed - where the landmarks of an aligned photo lie")
    assert shown[start + 1 : start + 3] == [f"  sha256 {card['sha256']}", "  made from points.mat"]
    assert start < next(number for number, line in enumerate(shown) if "MISSING" in line)


def test_a_damaged_model_is_told_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_standard_face(tmp_path)
    path = model_store.installed("standard-face")
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    shown = report(capsys)
    assert any(line.startswith("standard-face: DAMAGED") for line in shown)
    assert shown[0].endswith(f"0 of {len(KINDS)} installed in")


def test_the_report_fits_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    folder, *rest = report(capsys)[1:]
    assert folder == str(model_store.home() / "models")  # never broken, so that it can be copied
    assert max(map(len, rest)) <= WIDTH


def test_what_ships_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    shown = report(capsys)
    start = shown.index("Shipped with Style Avatar:")
    assert "  motion: Learned motion; Apache-2.0, with attribution of the data as above." in shown[start:]
    for name in listing():
        assert any(line.startswith(f"  {name}: ") for line in shown[start:])


def test_json_holds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = add_standard_face(tmp_path)
    assert cli.main(["models", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    models = told["models"]
    assert {one["state"] for one in told["shipped"].values()} == {"installed"}
    assert models["standard-face"]["sha256"] == card["sha256"]
    assert "sha256" not in models["r-net"]
    assert models["deepspeech"]["files"][0]["licence"] == "MPL-2.0"
