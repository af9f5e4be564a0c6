"""The queue in SQLite: what is asked, what runs, what came out. It survives a kill at any instruction.

Every change is one transaction with synchronous=FULL, so a job that was answered with 202 is on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import JSON, create_engine, delete, event, func, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from backend.server.errors import Problem
from backend.server.schemas import FINISHED

SCHEMA_VERSION: Final = 1
MAX_ATTEMPTS: Final = 2
KEPT: Final = timedelta(days=30)
_BUSY_MS: Final = 10_000


class QueueError(Exception):
    """The queue's file cannot be used."""


class NewerQueueError(QueueError):
    """The queue's file was written by a newer version."""


class Base(DeclarativeBase):
    """The tables."""


class Job(Base):
    """One job. `inputs`: file name and SHA-256 by what the file is; `key`: what the cache knows the result by."""

    __tablename__ = "jobs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True, index=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    created: Mapped[str]
    started: Mapped[str | None]
    finished: Mapped[str | None]
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cached: Mapped[bool] = mapped_column(default=False)


class Queue:
    """The jobs of one server, oldest first; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            NewerQueueError: a newer version wrote it.
            QueueError: it is damaged or cannot be opened.
        """
        self._engine = _engine(path)
        self._session = sessionmaker(self._engine, expire_on_commit=False)
        try:
            with self._engine.begin() as connection:
                version = int(connection.execute(text("PRAGMA user_version")).scalar_one())
                if version > SCHEMA_VERSION:
                    raise NewerQueueError(f"{path} is of version {version}, this program knows {SCHEMA_VERSION}")
                Base.metadata.create_all(connection)
                connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
        except DatabaseError as error:
            raise QueueError(f"the queue {path} cannot be used: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def add(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        with self._session.begin() as session:
            session.add(job)

    def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._session() as session:
            return session.scalar(select(Job).where(Job.id == job_id))

    def all(self) -> Sequence[Job]:
        """Every job, the newest first."""
        with self._session() as session:
            return session.scalars(select(Job).order_by(Job.number.desc())).all()

    def position(self, job: Job) -> int:
        """How many queued jobs are before this one."""
        with self._session() as session:
            return _count(session, Job.state == "queued", Job.number < job.number)

    def waiting(self) -> int:
        """How many jobs are queued."""
        with self._session() as session:
            return _count(session, Job.state == "queued")

    def claim(self) -> Job | None:
        """Make the oldest queued job the running one."""
        with self._session.begin() as session:
            oldest = select(func.min(Job.number)).where(Job.state == "queued").scalar_subquery()
            claimed = update(Job).where(Job.number == oldest, Job.state == "queued").returning(Job)
            return session.scalar(claimed.values(state="running", started=now(), attempts=Job.attempts + 1))

    def finish(
        self,
        job_id: str,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        files: Sequence[Mapping[str, Any]] = (),
        error: Problem | None = None,
        cached: bool = False,
    ) -> bool:
        """End a job that has not ended yet; returns whether it was this call that ended it."""
        values = {
            "state": state,
            "finished": now(),
            "result": dict(result) if result is not None else None,
            "files": [dict(file) for file in files],
            "error": error.model_dump() if error else None,
            "cached": cached,
        }
        with self._session.begin() as session:
            unfinished = update(Job).where(Job.id == job_id, Job.state.not_in(FINISHED))
            return session.execute(unfinished.values(values)).rowcount == 1  # type: ignore[attr-defined]

    def cancel_queued(self, job_id: str, error: Problem) -> bool:
        """Cancel a job that has not begun; returns whether it had not."""
        with self._session.begin() as session:
            queued = update(Job).where(Job.id == job_id, Job.state == "queued")
            values = {"state": "cancelled", "finished": now(), "error": error.model_dump()}
            return session.execute(queued.values(values)).rowcount == 1  # type: ignore[attr-defined]

    def put_back(self, job_id: str) -> None:
        """Queue the running job again in its old place, as if it had not begun: the server is stopped in order."""
        with self._session.begin() as session:
            running = update(Job).where(Job.id == job_id, Job.state == "running")
            session.execute(running.values(state="queued", started=None, attempts=Job.attempts - 1))

    def forget(self, job_id: str) -> bool:
        """Drop a finished job; returns whether there was one."""
        with self._session.begin() as session:
            finished = delete(Job).where(Job.id == job_id, Job.state.in_(FINISHED))
            return session.execute(finished).rowcount == 1  # type: ignore[attr-defined]

    def recover(self, error: Problem) -> None:
        """After a start: queue again what a killed server was running, once; fail what was killed twice."""
        with self._session.begin() as session:
            twice = update(Job).where(Job.state == "running", Job.attempts >= MAX_ATTEMPTS)
            session.execute(twice.values(state="failed", finished=now(), error=error.model_dump()))
            session.execute(update(Job).where(Job.state == "running").values(state="queued", started=None))

    def expire(self) -> None:
        """Drop jobs that finished more than 30 days ago."""
        oldest = (datetime.now(UTC) - KEPT).isoformat()
        with self._session.begin() as session:
            session.execute(delete(Job).where(Job.state.in_(FINISHED), Job.finished < oldest))


def now() -> str:
    """The time as the API writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat()


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")

    return engine
