"""A writer of small TensorFlow V2 checkpoints, after SPEC 9, independent of the reader's arithmetic."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PREFIX = "best_dev-1"
DTYPES = {"float32": 1, "float64": 2, "int64": 9}
MAGIC = bytes.fromhex("57fb808b247547db")


def crc32c(data: bytes) -> int:
    """Bit by bit from the definition, through a table of bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _remainder(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


_TABLE = [_remainder(value) for value in range(256)]


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value) if value else b""


def message(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def table(entries: Iterable[tuple[bytes, bytes]], per_block: int = 5, kind: int = 0) -> bytes:
    """A sorted string table of several blocks."""
    ordered = sorted(entries)
    out, index = b"", []
    for start in range(0, len(ordered), per_block):
        part = ordered[start : start + per_block]
        out, handle = _append(out, _block(part), kind)
        index.append((part[-1][0], handle))
    out, meta = _append(out, _block([]), kind)
    out, top = _append(out, _block(index), kind)
    return out + (meta + top).ljust(40, b"\0") + MAGIC


def _append(out: bytes, block: bytes, kind: int) -> tuple[bytes, bytes]:
    stored = block + bytes([kind])
    return out + stored + masked(stored), varint(len(out)) + varint(len(block))


def _block(entries: list[tuple[bytes, bytes]]) -> bytes:
    out, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return out + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")


def entry(array: NDArray[Any], shard: int, offset: int, extra: bytes = b"") -> bytes:
    shape = b"".join(message(2, number(1, size)) for size in array.shape)
    data = array.tobytes()
    head = number(1, DTYPES[array.dtype.name]) + message(2, shape) + number(3, shard) + number(4, offset)
    return head + number(5, len(data)) + varint(6 << 3 | 5) + masked(data) + extra


def header(shards: int, big_endian: bool = False) -> bytes:
    return number(1, shards) + number(2, int(big_endian)) + message(3, number(1, 1))


def files(variables: Mapping[str, NDArray[Any]], shards: int = 1) -> dict[str, bytes]:
    """A checkpoint's files by name, the variables dealt out to the shards in turn."""
    data = [b""] * shards
    entries = [(b"", header(shards))]
    for i, (name, array) in enumerate(sorted(variables.items())):
        entries.append((name.encode(), entry(array, i % shards, len(data[i % shards]))))
        data[i % shards] += np.ascontiguousarray(array).tobytes()
    naming = f'model_checkpoint_path: "{PREFIX}"\nall_model_checkpoint_paths: "{PREFIX}"\n'
    out = {f"{PREFIX}.index": table(entries), "best_dev_checkpoint": naming.encode()}
    return out | {f"{PREFIX}.data-{i:05d}-of-{shards:05d}": shard for i, shard in enumerate(data)}


def folder(path: Path, contents: Mapping[str, bytes]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (path / name).write_bytes(data)
    return path


def archive(path: Path, contents: Mapping[str, bytes], inside: str = "deepspeech-0.9.2-checkpoint/") -> Path:
    """A .tar.gz of the files, in a folder of its own."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in contents.items():
            member = tarfile.TarInfo(inside + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path
