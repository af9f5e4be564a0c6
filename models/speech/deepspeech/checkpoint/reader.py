"""Variables out of a TensorFlow V2 checkpoint, each checked against its shape and checksum."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.speech.deepspeech.checkpoint.crc32c import masked_crc32c
from models.speech.deepspeech.checkpoint.entries import Entry, Index, read_index
from models.speech.deepspeech.checkpoint.errors import CheckpointError
from models.speech.deepspeech.checkpoint.source import Source, open_source

NAMING_FILES: Final = ("best_dev_checkpoint", "checkpoint")  # which name the best or the last step, in this order
_MAX_INDEX: Final = 64 << 20
_MAX_NAMING: Final = 1 << 20
_MAX_VARIABLE: Final = 1 << 30  # DeepSpeech's largest has 128 MiB; a damaged size must not take all memory


class Checkpoint:
    """A checkpoint in an open source: what it holds, and its variables one by one."""

    def __init__(self, source: Source) -> None:
        """Find and read the index.

        Raises:
            CheckpointError: there is none, or several and nothing says which; or it is damaged.
        """
        self._source = source
        self._prefix = _prefix(source)
        data = source.read(f"{self._prefix}.index", 0, _MAX_INDEX + 1)
        if len(data) > _MAX_INDEX:
            raise CheckpointError(f"{self._prefix}.index has more than {_MAX_INDEX >> 20} MiB; it is not DeepSpeech's")
        self.index: Index = read_index(data)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every variable."""
        return {name: entry.shape for name, entry in self.index.entries.items()}

    def read(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Variables by name, float32 or int64, with their shapes.

        Raises:
            CheckpointError: there is no such variable, or its shard is missing, cut short or damaged.
        """
        chosen = {name: self._entry(name) for name in names}
        in_file_order = sorted(chosen, key=lambda name: (chosen[name].shard, chosen[name].offset))
        return {name: self._variable(name, chosen[name]) for name in in_file_order}

    def _entry(self, name: str) -> Entry:
        if name not in self.index.entries:
            raise CheckpointError(f"variable {name} is missing; this is not the checkpoint of DeepSpeech 0.9.2")
        return self.index.entries[name]

    def _variable(self, name: str, entry: Entry) -> NDArray[Any]:
        dtype = entry.check(name)
        shard = f"{self._prefix}.data-{entry.shard:05d}-of-{self.index.shards:05d}"
        if shard not in self._source.names():
            raise CheckpointError(f"{shard} is missing; put it beside {self._prefix}.index")
        if entry.size > _MAX_VARIABLE:
            raise CheckpointError(f"{name} has {entry.size} bytes, too many for DeepSpeech; fetch the checkpoint again")
        data = self._source.read(shard, entry.offset, entry.size)
        if len(data) < entry.size:
            raise CheckpointError(f"{shard} is cut short (within {name}); fetch the checkpoint again")
        if masked_crc32c(data) != entry.crc:
            raise CheckpointError(f"{shard} is damaged (the checksum of {name} is wrong); fetch the checkpoint again")
        return np.frombuffer(data, dtype).reshape(entry.shape)


def read_variables(path: str | Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Variables by name from a checkpoint in a folder or a tar archive; see `Checkpoint` for the errors."""
    with open_source(Path(path)) as source:
        return Checkpoint(source).read(names)


def _prefix(source: Source) -> str:
    """The name that the index and the shards begin with."""
    names = source.names()
    for naming in NAMING_FILES:
        if naming in names:
            text = source.read(naming, 0, _MAX_NAMING).decode("utf-8", "replace")
            found = re.search(r'^model_checkpoint_path: "(?:[^"\n]*/)?([^"/\n]+)"', text, re.MULTILINE)
            if found and f"{found[1]}.index" in names:
                return found[1]
    prefixes = [name.removesuffix(".index") for name in names if name.endswith(".index")]
    if len(prefixes) != 1:
        raise CheckpointError(
            f"expected one .index file or a best_dev_checkpoint file naming one, got {len(prefixes)}; "
            "give the folder or the archive of the DeepSpeech 0.9.2 checkpoint"
        )
    return prefixes[0]
