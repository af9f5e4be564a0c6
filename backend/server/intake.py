"""From a multipart request to a queued job: the request is checked, its files are copied and hashed, then it is queued.

A file named by its path is copied too: what is worked on is then what was hashed, whatever becomes of the original.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, Final
from uuid import uuid4

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from backend.server.cache import key_of
from backend.server.context import Server
from backend.server.errors import ApiError
from backend.server.limits import MAX_BODY, MAX_REQUEST_JSON
from backend.server.queue import Job, now
from backend.server.schemas import AnimateRequest, AnyRequest, JobRequest, Source
from backend.server.strict_json import strict_json
from backend.server.styles import check_style

_CHUNK: Final = 2**20
_NAME_LENGTH: Final = 100  # bytes


def parse_request(form: FormData) -> AnyRequest:
    """The part `request` of a form.

    Raises:
        ApiError: it is missing, sent twice, too large, not JSON, or not a request; a file part that it does not name.
    """
    names = [name for name, _ in form.multi_items()]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _bad(f"The part {min(twice)!r} is sent twice.", "Send each part once.", "part_twice", part=min(twice))
    given = form.get("request")
    if given is None:
        advice = "Send the request as JSON in a part called 'request'."
        raise _bad("The part 'request' is missing.", advice, "part_missing", part="request")
    text = given if isinstance(given, str) else given.file.read(MAX_REQUEST_JSON + 1)
    if len(text) > MAX_REQUEST_JSON:
        message, advice = "The request's description is too large.", "Send files as parts of their own."
        raise ApiError("too_large", message, advice, reason="description_too_large")
    try:
        request = JobRequest.model_validate(strict_json(text)).root
    except ValidationError as error:
        raise invalid(error) from error
    except (ValueError, RecursionError) as error:
        message = f"The part 'request' is not valid JSON: {error}."
        raise _bad(message, "Send UTF-8 JSON without NaN.", "not_json") from error
    named = {source.upload for source in request.sources().values() if source.upload is not None}
    if unnamed := set(names) - named - {"request"}:
        part = min(unnamed)
        message = f"The request names no part {part!r}."
        raise ApiError("unknown_field", message, "Send only parts it names.", reason="part_unknown", part=part)
    return request


def accept(server: Server, request: AnyRequest, form: FormData) -> Job:
    """Queue a job, or answer it from the cache.

    Raises:
        ApiError: an input is missing or not allowed, or a style is unknown.
        OSError: the disk is full.
    """
    check(request)
    server.folders.check_room()
    job_id = uuid4().hex
    folder = server.folders.inputs(job_id)
    try:
        inputs = {what: _take(server, what, source, form, folder) for what, source in request.sources().items()}
        asked = canonical(request)
        key = key_of(asked, inputs, server.fingerprint)
        job = Job(
            id=job_id,
            kind=request.kind,
            state="queued",
            created=now(),
            request=asked,
            inputs=inputs,
            key=key,
            files=[],
            attempts=0,
            cached=False,
        )
        found = server.cache.fetch(key, server.folders.results(job_id))
        if found is not None:
            job.state, job.started, job.finished, job.cached = "done", job.created, job.created, True
            job.result, job.files = dict(found.facts), [dict(file) for file in found.files]
        server.queue.add(job)
    except BaseException:
        server.folders.drop_job(job_id)
        raise
    if found is not None:
        server.folders.end_job(job_id)
    return job


def check(request: AnyRequest) -> None:
    """Refuse now what would fail later.

    Raises:
        ApiError: `bad_style`.
    """
    if isinstance(request, AnimateRequest):
        check_style(request.style, request.sliders)


def canonical(request: AnyRequest) -> dict[str, Any]:
    """The request with every default filled in and without where its files came from."""
    return request.model_dump(mode="json", exclude=set(request.sources()))


def invalid(error: ValidationError) -> ApiError:
    """The first of pydantic's complaints as ours."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"] if part not in {"animate", "measure", "textures"}) or "request"
    if first["type"] == "extra_forbidden":
        message = f"There is no field {where!r} in this request."
        return ApiError("unknown_field", message, "Check its spelling.", reason="field_unknown", field=where)
    message = f"The field {where!r} is not valid: {first['msg']}."
    return _bad(message, "See /docs for what each field takes.", "field_invalid", field=where)


def safe_name(name: str | None, fallback: str) -> str:
    """The last part of a file's name with nothing in it that a file system or a shell could misunderstand."""
    last = PureWindowsPath(PurePosixPath(name or "").name).name
    kept = re.sub(r"[^\w. ()-]", "_", last).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    return (_last_bytes(stem) + dot + suffix[:10] if stem else _last_bytes(kept)) or fallback


def _last_bytes(text: str) -> str:
    """The end of `text`: file systems count bytes, and letters beyond ASCII have up to four."""
    return text.encode()[-_NAME_LENGTH:].decode(errors="ignore")


def _take(server: Server, what: str, source: Source, form: FormData, folder: Path) -> dict[str, str]:
    """Copy one input to where the job finds it; returns its file name and SHA-256."""
    if source.path is not None:
        with server.roots.open(source.path) as (path, file):
            if os.fstat(file.fileno()).st_size > MAX_BODY:  # before any of it is copied: a sparse file costs nothing
                raise _too_large()
            return _copy(file, folder / what / safe_name(path.name, what))
    part = form.get(source.upload or "")
    if not isinstance(part, UploadFile):
        message = f"The part {source.upload!r} with the {what} is missing."
        raise _bad(message, "Send the file as a part of that name.", "part_missing", part=source.upload or "")
    part.file.seek(0)
    return _copy(part.file, folder / what / safe_name(part.filename, what))


def _copy(source: BinaryIO, target: Path) -> dict[str, str]:
    target.parent.mkdir(parents=True)
    digest, copied = hashlib.sha256(), 0
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if (copied := copied + len(chunk)) > MAX_BODY:
                raise _too_large()
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"file": target.name, "sha256": digest.hexdigest()}


def _too_large() -> ApiError:
    limit = MAX_BODY // 2**20
    message = f"The file is larger than {limit} MiB."
    return ApiError("too_large", message, "Cut it into parts.", reason="file_too_large", limit=limit)


def _bad(message: str, advice: str, reason: str, **parameters: str) -> ApiError:
    return ApiError("bad_request", message, advice, None, reason, **parameters)
