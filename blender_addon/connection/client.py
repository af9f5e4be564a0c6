"""The backend's routes as methods (no bpy). All of them block: call them from a thread, as `jobs.run.Run` does.

Every method raises `BackendGone` (it ended or hangs), `WrongProtocol`, `BadAnswer` or another `ClientError` with the
backend's own code, message and advice, and nothing else but what its own text says.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ..files.whole_file import whole_file
from ..trouble import BackendGone, BadAnswer, ClientError, WrongProtocol
from .answers import (
    SAME_RELEASE,
    TERMINAL,
    Frames,
    bad,
    etag_hash,
    face_model_hash,
    job_document,
    json_object,
    list_of,
    read_frames,
)
from .events import Event, EventError, read_events
from .multipart import make_body
from .transport import MAX_DOCUMENT, PROTOCOL, Connection, OnBytes, refusal

__all__ = ["TERMINAL", "Backend", "BackendGone", "BadAnswer", "ClientError", "Event", "Frames", "WrongProtocol"]

SILENCE: Final = 15.0  # seconds without a comment after which a stream of events is dead; one comes every 5
PAUSES: Final = (0.1, 0.3, 0.6, 1.0)  # seconds before each new try to listen; then the backend counts as gone
SUBMIT_TIMEOUT: Final = 60.0  # the backend checks the files before it answers
MODELS_TIMEOUT: Final = 120.0  # gigabytes are hashed
MAX_FRAMES: Final = 512 << 20  # bytes; five hours of frames


class Backend:
    """A running backend on this machine.

    timeout: seconds without a byte after which it counts as hanging.
    """

    def __init__(self, port: int, token: str, timeout: float = 10.0) -> None:
        self._link = Connection(port, token, timeout)

    def copy(self, timeout: float | None = None) -> Backend:
        """The same backend with connections of its own, so that `close` does not end others'."""
        return Backend(self._link.port, self._link.token, timeout or self._link.timeout)

    def close(self) -> None:
        """Cut all connections, also from another thread; whoever waits gets BackendGone, and so does further use."""
        self._link.close()

    def ready(self) -> dict[str, Any]:
        """State of the backend: ready, version, protocol, device {kind, name}, worker, queued.

        Raises:
            WrongProtocol: it is of another release.
        """
        with self._link.request("GET", "/v1/health/ready", accept=frozenset({503})) as response:
            data = self._link.read_all(response, MAX_DOCUMENT)
        document = json_object(data)
        if "error" in document:
            raise refusal(response.status, data)
        if document.get("protocol") != PROTOCOL:
            raise WrongProtocol(
                "wrong_protocol",
                f"The backend speaks protocol {document.get('protocol')}, this add-on speaks {PROTOCOL}.",
                SAME_RELEASE,
            )
        return document

    def styles(self) -> dict[str, Any]:
        """`{"styles": [{name, description, builtin}], "sliders": [name]}`."""
        document = self._link.document("GET", "/v1/styles")
        list_of(document, "styles", dict)
        list_of(document, "sliders", str)
        return document

    def models(self) -> dict[str, Any]:
        """What is installed; takes seconds, as the backend checks hashes."""
        return self._link.document("GET", "/v1/models", timeout=max(self._link.timeout, MODELS_TIMEOUT))

    def mix(self, parts: Sequence[tuple[str | dict[str, Any], float]], name: str | None = None) -> dict[str, Any]:
        """The style document of a mix of (style, share), each style a name or a document."""
        request: dict[str, Any] = {"parts": [{"style": style, "share": share} for style, share in parts]}
        try:
            body = json.dumps(request | ({"name": name} if name else {}), allow_nan=False).encode()
        except ValueError as error:
            raise _not_finite(error) from error
        return self._link.document("POST", "/v1/styles/mix", body=body)

    def face_models(self) -> list[dict[str, Any]]:
        """The face models there are: name, sha256."""
        return list_of(self._link.document("GET", "/v1/face-models"), "face_models", dict)

    def download_face_model(self, sha256: str, path: Path, on_bytes: OnBytes | None = None) -> None:
        """Write the geometry of a face model to `path`, whole or not at all, for `files.head_file.load`.

        Raises:
            ClientError: also "disk_full" and "cannot_write".
        """
        route = f"/v1/face-models/{quote(sha256, safe='')}/geometry"
        with _written(path) as partial:
            self._save(route, partial, on_bytes)
            if face_model_hash(partial) != sha256:
                raise bad("The backend sent another face model than asked for.", sha256)

    def submit(
        self, request: Mapping[str, Any], files: Mapping[str, Path], on_bytes: OnBytes | None = None
    ) -> dict[str, Any]:
        """Create a job from `request` and the `files` its uploads name (part name → path); returns the job.

        Files are read from disk piece by piece. What `on_bytes` raises ends the upload, and no job is made.

        Raises:
            ClientError: also "cannot_read" (a file) and "bad_request" (NaN in the request).
        """
        timeout = max(self._link.timeout, SUBMIT_TIMEOUT)
        try:
            body = make_body(request, files)
        except ValueError as error:
            raise _not_finite(error) from error
        except OSError as error:
            raise _unreadable(error) from error
        try:
            with self._link.request("POST", "/v1/jobs", body=body, on_bytes=on_bytes, timeout=timeout) as response:
                return job_document(json_object(self._link.read_all(response, MAX_DOCUMENT)))
        except OSError as error:
            raise _unreadable(error) from error

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it stands."""
        return job_document(self._link.document("GET", _route(job_id)))

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, newest first."""
        return [job_document(one) for one in list_of(self._link.document("GET", "/v1/jobs"), "jobs", dict)]

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Ask for the job's end; returns the job. Asking twice does no harm."""
        return job_document(self._link.document("POST", f"{_route(job_id)}/cancel"))

    def forget(self, job_id: str) -> None:
        """Take a finished job and its files away."""
        with self._link.request("DELETE", _route(job_id)) as response:
            self._link.read_all(response, 1 << 20)

    def events(self, job_id: str) -> Iterator[Event]:
        """What happens to a job, until it is done, failed or cancelled; the last event is that state.

        A stream that breaks off is taken up again, which repeats the current state.

        Raises:
            BackendGone: it could not be taken up again.
        """
        tries, problem = (
            0,
            BackendGone("backend_gone", "The backend ended while it worked.", "Start the backend again."),
        )
        while tries <= len(PAUSES):
            try:
                for event in self._listen(job_id):
                    tries = 0
                    yield event
                    if event.kind == "state" and event.data["state"] in TERMINAL:
                        return
            except (BackendGone, BadAnswer) as error:
                problem = error if isinstance(error, BackendGone) else problem
                if tries == len(PAUSES):
                    raise
            if tries < len(PAUSES) and self._link.closed.wait(PAUSES[tries]):
                break
            tries += 1
        raise problem

    def _listen(self, job_id: str) -> Iterator[Event]:
        with self._link.request(
            "GET", f"{_route(job_id)}/events", timeout=max(self._link.timeout, SILENCE)
        ) as response:
            try:
                for event in read_events(self._link.pieces(response)):
                    if event.kind == "state":
                        job_document(event.data)
                    yield event
            except EventError as error:
                raise bad("The backend's report cannot be read.", error) from error

    def frames(self, job_id: str, first: int) -> Frames:
        """The provisional frames from `first` on that are computed so far; there may be none."""
        with self._link.request("GET", f"{_route(job_id)}/frames?first={int(first)}") as response:
            return read_frames(self._link.read_all(response, MAX_FRAMES))

    def download(self, job_id: str, name: str, path: Path, on_bytes: OnBytes | None = None, sha256: str = "") -> None:
        """Write the job's file `name` to `path`: whole, with the right hash, or not at all.

        sha256: what the hash must be; "": what the answer's ETag says.

        Raises:
            BadAnswer: cut short, damaged, or no hash to check.
            ClientError: also "disk_full" and "cannot_write".
        """
        with _written(path) as partial:
            etag, found = self._save(f"{_route(job_id)}/files/{quote(name, safe='')}", partial, on_bytes)
            if (sha256 or etag) != found:
                message = f"The file {name} was damaged on its way."
                raise BadAnswer(
                    "bad_answer", message, "Try again.", f"expected {sha256 or etag or 'a hash'}, got {found}"
                )

    def _save(self, route: str, path: Path, on_bytes: OnBytes | None) -> tuple[str, str]:
        """Write an answer's body to `path`; returns the hash it announces ("" for none) and the one it has."""
        with self._link.request("GET", route) as response, path.open("wb") as stream:
            total, done, digest = response.length, 0, hashlib.sha256()
            if total is None:
                raise bad("The backend does not say how long the file is.", route)
            for piece in self._link.pieces(response):
                stream.write(piece)
                digest.update(piece)
                done += len(piece)
                if on_bytes:
                    on_bytes(done, total)
            return etag_hash(response.headers.get("ETag", "")), digest.hexdigest()


def _route(job_id: str) -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _unreadable(error: OSError) -> ClientError:
    message = f"A file cannot be read: {error.strerror or error}."
    return ClientError("cannot_read", message, "Choose the file again.", str(error))


def _not_finite(error: ValueError) -> ClientError:
    return ClientError("bad_request", "A setting is not a finite number.", "Reset the sliders.", str(error))


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    """`whole_file` whose errors are sentences."""
    try:
        with whole_file(path) as partial:
            yield partial
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ClientError("disk_full", "The disk is full.", "Make room and try again.", str(error)) from error
        message = f"{path.name} cannot be written: {error.strerror or error}."
        raise ClientError("cannot_write", message, "Choose another folder for results.", str(error)) from error
