import threading
from pathlib import Path

import pytest

from blender_addon import report
from blender_addon.report import CAPACITY, Log, report_text, without_home
from blender_addon.trouble import Trouble

TRANSCRIPT = "The quick brown fox jumps over\nthe lazy dog, twice."


def test_the_report_holds_what_helps() -> None:
    log = Log()
    log.add("backend", "first line\nsecond line")
    log.trouble("run", Trouble("bad_audio", "The voice cannot be read.", "Choose another.", "codec x\nat byte 7"))
    text = report_text({"blender": "5.2.0", "state": "ready"}, log)
    for part in (
        "blender: 5.2.0",
        "state: ready",
        "system: ",
        "python: ",
        "backend: first line",
        "backend: second line",
    ):
        assert part in text
    assert "Last error: run [bad_audio] The voice cannot be read. Choose another.\ncodec x\nat byte 7" in text
    assert text.index("first line") < text.index("second line")


def test_an_empty_report_is_one() -> None:
    text = report_text({}, Log())
    assert "Last error: none" in text
    assert "(empty)" in text


def test_only_the_last_lines_are_kept() -> None:
    log = Log()
    log.add("backend", "\n".join(f"line {index}" for index in range(CAPACITY + 50)))
    assert len(log.lines(10**6)) == CAPACITY
    assert [line.partition(" ")[2] for line in log.lines(2)] == ["backend: line 2048", "backend: line 2049"]
    assert len(log.lines()) == report.REPORTED


def test_the_token_is_nowhere() -> None:
    log, token = Log(), "s3cret-t0ken"
    log.add("backend", f"Authorization: Bearer {token}")
    log.hide(token)
    log.trouble("run", Trouble("internal", f"{token}!", "", f"header {token}"))
    text = report_text({"token": token}, log)
    assert token not in text
    assert "Authorization: Bearer <hidden>" in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/home/anna/voice.wav", "~/voice.wav"),
        ("in '/home/anna'", "in '~'"),
        ("/home/annabelle/voice.wav", "/home/annabelle/voice.wav"),
        ("/mnt/disk/anna/voice.wav", "/mnt/disk/<user>/voice.wav"),
        ("D:\\Users\\Anna\\voice.wav", "D:\\Users\\<user>\\voice.wav"),
        ("anna said so", "anna said so"),
    ],
)
def test_the_home_folder_is_nowhere(before: str, after: str) -> None:
    assert without_home(before, Path("/home/anna")) == after


def test_a_real_home_is_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "somebody"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    log = Log()
    log.add("backend", f"reading {home / 'Documents' / 'voice.wav'}")
    text = report_text({"environment": home / ".venv"}, log)
    assert "somebody" not in text
    assert "environment: ~" in text


@pytest.mark.parametrize(
    "line",
    [
        f"request: {TRANSCRIPT!r}",
        "ValueError: 'quick brown fox' does not fit",
        'words ["THE", "LAZY", "DOG"]',
    ],
)
def test_the_transcript_is_nowhere(line: str) -> None:
    log = Log()
    log.hide_transcript(TRANSCRIPT)
    log.add("backend", line)
    text = " ".join(log.lines()).casefold()
    assert not any(word in text for word in ("quick", "brown", "fox", "lazy", "dog"))


def test_other_words_stay() -> None:
    log = Log()
    log.hide_transcript(TRANSCRIPT)
    log.hide_transcript("")
    log.add("backend", "the fox is a renderer, the dog a worker")
    assert log.lines()[0].endswith("backend: the fox is a renderer, the dog a worker")


def test_an_error_that_may_quote_the_transcript_is_left_out() -> None:
    log = Log()
    log.trouble("run", Trouble("bad_transcript", "Nobody can say 'Xyzzyx'.", "Write it otherwise.", "Xyzzyx"))
    assert "Xyzzyx" not in report_text({}, log)


def test_threads_may_write_at_once() -> None:
    log = Log(capacity=10_000)
    threads = [threading.Thread(target=log.add, args=("x", "line\n" * 500)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.lines(10_000)) == 2000
