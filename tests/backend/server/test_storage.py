"""Folders, the cache and what stays warm."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from backend.server.cache import Cache, Result, key_of
from backend.server.folders import Folders, take_slot
from backend.server.intake import safe_name
from backend.server.remains import ABANDONED
from backend.server.warm import Warm


def test_two_servers_never_share_a_slot_and_the_lowest_is_taken_again(tmp_path: Path) -> None:
    first, second = take_slot(tmp_path), take_slot(tmp_path)
    assert (first.slot.name, second.slot.name) == ("slot-0", "slot-1")
    first.lock.release()
    third = take_slot(tmp_path)
    assert third.slot.name == "slot-0" and third.cache == second.cache
    for folders in (second, third):
        folders.lock.release()
    if os.name == "posix":
        assert third.slot.stat().st_mode & 0o077 == 0


def test_a_start_clears_half_uploads_and_unknown_jobs_only(tmp_path: Path) -> None:
    folders = take_slot(tmp_path)
    (folders.temporary / "half").write_bytes(b"")
    for name in ("known", "unknown"):
        folders.inputs(name).mkdir(parents=True)
    folders.tidy({"known"})
    assert [path.name for path in (folders.slot / "jobs").iterdir()] == ["known"]
    assert list(folders.temporary.iterdir()) == []
    folders.lock.release()


def _half_written(folders: Folders) -> dict[str, Path]:
    """Remains of every kind in one server's folders."""
    found = {
        "result": folders.results("known") / ".take.npz.4711.part",
        "frames": folders.job("known") / ".frames.npy.4711.part",
        "reserve": folders.slot / ".reserve.4711.part",
        "geometry": folders.geometry / f".{'a' * 64}.npz.4711.part",
        "runtime": folders.run / ".4711.json.4711.part",
    }
    for path in found.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    found["entry"] = folders.cache / f".{'b' * 64}.{'c' * 32}"
    found["entry"].mkdir()
    (found["entry"] / "take.npz").write_bytes(b"half")
    return found


def test_a_start_removes_what_killed_writers_left(tmp_path: Path) -> None:
    folders = take_slot(tmp_path)
    remains = _half_written(folders)
    kept = [
        folders.results("known") / "take.npz",
        folders.cache / ("b" * 64) / "take.npz",
        folders.slot / "queue.sqlite",
    ]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"whole")
    for name in ("geometry", "runtime", "entry"):
        os.utime(remains[name], (0, time.time() - ABANDONED - 60))
    folders.tidy({"known"})
    assert [name for name, path in remains.items() if path.exists()] == []
    assert all(path.read_bytes() == b"whole" for path in kept)
    folders.lock.release()


def test_a_start_leaves_alone_what_another_server_is_writing(tmp_path: Path) -> None:
    other, own = take_slot(tmp_path), take_slot(tmp_path)
    being_written = _half_written(other)
    for name in ("result", "frames", "reserve"):  # in its own slot however long ago
        os.utime(being_written[name], (0, 0))
    own.tidy(set())
    assert [name for name, path in being_written.items() if not path.exists()] == []
    for folders in (other, own):
        folders.lock.release()


