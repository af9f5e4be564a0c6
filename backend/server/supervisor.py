"""Takes jobs from the queue to the worker, one at a time, and outlives whatever happens to it.

Waiting is bounded by `asyncio.timeout`, never by `asyncio.wait_for`: in Python 3.11 that one loses a cancellation which
arrives together with what it waits for, and a server that is stopped at such a moment would never end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from sqlalchemy.exc import DatabaseError

from backend.server.cache import Cache, Result
from backend.server.errand import Errand, StalledError
from backend.server.errors import Problem, problem_of
from backend.server.folders import Folders
from backend.server.live import Live
from backend.server.queue import Job, Queue
from backend.server.worker_keeper import WorkerDown, WorkerKeeper, death, ending
from backend.server.worker_process import WorkerProcess

log = logging.getLogger(__name__)

PATIENCE: Final = 0.5  # seconds a cancelled job may take to stop by itself
SHAKEN: Final = frozenset({"out_of_memory", "internal"})  # after these a worker may fail at anything: take a new one
WRITTEN_WITHIN: Final = 3.0  # seconds that an answer to a cancel waits for the job's end to be written
RETRY: Final = 2.0  # seconds until a job's end is written again to a disk that was full

CANCELLED: Final = Problem(code="cancelled", message="The job was cancelled.", advice="Start it again if you need it.")

WorkerState = Literal["starting", "idle", "busy", "down"]
Fatal = Callable[[Problem], None]
"""Told when the worker refuses to work at all: packages or weights are missing."""


class Supervisor:
    """One queue, one worker."""

    def __init__(
        self,
        queue: Queue,
        cache: Cache,
        live: Live,
        folders: Folders,
        command: Sequence[str],
        fatal: Fatal,
    ) -> None:
        self._queue, self._cache, self._live, self._folders = queue, cache, live, folders
        self._keeper, self._fatal = WorkerKeeper(command), fatal
        self._wake = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._current: Errand | None = None
        self._task: asyncio.Task[None] | None = None
        self._refused = False
        self._lost: set[str] = set()
        self.state: WorkerState = "starting"

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, if there is one."""
        return self._keeper.pid

    @property
    def device(self) -> dict[str, str]:
        """Kind and name of what the models run on."""
        return self._keeper.device

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Tell that a job was queued."""
        self._wake.set()

    async def stop(self) -> None:
        """End the worker; the job that runs is queued again, unless it was just cancelled."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._keeper.stop()
        current = self._current  # looked at only now: the task may have claimed a job meanwhile
        if current is not None and current.cancelled:
            await asyncio.to_thread(self._queue.finish, current.id, "cancelled", error=CANCELLED)
        elif current is not None:
            await asyncio.to_thread(self._queue.put_back, current.id)

    async def cancel(self, job_id: str) -> None:
        """Cancel a job wherever it is, and wait until it has stopped: within a second."""
        async with self._claiming:  # so that a job is either queued or the current one
            was_queued = await asyncio.to_thread(self._queue.cancel_queued, job_id, CANCELLED)
        if was_queued:
            await asyncio.to_thread(self._folders.end_job, job_id)
            self._live.end(job_id)
            return
        current = self._current
        if current is None or current.id != job_id:
            return
        current.cancelled = True
        if current.worker is not None:
            await self._ask_to_stop(current.worker, current)
        with contextlib.suppress(TimeoutError):  # on a full disk the end of a job is written later
            async with asyncio.timeout(WRITTEN_WITHIN):
                await current.over.wait()

    async def _ask_to_stop(self, worker: WorkerProcess, current: Errand) -> None:
        """Ask the worker to stop at this job, and end it where it does not listen."""
        if not worker.silent:  # one that is dead, but not yet buried, is asked nothing
            await worker.send({"do": "cancel", "id": current.id})
            try:
                async with asyncio.timeout(PATIENCE):
                    await current.over.wait()
                return
            except TimeoutError:
                log.warning("the job %s did not stop in time; the worker is started anew", current.id)
        worker.abandon()

    async def _run(self) -> None:
        while not self._refused:
            try:
                await self._step()
            except Exception:  # a full disk, most likely; whatever it is, later jobs must not wait for ever
                log.exception("the queue cannot be worked on; trying again")
                await asyncio.sleep(RETRY)

    async def _step(self) -> None:
        """Do one job, or wait for one."""
        if self._keeper.pid is None:
            self.state = "starting"
        try:
            worker = await self._keeper.worker()
        except WorkerDown as down:
            self.state = "down"
            if down.refused:  # the server ends; what is queued waits for one that is whole
                self._refused = True
                self._fatal(down.problem)
                return
            await self._give_up(down.problem)
            await self._next_call()
            return
        if (claimed := await self._claim()) is not None:
            self.state = "busy"
            await self._take(worker, *claimed)
        else:
            self.state = "idle"
            await self._next_call()

    async def _claim(self) -> tuple[Job, Errand] | None:
        """The oldest queued job, which is the current one from here on."""
        async with self._claiming:
            claim = asyncio.ensure_future(asyncio.to_thread(self._queue.claim))
            try:
                await asyncio.wait({claim})
            finally:  # the thread goes on where this task is cancelled, and stop() must know what it claims
                job = await claim
                self._current = Errand(job.id) if job is not None else None
            return (job, self._current) if job is not None and self._current is not None else None

    async def _next_call(self) -> None:
        """Wait until there may be a job, or the idle worker dies and should be started again."""
        self._wake.clear()
        if await asyncio.to_thread(self._queue.waiting):
            return
        while not self._wake.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._wake.wait()
            if self.state == "idle" and self._keeper.pid is None:
                return

    async def _give_up(self, problem: Problem) -> None:
        """Fail what is queued rather than let it wait for a worker that will not come."""
        while (claimed := await self._claim()) is not None:
            job, current = claimed
            await self._end(job.id, "failed", error=problem)
            current.over.set()
            self._current = None

    async def _take(self, worker: WorkerProcess, job: Job, current: Errand) -> None:
        """Do one job to its end, whatever that is."""
        self._live.wake(job.id)
        try:
            results = self._folders.results(job.id)
            found = await asyncio.to_thread(self._cache.fetch, job.key, results)
            if found is not None:
                await self._end(job.id, "done", result=found, cached=True)
            else:
                await self._work(worker, job, current)
        except Exception as error:
            log.exception("the job %s failed outside of the worker", job.id)
            await self._end(job.id, "failed", error=problem_of(error, traceback.format_exc()))
        finally:
            current.over.set()
        self._current = None  # not after a CancelledError: stop() puts the job back

    async def _work(self, worker: WorkerProcess, job: Job, current: Errand) -> None:
        current.worker = worker
        if current.cancelled:  # between the claim and here
            await self._end(job.id, "cancelled", error=CANCELLED)
            return
        await worker.send(
            {
                "do": "job",
                "id": job.id,
                "request": job.request,
                "inputs": job.inputs,
                "inputs_folder": str(self._folders.inputs(job.id)),
                "results": str(self._folders.results(job.id)),
                "frames": str(self._folders.frames(job.id)),
            }
        )
        try:
            message = await current.last_word(worker, self._live)
        except StalledError as stalled:
            log.error("the job %s was ended: %s", job.id, stalled)
            worker.abandon()
            await self._end(job.id, "failed", error=stalled.problem)
            await self._part(worker, current)
            return
        if message is None:
            await self._bury(worker, current)
        else:
            await self._conclude(worker, job, current, message)

    async def _conclude(self, worker: WorkerProcess, job: Job, current: Errand, message: dict[str, Any]) -> None:
        if message["say"] == "done":
            result = Result(message["result"], message["files"])
            with contextlib.suppress(OSError):  # a cache that is full or broken must not cost the job
                await asyncio.to_thread(self._cache.store, job.key, result, self._folders.results(job.id))
            await self._end(job.id, "done", result=result)
        elif message["say"] == "cancelled":
            await self._end(job.id, "cancelled", error=CANCELLED)
        else:
            problem = Problem(**message["problem"])
            await self._end(job.id, "failed", error=problem)
            if problem.code in SHAKEN:
                await self._part(worker, current)

    async def _bury(self, worker: WorkerProcess, current: Errand) -> None:
        """The worker died under a job. What it died of takes a while to learn, and a cancel does not wait for that."""
        if not current.cancelled:
            code, printed = await worker.obituary()
            if await self._put_back(current):
                return
        if current.cancelled:
            await self._end(current.id, "cancelled", error=CANCELLED)
            await self._part(worker, current)
            return
        log.error("the job %s failed with its worker: %s", current.id, ending(code))
        await self._end(current.id, "failed", error=death(code, printed))

    async def _part(self, worker: WorkerProcess, current: Errand) -> None:
        """End the worker of a job that is over: whoever cancels the job need not wait for it; the next job does."""
        current.over.set()
        await worker.kill()

    async def _put_back(self, current: Errand) -> bool:
        """Queue a job again, once, that was sent to a worker already dead: it is not what killed the worker."""
        async with self._claiming:  # a cancel finds the job either running or queued
            if current.begun or current.cancelled or current.id in self._lost:
                return False
            self._lost.add(current.id)
            await asyncio.to_thread(self._queue.put_back, current.id)
        return True

    async def _end(
        self,
        job_id: str,
        state: str,
        *,
        result: Result | None = None,
        error: Problem | None = None,
        cached: bool = False,
    ) -> None:
        """Write a job's end down, then clear up behind it."""
        facts, files = (result.facts, result.files) if result else (None, ())
        while True:
            try:
                await asyncio.to_thread(
                    self._queue.finish, job_id, state, result=facts, files=files, error=error, cached=cached
                )
                break
            except DatabaseError:
                log.exception("the end of the job %s cannot be written; trying again", job_id)
                self._folders.release_reserve()
                await asyncio.sleep(RETRY)
        await asyncio.to_thread(self._folders.end_job, job_id)
        self._live.end(job_id)
