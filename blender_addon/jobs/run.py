"""One job from the pressed button to files on disk, in a thread of its own (no bpy).

The panel asks `snapshot()` as often as it likes; nothing here waits for the backend in Blender's own thread, and
nothing raises into it.
"""

from __future__ import annotations

import re
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..connection.answers import TERMINAL, bad, face_model_hash, reason_of
from ..connection.client import Backend, Event
from ..report import LOG, Log
from ..trouble import BackendGone, BadAnswer, ClientError, Trouble
from .snapshot import Snapshot, joined
from .stages import STAGE_LABELS, Gauge

__all__ = ["STAGE_LABELS", "Run", "Snapshot"]

DOWNLOAD_TRIES: Final = 3
CANCEL_TIMEOUT: Final = 3.0  # seconds the backend has to confirm; the artist does not wait for it
MUCH: Final = 1.3  # times the frames so far; all fetches together then are at most 1 / (1 - 1 / MUCH) of the take
HEAD: Final = "head.npz"


class _Cancelled(Exception):
    """The artist does not want it any more."""


class Run:
    """A job that is sent, followed and fetched; the thread starts at once.

    request: as the backend wants it (do not change it afterwards); files: what its uploads name (part name → path);
    folder: where the results go; heads: where geometries of face models are kept by hash (None: `folder`);
    job_id: follow this job, which the backend already has, instead of sending one.
    """

    def __init__(
        self,
        backend: Backend,
        request: Mapping[str, Any],
        files: Mapping[str, Path],
        folder: Path,
        *,
        heads: Path | None = None,
        job_id: str = "",
        log: Log = LOG,
    ) -> None:
        self._backend, self._request, self._files = backend.copy(), request, files  # `cancel` closes the copy
        self._folder, self._heads, self._log = Path(folder), Path(heads or folder), log
        self._gauge, self._written = Gauge(), list[Path]()
        self._snapshot = Snapshot(stage=self._gauge.label, job_id=job_id)
        self._lock = threading.Lock()
        self._cancelled, self._told = threading.Event(), False
        self._start(self._run)

    def snapshot(self) -> Snapshot:
        """How it stands; costs nothing."""
        snapshot = self._snapshot
        return snapshot if snapshot.finished else replace(snapshot, eta=self._gauge.eta())

    def cancel(self) -> None:
        """Give up: the snapshot says so at once, the backend is told in the background. Harmless when finished."""
        with self._lock:
            if self._snapshot.finished:
                return
            self._snapshot = replace(self._snapshot, state="cancelled", eta=None, position=None)
            self._cancelled.set()
        self._log.add("run", "cancelled by the artist")
        self._start(self._tell)

    def _start(self, work: Callable[[], None]) -> None:
        try:
            threading.Thread(target=work, name="style-avatar-run", daemon=True).start()
        except RuntimeError as error:
            self._fail(Trouble("internal", "No thread could be started.", "Restart Blender.", str(error)))

    def _tell(self) -> None:
        """Tell the backend once that the job is not wanted, and cut what the run still waits for."""
        with self._lock:
            job_id = "" if self._told else self._snapshot.job_id
            self._told = self._told or bool(job_id)
        if not job_id:
            return  # told, or on its way there: then `_run` tells when the backend has named it
        try:
            self._backend.copy(CANCEL_TIMEOUT).cancel(job_id)
        except Exception as error:
            self._log.add("run", f"the backend did not confirm the cancellation: {error!r}")
        self._backend.close()

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            self._log.hide_transcript(str(self._request.get("transcript") or ""))
            job = self._followed(self._sent())
            self._take_result(job)
            self._log.add("run", f"{self._snapshot.state} after {time.monotonic() - begun:.1f} s")
        except _Cancelled:
            self._tell()
            self._clear()
        except ClientError as error:
            self._fail(error.trouble)
        except Exception:
            self._fail(Trouble("internal", "The add-on made a mistake.", "Press Copy report.", traceback.format_exc()))

    def _sent(self) -> dict[str, Any]:
        if self._snapshot.job_id:
            job = self._backend.job(self._snapshot.job_id)
        else:
            job = self._backend.submit(self._request, self._files, self._moves("sending"))
        with self._lock:  # also for a run that was cancelled: `_tell` needs the name
            self._snapshot = replace(self._snapshot, job_id=job["id"])
        self._log.add("run", f"job {job['id']} is {job['state']}")
        self._require_wanted()
        return job

    def _followed(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job when it has ended."""
        self._take_job(job)
        if job["state"] in TERMINAL:
            return job
        for event in self._backend.events(job["id"]):
            self._require_wanted()
            if event.kind == "state":
                job = event.data
                self._take_job(job)
            elif event.kind == "progress":
                self._move(str(event.data.get("stage")), _count(event, "done"), _count(event, "total"))
            elif event.kind == "frames":
                self._fetch_frames(job["id"], _count(event, "first"), _count(event, "count"))
        return job

    def _take_job(self, job: Mapping[str, Any]) -> None:
        position, cached = job.get("position"), bool(job.get("cached"))
        if job["state"] == "queued":
            self._move("queued", 0, 1)
        elif job["state"] == "running" and self._snapshot.state != "running":
            self._move("starting", 0, 1)
        state = "fetching" if job["state"] in TERMINAL else job["state"]
        self._set(state=state, position=position if type(position) is int else None, cached=cached)

    def _fetch_frames(self, job_id: str, first: int, count: int) -> None:
        """Add the new frames; they are a preview only, so a failure is no reason to give up.

        With much that is new all are fetched: the backend knows the earlier ones better by now, and there is no seam.
        """
        have = self._snapshot.frames
        known = len(have.coefficients) if have else 0
        first = 0 if first + count >= MUCH * known else min(first, known)
        try:
            frames = joined(have, self._backend.frames(job_id, first))
        except ClientError as error:
            self._log.add("run", f"no provisional frames: {error!r}")
            return
        if frames is not None and len(frames.coefficients):
            self._set(frames=frames)

    def _take_result(self, job: Mapping[str, Any]) -> None:
        if job["state"] == "cancelled":
            self._set(state="cancelled", eta=None)
            return
        if job["state"] == "failed":
            raise _error_of(job)
        self._move("fetching", 0, 1)
        result, files = job.get("result") or {}, job.get("files") or []
        found: dict[str, Path] = {}
        for index, file in enumerate(files):
            found[file["name"]] = self._download(job["id"], file, self._moves("fetching", index, len(files)))
        if face_model := result.get("face_model"):
            found[HEAD] = self._geometry(face_model)
        self._move("fetching", 1, 1)
        self._set(state="done", eta=0.0, files=MappingProxyType(found), result=MappingProxyType(result))

    def _download(self, job_id: str, file: Mapping[str, Any], on_bytes: Callable[[int, int], None]) -> Path:
        path, sha256 = self._folder / file["name"], str(file.get("sha256") or "")
        self._tried(lambda: self._backend.download(job_id, file["name"], path, on_bytes, sha256))
        self._written.append(path)
        return path

    def _geometry(self, face_model: Any) -> Path:
        """The face model's geometry, from the folder of those that were fetched before or from the backend."""
        sha256 = str(face_model.get("sha256")) if isinstance(face_model, dict) else ""
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise bad("The backend does not say which face model the take is for.", face_model)
        path = self._heads / f"{sha256}.npz"
        if face_model_hash(path) != sha256:
            self._tried(lambda: self._backend.download_face_model(sha256, path, lambda *_: self._require_wanted()))
        return path

    def _tried(self, fetch: Callable[[], None]) -> None:
        """`fetch`, again when the connection broke off or the file was damaged on its way."""
        for left in reversed(range(DOWNLOAD_TRIES)):
            self._require_wanted()
            try:
                return fetch()
            except (BackendGone, BadAnswer) as error:
                if not left or self._cancelled.is_set():
                    raise
                self._log.add("run", f"fetching again: {error!r} {error.details}")

    def _moves(self, stage: str, index: int = 0, count: int = 1) -> Callable[[int, int], None]:
        """An `on_bytes` that moves the bar through part `index` of `count` of a stage."""

        def moved(done: int, total: int) -> None:
            self._require_wanted()
            self._move(stage, index * total + done, count * total)

        return moved

    def _move(self, stage: str, done: int, total: int) -> None:
        self._gauge.move(stage, done, total)
        self._set(stage=self._gauge.label, fraction=self._gauge.fraction)

    def _set(self, **changes: Any) -> None:
        with self._lock:
            if not self._snapshot.finished:
                self._snapshot = replace(self._snapshot, **changes)

    def _fail(self, trouble: Trouble) -> None:
        if self._cancelled.is_set():
            self._clear()
            return
        self._log.trouble("run", trouble)
        self._set(state="failed", eta=None, position=None, error=trouble)
        self._clear()

    def _clear(self) -> None:
        """Take away what a run that came to nothing has written."""
        for path in self._written:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _require_wanted(self) -> None:
        if self._cancelled.is_set():
            raise _Cancelled


def _count(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if type(value) is int and value >= 0 else 0


def _error_of(job: Mapping[str, Any]) -> ClientError:
    error = job.get("error") or {}
    code, message, advice, details = (str(error.get(key) or "") for key in ("code", "message", "advice", "details"))
    said = message or "The job failed.", advice or "Press Copy report.", details
    return ClientError(code or "internal", *said, *reason_of(error))