def test_a_start_removes_nothing_that_only_looks_alike(tmp_path: Path) -> None:
    folders = take_slot(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_bytes(b"mine")
    alike = [
        folders.cache / ".part",
        folders.cache / ".notes.part",
        folders.geometry / "a.1.part",
        tmp_path / ".a.1.part",
    ]
    for path in alike:
        path.write_bytes(b"mine")
        os.utime(path, (0, 0))
    link = folders.cache / f".{'d' * 64}.{'e' * 32}"
    link.symlink_to(outside, target_is_directory=True)
    os.utime(link, (0, 0), follow_symlinks=False)
    folders.tidy(set())
    assert all(path.exists() for path in alike)
    assert (outside / "mine").read_bytes() == b"mine" and not link.is_symlink()
    folders.lock.release()


def test_a_start_drops_what_jobs_that_have_ended_needed(tmp_path: Path) -> None:
    folders = take_slot(tmp_path)
    for job in ("ended", "queued"):
        (folders.inputs(job) / "audio").mkdir(parents=True)
        folders.results(job).mkdir()
    folders.tidy({"ended", "queued"}, ["ended"])
    assert sorted(path.name for path in folders.job("ended").iterdir()) == ["results"]
    assert sorted(path.name for path in folders.job("queued").iterdir()) == ["inputs", "results"]
    folders.lock.release()


def _result(folder: Path, content: bytes) -> Result:
    folder.mkdir(exist_ok=True)
    (folder / "take.npz").write_bytes(content)
    return Result({"seconds": 1.0}, [{"name": "take.npz", "bytes": len(content), "sha256": "0"}])


def test_a_cached_result_comes_back_whole_or_not_at_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    result = _result(tmp_path / "made", b"take")
    cache.store("a", result, tmp_path / "made")
    assert cache.fetch("a", tmp_path / "out") == result
    assert (tmp_path / "out" / "take.npz").read_bytes() == b"take"
    assert cache.fetch("b", tmp_path / "out") is None
    (tmp_path / "cache" / "a" / "take.npz").unlink()
    assert cache.fetch("a", tmp_path / "other") is None
    (tmp_path / "cache" / "a" / "result.json").write_text("{half")
    assert cache.fetch("a", tmp_path / "other") is None


def test_the_cache_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", limit=1100)
    (tmp_path / "cache").mkdir()
    for age, key in enumerate("abc"):
        cache.store(key, _result(tmp_path / key, bytes(200)), tmp_path / key)
        if (entry := tmp_path / "cache" / key).exists():
            os.utime(entry, (1000 + age, 1000 + age))
    assert cache.fetch("a", tmp_path / "out") is not None  # used now
    cache.store("d", _result(tmp_path / "d", bytes(200)), tmp_path / "d")
    kept = {entry.name for entry in (tmp_path / "cache").iterdir()}
    assert "b" not in kept and {"a", "d"} <= kept
    assert (tmp_path / "b" / "take.npz").exists()  # the job's own file stays


def test_anything_that_changes_the_result_changes_the_key() -> None:
    request, inputs = {"style": "calm", "seed": 0}, {"audio": {"file": "a.wav", "sha256": "1"}}
    keys = {
        key_of(request, inputs, "v1"),
        key_of({**request, "seed": 1}, inputs, "v1"),
        key_of(request, {"audio": {"file": "a.wav", "sha256": "2"}}, "v1"),
        key_of(request, inputs, "v2"),
    }
    assert len(keys) == 4
    assert key_of({"seed": 0, "style": "calm"}, inputs, "v1") in keys  # whatever the order of the fields


def test_what_is_warm_stays_below_its_limit_and_is_made_once() -> None:
    made: list[str] = []
    warm: Warm[str] = Warm(10, len)

    def make(text: str) -> str:
        made.append(text)
        return text

    for text in ("aaaa", "bbbb", "aaaa", "cccc", "aaaa", "bbbb"):
        assert warm.get(text, lambda text=text: make(text)) == text  # type: ignore[misc]
    assert made == ["aaaa", "bbbb", "cccc", "bbbb"]
    warm.get("x" * 11, lambda: make("x" * 11))
    assert len(warm) == 0  # too large to keep, and nothing is left beside it


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("voice.wav", "voice.wav"),
        ("C:\\users\\me\\voice.wav", "voice.wav"),
        ("../../etc/passwd", "passwd"),
        ("..", "audio"),
        ("", "audio"),
        (None, "audio"),
        ("Stimme für Anna (2).wav", "Stimme für Anna (2).wav"),
        ("a\x00b\n;rm.wav", "a_b__rm.wav"),
        (".hidden", "hidden"),
        ("x" * 500 + ".wav", "x" * 100 + ".wav"),
        ("声" * 500 + ".wav", "声" * 33 + ".wav"),
    ],
)
def test_file_names_are_made_harmless(given: str | None, safe: str) -> None:
    assert safe_name(given, "audio") == safe
