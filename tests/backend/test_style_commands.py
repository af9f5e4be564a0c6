import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend import cli
from backend.style import measure
from models.face import open_head
from models.motion.style_choice import builtin
from models.motion.style_document import Measure, StyleDocument
from models.motion.style_file import load, save
from models.motion.style_statistics import denormalised
from models.motion.styles import STYLES


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints with --json."""
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", [["style"], ["style", "list"], ["styles"]])
def test_every_way_of_listing_names_the_presets(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert set(said(capsys, *words)["styles"]) == set(STYLES)


def test_show_gives_the_whole_document_as_json_and_what_matters_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "style", "show", "shy")["parameters"]["aversion"] == 0.7
    assert cli.main(["style", "show", "calm:0.5+shy:0.5"]) == 0
    shown = capsys.readouterr().out
    assert "50% calm, 50% shy" in shown and "head" in shown and "format" not in shown


def test_a_measured_code_is_shown_in_deviations_from_the_average_speaker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = np.zeros(135)
    code[open_head.load().expression_names.index("jawOpen")] = 2.5
    raw = Measure(denormalised(code), np.zeros(64, np.float32), np.zeros(3, np.float32), "open_head")
    for name, measured in (("open.json", raw), ("other.json", replace(raw, face_model="another"))):
        save(StyleDocument(STYLES["calm"], measure=measured), tmp_path / name)
    assert cli.main(["style", "show", str(tmp_path / "open.json")]) == 0
    shown = capsys.readouterr().out
    assert "unlike the average speaker" in shown and "jawOpen +2.5" in shown
    assert cli.main(["style", "show", str(tmp_path / "other.json")]) == 0
    assert "average" not in capsys.readouterr().out
    assert said(capsys, "style", "show", str(tmp_path / "open.json"))["measure"]["normalised"] is False


def test_a_mix_is_written_and_can_be_mixed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.json"
    assert cli.main(["style", "mix", "calm", "cheerful", "0.3", "-o", str(target), "--name", "mine"]) == 0
    assert load(target).name == "mine"
    assert load(target).style.jaw == pytest.approx(0.7 * STYLES["calm"].jaw + 0.3 * STYLES["cheerful"].jaw)
    capsys.readouterr()
    again = said(capsys, "style", "mix", str(target), "neutral", "0.5")
    assert again["parameters"]["jaw"] == pytest.approx((load(target).style.jaw + 1) / 2)


def test_measure_writes_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(clip: Path, *, name: str, progress: Any) -> Any:
        progress("face", 1, 1)
        return builtin("tired")

    monkeypatch.setattr(measure, "measure_style", measured)
    assert cli.main(["style", "measure", "clip.mp4", "-o", str(tmp_path / "me.npz"), "--quiet"]) == 0
    assert load(tmp_path / "me.npz").style == STYLES["tired"]
    assert "me.npz" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["style", "show", "loud"], "no style 'loud'"),
        (["style", "mix", "calm", "sad", "1.5"], "between 0 and 1"),
        (["style", "mix", "calm", "sad", "0.5", "-o", "me.txt"], "me.txt"),
        (["style", "measure", "none.mp4", "-o", "me.doc"], "me.doc"),
        (["style", "measure", "none.mp4", "-o", "me.npz"], "no file"),
        (["animate", "--audio", "v.wav", "--out", "o", "--slider", "lips"], "lips=0.5"),
        (["animate", "--audio", "v.wav", "--out", "o", "--slider", "ears=1"], "ears"),
        (["animate", "--audio", "v.wav", "--out", "o", "--slider", "jaw=3"], "between 0 and 2"),
        (["animate", "--audio", "v.wav", "--out", "o", "--slider", "jaw=1", "--slider", "jaw=2"], "once"),
        (["animate", "--audio", "v.wav", "--out", "o", "--family", "original", "--slider", "jaw=1"], "--slider"),
    ],
)
def test_mistakes_are_one_sentence(words: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "--quiet"]) == 1
    error = capsys.readouterr().err
    assert reason in error and error.count("\n") == 1


def test_sliders_and_style_files_reach_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend import delivery

    seen: list[delivery.Request] = []

    def produce(request: delivery.Request, progress: Any) -> dict[str, Any]:
        seen.append(request)
        return {}

    monkeypatch.setattr(delivery, "produce", produce)
    save(builtin("calm"), tmp_path / "me.npz")
    command = ["animate", "--audio", "v.wav", "--out", "o", "--quiet", "--style", f"{tmp_path}/me.npz"]
    assert cli.main([*command, "--slider", "lips=0.5", "--slider", "blinks=0"]) == 0
    assert seen[0].sliders == {"lips": 0.5, "blinks": 0.0} and seen[0].style.endswith("me.npz")
