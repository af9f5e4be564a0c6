"""Measure a style on a video (no bpy)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..connection.client import Backend
from ..report import LOG
from ..trouble import ClientError, Trouble
from .asked import existing
from .run import Run, Snapshot


class Measure:
    """A measure job; when it is done, `document` holds the style, or `trouble` why there is none.

    scene: name of the scene that wants it.
    """

    def __init__(self, backend: Backend, video: Path, name: str, folder: Path, scene: str = "") -> None:
        self.name, self.scene = name, scene
        self.document: dict[str, Any] | None = None
        self.trouble: Trouble | None = None
        self.run: Run | None = None
        try:
            existing(video, "video")
        except ClientError as error:
            self.trouble = error.trouble
            return
        request = {"kind": "measure", "video": {"upload": "video"}, "name": name}
        self.run = Run(backend, request, {"video": video}, folder)

    @property
    def snapshot(self) -> Snapshot:
        """How the job is."""
        return self.run.snapshot() if self.run is not None else Snapshot(state="failed", error=self.trouble)

    def tick(self) -> bool:
        """Whether it has ended."""
        snapshot = self.snapshot
        if snapshot.state == "done":
            document = snapshot.result.get("style")
            if isinstance(document, dict):
                self.document = document
            else:
                self.trouble = Trouble("bad_answer", "The backend sent no style.", "Press Copy report.")
        elif snapshot.state == "failed":
            self.trouble = snapshot.error
        if snapshot.finished and self.trouble is not None:
            LOG.trouble("measure", self.trouble)
        return snapshot.finished

    def cancel(self) -> None:
        """Give up."""
        if self.run is not None:
            self.run.cancel()
