"""The worker's loop in this process, over pipes, with a workshop that fails as asked."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.media import AudioError
from backend.server import work
from backend.server.errors import problem_of
from backend.server.worker import Worker


class Stub:
    """A workshop; the transcript says what happens."""

    def animate(self, order: work.Order, progress: Any, frames_ready: Any) -> dict[str, Any]:
        progress("speech", 0, 1000)
        match order.request["transcript"]:
            case "memory":
                raise MemoryError
            case "torch":
                raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")
            case "onednn":
                raise RuntimeError("could not create a primitive")
            case "cuda":
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
            case "disk":
                raise OSError(28, "No space left on device")
            case "audio":
                raise AudioError(f"{order.input('audio')} has no audio stream; give a file with sound")
            case "steps":
                for done in range(1, 1001):
                    progress("speech", done, 1000)
        (order.results / "take.npz").write_bytes(b"take")
        (order.results / ".take.npz.1.part").write_bytes(b"half")
        return {"seconds": 1.0}


def _do(tmp_path: Path, transcript: str) -> list[dict[str, Any]]:
    reports = io.BytesIO()
    message = {
        "do": "job",
        "id": "j",
        "request": {"kind": "animate", "transcript": transcript},
        "inputs": {"audio": {"file": "my voice.wav", "sha256": "0"}},
        "inputs_folder": str(tmp_path / "inputs"),
        "results": str(tmp_path / "results"),
        "frames": str(tmp_path / "frames.npy"),
    }
    Worker(io.BytesIO(), reports)._do(Stub(), message)  # type: ignore[arg-type]
    return [json.loads(line) for line in reports.getvalue().splitlines()]


@pytest.mark.parametrize("kind", ["memory", "torch", "onednn", "cuda"])
def test_running_out_of_memory_fails_the_job_with_advice(tmp_path: Path, kind: str) -> None:
    said = _do(tmp_path, kind)
    assert (said[-1]["say"], said[-1]["problem"]["code"]) == ("failed", "out_of_memory")
    assert "shorter" in said[-1]["problem"]["advice"]


def test_a_full_disk_and_bad_sound_have_their_own_codes(tmp_path: Path) -> None:
    assert _do(tmp_path, "disk")[-1]["problem"]["code"] == "disk_full"
    problem = _do(tmp_path, "audio")[-1]["problem"]
    assert problem["code"] == "bad_audio"
    assert problem["message"] == "my voice.wav has no audio stream." and problem["advice"] == "Give a file with sound."


def test_a_done_job_lists_whole_files_only(tmp_path: Path) -> None:
    said = _do(tmp_path, "fine")
    assert [file["name"] for file in said[-1]["files"]] == ["take.npz"]


def test_a_fast_stage_is_reported_as_often_as_can_be_seen(tmp_path: Path) -> None:
    said = _do(tmp_path, "steps")
    steps = [report["done"] for report in said if report["say"] == "progress"]
    assert steps[0] == 0 and steps[-1] == 1000 and len(steps) < 200


def test_a_cancelled_job_stops_at_its_next_step(tmp_path: Path) -> None:
    orders = io.BytesIO(b"")
    worker = Worker(orders, reports := io.BytesIO())
    worker._cancelled.add("j")
    order = {"do": "job", "id": "j", "request": {"kind": "animate", "transcript": "fine"}, "inputs": {}}
    folders = {name: str(tmp_path / name) for name in ("inputs_folder", "results", "frames")}
    worker._do(Stub(), {**order, **folders})  # type: ignore[arg-type]
    assert json.loads(reports.getvalue()) == {"say": "cancelled", "id": "j"}
    assert list((tmp_path / "results").iterdir()) == [] and not worker._cancelled


def test_unknown_errors_are_told_as_what_they_are() -> None:
    problem = problem_of(ZeroDivisionError("division by zero"), "trace")
    assert problem.code == "internal" and "division by zero" in problem.message and problem.details == "trace"
    assert "package" in problem_of(ModuleNotFoundError("No module named 'av'")).message
