"""What the routes work with: one object, made at launch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from backend.server.cache import Cache
from backend.server.errors import ApiError
from backend.server.folders import Folders
from backend.server.live import Live
from backend.server.models_listing import ModelsListing
from backend.server.queue import Job, Queue
from backend.server.roots import Roots
from backend.server.schemas import FileEntry, JobDocument, Problem
from backend.server.supervisor import Supervisor


@dataclass(frozen=True)
class Server:
    """The parts of a running server."""

    version: str
    fingerprint: str
    folders: Folders
    roots: Roots
    queue: Queue
    cache: Cache
    live: Live
    supervisor: Supervisor
    models: ModelsListing = field(default_factory=ModelsListing)

    def job(self, job_id: str) -> Job:
        """A job by its id.

        Raises:
            ApiError: `not_found`.
        """
        job = self.queue.get(job_id)
        if job is None:
            advice = "It was forgotten; start it again."
            raise ApiError("not_found", "There is no such job.", advice, reason="job_unknown")
        return job

    def documents(self) -> list[JobDocument]:
        """Every job, the newest first."""
        jobs = self.queue.all()
        waiting = [job.id for job in reversed(jobs) if job.state == "queued"]
        positions = {job_id: position for position, job_id in enumerate(waiting)}
        return [self.document(job, positions.get(job.id)) for job in jobs]

    def document(self, job: Job, position: int | None = None) -> JobDocument:
        """A job as the API tells it; its place in the queue is looked up where it is not given."""
        if job.state == "queued" and position is None:
            position = self.queue.position(job)
        now = self.live.of(job.id)
        frames = now.frames
        if job.state == "done" and job.result and "fps" in job.result:
            count = round(job.result["seconds"] * job.result["fps"])
            frames = frames.model_copy(update={"ready": count, "total": count})
        return JobDocument.model_validate(
            {
                "id": job.id,
                "kind": job.kind,
                "state": job.state,
                "position": position,
                "created": job.created,
                "started": job.started,
                "finished": job.finished,
                "stage": now.stage if job.state == "running" else None,
                "frames": frames,
                "files": [FileEntry(**file) for file in job.files],
                "result": job.result,
                "error": Problem(**job.error) if job.error else None,
                "cached": job.cached,
            }
        )


def _server(request: Request) -> Server:
    return cast(Server, request.app.state.server)


Here = Annotated[Server, Depends(_server)]
