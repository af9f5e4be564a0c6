"""The server's folders: one numbered slot for each server that runs at once, and a cache shared by all.

A slot holds the queue, the jobs' folders and temporary files. It is held by an operating-system lock, which vanishes
with its process however that ends; the next launch takes the lowest free slot and so finds the last one's jobs.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from backend.server.remains import remove_abandoned, remove_parts
from models.whole_file import whole_file

MAX_SLOTS: Final = 64
RESERVE: Final = 2**20  # bytes
ROOM: Final = 64 * 2**20


class NoSlotError(OSError):
    """Every slot is taken."""


@dataclass(frozen=True)
class Folders:
    """Where one server keeps its things, and the lock that makes them its own."""

    data: Path
    slot: Path
    lock: FileLock

    @property
    def queue(self) -> Path:
        """The queue's file."""
        return self.slot / "queue.sqlite"

    @property
    def temporary(self) -> Path:
        """Uploads on their way in; emptied at every start."""
        return self.slot / "tmp"

    @property
    def cache(self) -> Path:
        """Results by content, shared by all servers."""
        return self.data / "cache"

    @property
    def geometry(self) -> Path:
        """Face models' geometry by hash, shared by all servers."""
        return self.data / "face_models"

    @property
    def run(self) -> Path:
        """Runtime files, where no other place was named; shared by all servers."""
        return self.data / "run"

    def job(self, job_id: str) -> Path:
        """A job's folder."""
        return self.slot / "jobs" / job_id

    def inputs(self, job_id: str) -> Path:
        """The files that a job reads."""
        return self.job(job_id) / "inputs"

    def results(self, job_id: str) -> Path:
        """The files that a job made."""
        return self.job(job_id) / "results"

    def frames(self, job_id: str) -> Path:
        """The coefficients computed so far, (T, 257) float32."""
        return self.job(job_id) / "frames.npy"

    def make_reserve(self) -> None:
        """Hold a little room, so that even on a full disk the end of a job can be written down.

        Raises:
            OSError: there is none.
        """
        reserve = self.slot / "reserve"
        if not reserve.exists():
            with whole_file(reserve) as partial:
                partial.write_bytes(b"\0" * RESERVE)

    def release_reserve(self) -> None:
        """Give the held room back."""
        (self.slot / "reserve").unlink(missing_ok=True)

    def check_room(self) -> None:
        """Refuse work that could not be finished; where there is room, hold the reserve again.

        Raises:
            OSError: less than 64 MiB are free.
        """
        if shutil.disk_usage(self.slot).free < ROOM:
            raise OSError(errno.ENOSPC, "the disk with the data folder is nearly full")
        self.make_reserve()

    def drop_job(self, job_id: str) -> None:
        """Remove a job's folder."""
        shutil.rmtree(self.job(job_id), ignore_errors=True)

    def end_job(self, job_id: str) -> None:
        """Remove what only a job that runs needs, and what its worker may have left half-written."""
        shutil.rmtree(self.inputs(job_id), ignore_errors=True)
        self.frames(job_id).unlink(missing_ok=True)
        remove_parts(self.job(job_id))

    def tidy(self, known: Container[str], ended: Iterable[str] = ()) -> None:
        """Remove what a killed server left, before anything works in the slot.

        Half uploads and half-written files, folders of jobs that are not `known` since they were never answered, and
        what jobs that have `ended` needed while they ran.
        """
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(parents=True)
        for folder in (self.slot / "jobs").glob("*"):
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        for job_id in ended:
            self.end_job(job_id)
        remove_parts(self.slot)
        remove_abandoned((self.cache, self.geometry, self.run))


def take_slot(data: Path) -> Folders:
    """Lock the lowest free slot below `data`, readable by this user only.

    Raises:
        NoSlotError: 64 servers run already.
        OSError: the folder cannot be written.
    """
    data.mkdir(parents=True, exist_ok=True)
    for number in range(MAX_SLOTS):
        slot = data / f"slot-{number}"
        slot.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(slot / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        folders = Folders(data, slot, lock)
        for folder in (folders.temporary, slot / "jobs", folders.cache, folders.geometry):
            folder.mkdir(exist_ok=True, mode=0o700)
        return folders
    raise NoSlotError(f"{MAX_SLOTS} backends run already in {data}; close some of them")
