"""Jobs: create, look, listen, fetch, cancel, forget."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool

from backend.server import intake
from backend.server.context import Here
from backend.server.errors import ApiError
from backend.server.events import stream
from backend.server.limits import MAX_FILES
from backend.server.schemas import FINISHED, JobDocument
from models.coefficients import FPS

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_REQUEST_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["request"],
                    "properties": {"request": {"$ref": "#/components/schemas/JobRequest"}},
                    "additionalProperties": {"type": "string", "format": "binary"},
                },
                "encoding": {"request": {"contentType": "application/json"}},
            }
        },
    }
}

_EVENT: Final[dict[str, Any]] = {  # of each event: what OpenAPI 3.1 has a stream's schema describe
    "type": "object",
    "required": ["event", "data"],
    "properties": {"event": {"enum": ["state", "progress", "frames"]}, "data": {"type": "string"}},
}

JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Jobs(BaseModel):
    """Every job."""

    jobs: list[JobDocument]


@router.post("", status_code=202, openapi_extra=_REQUEST_BODY)
async def create(here: Here, request: Request) -> JobDocument:
    """Queue a job: a part `request` (JSON) and the files it names as parts of their own."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or options.get(b"charset", b"utf-8").lower() != b"utf-8":
        message, advice = "The request is not multipart/form-data in UTF-8.", "Send the request as a form."
        raise ApiError("bad_request", message, advice, reason="not_a_form")
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FILES) as form:
        asked = intake.parse_request(form)
        job = await run_in_threadpool(intake.accept, here, asked, form)
    here.supervisor.wake()
    return await run_in_threadpool(here.document, job)


@router.get("")
def every(here: Here) -> Jobs:
    """Every job, the newest first."""
    return Jobs(jobs=here.documents())


@router.get("/{job_id}")
def one(here: Here, job_id: JobId) -> JobDocument:
    """One job."""
    return here.document(here.job(job_id))


@router.post("/{job_id}/cancel")
async def cancel(here: Here, job_id: JobId) -> JobDocument:
    """Stop a job; answers when it has stopped, within a second. A finished job stays as it is."""
    await run_in_threadpool(here.job, job_id)
    # Shielded: a client that hangs up has still cancelled.
    await asyncio.shield(asyncio.ensure_future(here.supervisor.cancel(job_id)))
    return await run_in_threadpool(lambda: here.document(here.job(job_id)))


@router.delete("/{job_id}", status_code=204)
def forget(here: Here, job_id: JobId) -> Response:
    """Forget a finished job and its files."""
    here.job(job_id)
    if not here.queue.forget(job_id):
        raise ApiError("conflict", "The job has not finished.", "Cancel it first.")
    here.folders.drop_job(job_id)
    return Response(status_code=204)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
)
async def events(here: Here, job_id: JobId) -> StreamingResponse:
    """What happens to a job, as server-sent events: `state`, `progress`, `frames`."""
    await run_in_threadpool(here.job, job_id)
    news: AsyncIterator[str] = stream(here, job_id)
    return StreamingResponse(news, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get(
    "/{job_id}/frames",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def frames(here: Here, job_id: JobId, first: Annotated[int, Query(ge=0, le=2**31)] = 0) -> Response:
    """Coefficients of the frames computed so far from `first` on, as .npz; provisional, the take replaces them."""
    here.job(job_id)
    coefficients = np.zeros((0, 257), np.float32)
    try:
        with here.folders.frames(job_id).open("rb") as file:
            coefficients = np.load(file, allow_pickle=False)[first:]
    except FileNotFoundError:
        pass  # none yet, or the job is done and the take is there instead
    buffer = io.BytesIO()
    np.savez(buffer, coefficients=coefficients, first=np.int64(first), fps=np.float64(FPS))
    return Response(buffer.getvalue(), media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


@router.get(
    "/{job_id}/files/{name}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def file(here: Here, job_id: JobId, name: Annotated[str, Path(max_length=100)]) -> FileResponse:
    """A file of a finished job."""
    job = here.job(job_id)
    entry = next((entry for entry in job.files if entry["name"] == name), None)
    path = here.folders.results(job_id) / name
    if job.state not in FINISHED or entry is None or not path.is_file():
        message, advice = f"The job has no file {name!r}.", "See the job's list of files."
        raise ApiError("not_found", message, advice, reason="file_unknown", file=name)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={"ETag": f'"{entry["sha256"]}"', "Cache-Control": "no-store"},
    )
