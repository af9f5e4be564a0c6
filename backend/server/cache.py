"""Results by content: the same input, request, code and weights give the same files, so they are made once.

An entry is a folder that appears whole by renaming. Files are hard links where the disk allows it, so a result that a
job holds too takes no further room. Entries used longest ago go when the cache grows beyond its limit.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from models.whole_file import whole_file

LIMIT: Final = 2 * 2**30  # bytes
_MANIFEST: Final = "result.json"


@dataclass(frozen=True)
class Result:
    """What a job gave: facts, and its files as {name, bytes, sha256}."""

    facts: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]


def key_of(request: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]], fingerprint: str) -> str:
    """What a result is known by: SHA-256 of the request, its files' names and contents, the code and the weights."""
    text = json.dumps([request, inputs, fingerprint], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """A folder of results; several processes may use it at once."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder, self._limit = folder, limit

    def store(self, key: str, result: Result, folder: Path) -> None:
        """Keep a result whose files are in `folder`; one that is there already stays."""
        if (entry := self._folder / key).exists():
            return
        partial = self._folder / f".{key}.{uuid4().hex}"
        partial.mkdir()
        try:
            for file in result.files:
                link(folder / file["name"], partial / file["name"])
            manifest = json.dumps({"facts": result.facts, "files": list(result.files)})
            (partial / _MANIFEST).write_text(manifest, encoding="utf-8")
            partial.rename(entry)
        except FileExistsError:
            pass  # another server was faster, with the same result
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        self._shrink()

    def fetch(self, key: str, folder: Path) -> Result | None:
        """Put a result's files into `folder`; None where there is none or a file of it is gone."""
        entry = self._folder / key
        try:
            manifest = json.loads((entry / _MANIFEST).read_text(encoding="utf-8"))
            folder.mkdir(parents=True, exist_ok=True)
            for file in manifest["files"]:
                if (entry / file["name"]).stat().st_size != file["bytes"]:
                    return None
                link(entry / file["name"], folder / file["name"])
            os.utime(entry)
        except (FileNotFoundError, ValueError):  # not there, being removed by another server, or damaged
            return None
        return Result(manifest["facts"], manifest["files"])

    def _shrink(self) -> None:
        entries = sorted((entry.stat().st_mtime, entry) for entry in self._folder.glob("[!.]*") if entry.is_dir())
        sizes = {entry: sum(file.stat().st_size for file in entry.iterdir()) for _, entry in entries}
        total = sum(sizes.values())
        for _, entry in entries:
            if total <= self._limit:
                return
            shutil.rmtree(entry, ignore_errors=True)
            total -= sizes[entry]


def link(source: Path, target: Path) -> None:
    """Let `target` hold what `source` holds: a hard link, or a copy where the disk knows none."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        with whole_file(target) as partial:
            shutil.copyfile(source, partial)
