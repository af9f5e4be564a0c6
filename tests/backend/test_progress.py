import json

import pytest

from backend.progress import JsonProgress, TerminalProgress


def test_json_progress_writes_one_object_per_report(capsys: pytest.CaptureFixture[str]) -> None:
    with JsonProgress() as progress:
        progress("speech", 1, 4)
        progress("speech", 4, 4)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines == [{"stage": "speech", "done": 1, "total": 4}, {"stage": "speech", "done": 4, "total": 4}]


def test_terminal_progress_shows_each_stage_and_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress() as progress:
        progress("speech", 2, 4)
        progress("speech", 4, 4)
        progress("motion", 1, 1)
    shown = capsys.readouterr().err
    assert "speech" in shown and "4/4" in shown and "motion" in shown
