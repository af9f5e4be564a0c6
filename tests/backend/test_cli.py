import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backend import cli, delivery
from backend.delivery import FORMATS, Request


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests that reach the pipeline, which itself is left out."""
    seen: list[Request] = []

    def produce(request: Request, progress: Any) -> dict[str, Any]:
        seen.append(request)
        progress("speech", 1, 1)
        return {"take": str(request.out / "take.npz"), "seconds": 1.0}

    monkeypatch.setattr(delivery, "produce", produce)
    return seen


def test_animate_hands_over_what_was_asked(requests: list[Request], tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("what is said", encoding="utf-8")
    command = ["animate", "--audio", "v.wav", "--image", "p.jpg", "--transcript", str(words), "--style", "calm"]
    assert cli.main([*command, "--seed", "7", "--fps", "29.97", "--formats", "mp4,blend", "--out", "o", "--quiet"]) == 0
    (request,) = requests
    assert (request.audio, request.image, request.out) == (Path("v.wav"), Path("p.jpg"), Path("o"))
    assert (request.transcript, request.style, request.seed) == ("what is said", "calm", 7)
    assert request.scene_fps == pytest.approx(30000 / 1001)
    assert request.formats == {"mp4", "blend"}
    assert (request.landmarks, request.allow_download) == ("mediapipe", False)


def test_json_writes_progress_to_stderr_and_the_result_to_stdout(
    requests: list[Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["animate", "--audio", "v.wav", "--out", "o", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["seconds"] == 1.0
    assert json.loads(said.err) == {"stage": "speech", "done": 1, "total": 1}
    assert requests[0].formats == FORMATS


def test_demo_takes_the_bundled_voice_and_writes_its_photo(requests: list[Request], tmp_path: Path) -> None:
    assert cli.main(["demo", "--out", str(tmp_path), "--quiet"]) == 0
    (request,) = requests
    assert request.audio.is_file() and request.transcript and "Peter Piper" in request.transcript
    assert request.image == tmp_path / "photo.png" and request.image.is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fps", "0"], "--fps"),
        (["--fps", "fast"], "'fast'"),
        (["--formats", "gif"], "does not know gif"),
        (["--transcript", "missing.txt"], "missing.txt"),
    ],
)
def test_bad_options_are_one_sentence_and_exit_code_1(
    words: list[str], said: str, requests: list[Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["animate", "--audio", "v.wav", "--out", "o", "--quiet", *words]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not requests


def test_a_missing_command_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([])
    assert stopped.value.code == 2


def test_styles_lists_every_style(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["styles"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("calm", "energetic", "mumbling", "over-articulated"))


@pytest.mark.parametrize(("text", "rate"), [("24", 24.0), ("23.976", 24000 / 1001), ("30", 30.0), ("12.5", 12.5)])
def test_rates_near_ntsc_mean_ntsc(text: str, rate: float) -> None:
    assert cli.parse_fps(text) == pytest.approx(rate, abs=1e-9)


def test_every_command_can_be_made_quiet_or_json() -> None:
    parser = cli.build_parser()
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for command in commands.choices.values():
        assert {"--quiet", "--json"} <= set(command._option_string_actions)


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = [sys.executable, "-m", "backend.cli", "styles"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
