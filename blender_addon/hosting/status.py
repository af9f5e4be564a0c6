"""How the backend is, for the panel (no bpy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Status:
    """How the backend is.

    state: "off" (not started), "starting", "ready", "stopped" (by us, or it ended well), "failed".
    sentence, advice: for the artist; details: for the report; code: for programs.
    version, device (its name), device_kind ("cpu", "cuda"), worker, queued: as the backend says; "" and 0 until it has.
    """

    state: str
    sentence: str
    advice: str = ""
    details: str = ""
    code: str = ""
    version: str = ""
    device: str = ""
    device_kind: str = ""
    worker: str = ""
    queued: int = 0

    @property
    def line(self) -> str:
        """One line for the panel."""
        if self.state != "ready" or self.code or not self.version:  # a code: it does not answer
            return self.sentence
        kind = {"cuda": "GPU", "cpu": "CPU"}.get(self.device_kind, self.device_kind)
        return f"Style Avatar {self.version} on {self.device or kind} ({kind}), {self.worker or 'ready'}"


OFF: Final = Status("off", "The backend is not running.")
STOPPED: Final = Status("stopped", "The backend is stopped.")


def status_of(document: dict[str, Any], ready: bool) -> Status:
    """A status from the backend's own answer."""
    device = document.get("device")
    device = device if isinstance(device, dict) else {}
    queued, worker = document.get("queued"), str(document.get("worker", ""))
    sentence = "The backend is ready." if ready else "The backend is loading its models."
    if ready and not document.get("ready"):
        sentence = "The backend is starting its worker again."
    return Status(
        "ready" if ready else "starting",
        sentence,
        version=str(document.get("version", "")),
        device=str(device.get("name", "")),
        device_kind=str(device.get("kind", "")),
        worker=worker,
        queued=queued if type(queued) is int else 0,
    )
