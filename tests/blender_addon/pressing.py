"""Pressing the add-on's buttons with a backend that is ready and jobs that the test moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blender_addon.jobs.snapshot import Snapshot


class FakeRun:
    """A job whose snapshots the test sets."""

    last: FakeRun

    def __init__(self, backend: Any, request: Any, files: Any, folder: Path, heads: Path | None = None) -> None:
        self.request, self.files = request, files
        self.now = Snapshot(state="running", stage="Moving the face")
        FakeRun.last = self

    def snapshot(self) -> Snapshot:
        return self.now

    def cancel(self) -> None:
        self.now = Snapshot(state="cancelled")


class FakeHost:
    """A backend that is ready."""

    def start(self) -> None: ...

    def stop(self, wait: bool = False) -> None: ...

    def state(self) -> Any:
        from blender_addon.hosting.status import Status

        return Status("ready", "The backend is ready.", version="0.1.0", device="fake", device_kind="cpu")

    def backend(self) -> Any:
        return self

    def styles(self) -> dict[str, Any]:
        return {"styles": [{"name": "neutral", "description": "even"}, {"name": "calm", "description": "quiet"}]}


def ticks(session: Any, until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        session.tick()
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def press(blender: Any, session: Any) -> FakeRun:
    assert blender.ops.style_avatar.animate() == {"FINISHED"}
    ticks(session, lambda: session.work is None or session.work.run is not None)
    return FakeRun.last


def press_and_get(blender: Any, session: Any, delivered: Snapshot) -> Any:
    press(blender, session).now = delivered
    ticks(session, lambda: session.work is None)
    assert session.trouble is None
    return blender.data.objects[session.note]
