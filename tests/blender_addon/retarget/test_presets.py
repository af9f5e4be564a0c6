"""Presets come back as they were; nothing is overwritten and nothing damaged is believed."""

import json
from pathlib import Path

import pytest

from blender_addon.retarget import presets
from blender_addon.retarget.mapping import Row
from blender_addon.retarget.presets import PresetError

ROWS = [Row("jawOpen", "Kiefer auf", gain=0.8, offset=0.1), Row("head", "kopf", "BONE", on=False)]


def test_a_preset_comes_back(tmp_path: Path) -> None:
    presets.save(tmp_path, "Anna", ROWS)
    presets.save(tmp_path, "Бен 2", ROWS[:1])
    assert presets.saved(tmp_path) == ["Anna", "Бен 2"]
    assert presets.load(tmp_path, "Anna") == ROWS


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    presets.save(tmp_path, "Anna", ROWS)
    with pytest.raises(PresetError, match="already"):
        presets.save(tmp_path, "Anna", [])
    presets.save(tmp_path, "Ben", [])
    with pytest.raises(PresetError, match="already"):
        presets.rename(tmp_path, "Ben", "Anna")
    assert presets.load(tmp_path, "Anna") == ROWS
    presets.save(tmp_path, "Anna", [], replace=True)
    assert presets.load(tmp_path, "Anna") == []


def test_rename_and_delete(tmp_path: Path) -> None:
    presets.save(tmp_path, "Anna", ROWS)
    presets.rename(tmp_path, "Anna", "Annika")
    assert presets.saved(tmp_path) == ["Annika"]
    presets.delete(tmp_path, "Annika")
    assert presets.saved(tmp_path) == []
    for gone in (presets.delete, presets.load):
        with pytest.raises(PresetError, match="no preset"):
            gone(tmp_path, "Annika")


@pytest.mark.parametrize("name", ["", "  ", "../x", "a/b", "a\\b", ".hidden", "c:x", "x" * 81, "a\nb"])
def test_names_that_are_no_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(PresetError, match="Choose a name"):
        presets.save(tmp_path, name, ROWS)


BAD_ROWS = [
    {"channel": "nonsense"},
    {"gain": "much"},
    {"gain": True},
    {"gain": float("inf")},
    {"kind": "CAMERA"},
    {"on": 1},
    {"extra": 1},
]


@pytest.mark.parametrize("change", BAD_ROWS)
def test_damaged_rows_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = presets.save(tmp_path, "Anna", ROWS)
    document = json.loads(path.read_text())
    document["rows"][0] |= change
    path.write_text(json.dumps(document))
    with pytest.raises(PresetError, match="damaged"):
        presets.load(tmp_path, "Anna")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "other"}', "[" * 5000])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "Anna.json").write_text(text)
    with pytest.raises(PresetError):
        presets.load(tmp_path, "Anna")


def test_rows_for_another_character_are_left_out() -> None:
    kept, gone = presets.fitted(ROWS, {"SHAPE": ["other"], "BONE": ["kopf"], "OBJECT": []})
    assert kept == ROWS[1:] and gone == ["Kiefer auf"]
