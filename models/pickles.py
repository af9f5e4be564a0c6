"""Read pickled data without running anything in it: PyTorch checkpoints and NumPy pickles (SPEC 3.2, 4.5, 10).

A pickle is a program: it names functions of the reading process and calls them. Here every name it may use stands for
a small inert record of ours, and any other name ends the reading. Arrays and tensors are built afterwards, from
checked shapes and the bytes of the file, on the CPU whatever device the file was written from. Known containers:

* the zip archive `torch.save` has written since PyTorch 1.6,
* the chain of pickles followed by raw storages that it wrote before,
* one plain pickle of numbers, texts, lists, tuples, dicts and NumPy arrays.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import numpy as np
import torch
from torch import Tensor

_ZIP_START: Final = b"PK\x03\x04"
_LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C  # first pickle of a file of PyTorch before 1.6
_LEGACY_PROTOCOL: Final = 1001
_STORAGE_TYPES: Final = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
_DTYPES: Final = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
_MEMO_WRITES: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_PLAIN: Final = (type(None), bool, int, float, str, bytes)


class PickleRefusedError(ValueError):
    """The file is damaged, or holds something other than numbers, texts, arrays and containers of them."""


def read_pickle(source: bytes | str | Path) -> Any:
    """The data of a pickle, given as its bytes or its path, with nothing in it executed.

    Tensors come as `torch.Tensor` on the CPU without gradient, arrays as writable `numpy.ndarray` in native byte
    order, ordered dicts as dicts.

    Raises:
        PickleRefusedError: damaged, or it names anything but plain data; the message says what.
        FileNotFoundError: no such file.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as stream:
        try:
            return _read(stream)
        except PickleRefusedError:
            raise
        # Hostile bytes make the pickle and zip modules raise nearly any error, so all of them end here.
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise PickleRefusedError(f"not a readable pickle or checkpoint ({reason})") from error


def read_state_dict(source: bytes | str | Path) -> dict[str, Tensor]:
    """The tensors by name of a checkpoint that is one bare state dict (SPEC 1.2, 4.5).

    Raises:
        PickleRefusedError: as `read_pickle`, or the file holds something else than named tensors.
        FileNotFoundError: no such file.
    """
    data = read_pickle(source)
    if not isinstance(data, dict) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in data.items()):
        raise PickleRefusedError(f"expected a dict of named tensors, got {_describe(data)}")
    return data


def _describe(data: object) -> str:
    return f"a dict with the entries {list(data)[:5]}" if isinstance(data, dict) else f"a {type(data).__name__}"


# --- containers ---------------------------------------------------------------------------------------------------


def _read(stream: BinaryIO) -> Any:
    start = stream.read(len(_ZIP_START))
    stream.seek(0)
    if start == _ZIP_START:
        return _read_zip(stream)
    data = _unpickle(stream)
    return _read_legacy(stream) if data == _LEGACY_MAGIC else _read_plain(data, stream)


def _read_plain(data: object, stream: BinaryIO) -> Any:
    if stream.read(1):
        raise PickleRefusedError("there are more bytes after the end of the pickle")

    def no_storage(storage: _Storage) -> NoReturn:
        raise PickleRefusedError("the pickle refers to tensor data that it does not carry")

    return _Builder(no_storage).build(data)


def _read_zip(stream: BinaryIO) -> Any:
    with zipfile.ZipFile(stream) as archive:
        roots = [name.removesuffix("data.pkl") for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(roots) != 1:
            raise PickleRefusedError("the zip archive is not a PyTorch checkpoint: it has no single data.pkl")
        # torch.save never compresses; a compressed archive could unpack to any size.
        if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
            raise PickleRefusedError("the zip archive is compressed, which PyTorch checkpoints never are")
        root = roots[0]
        if root + "byteorder" in archive.namelist() and archive.read(root + "byteorder") != b"little":
            raise PickleRefusedError("the checkpoint was written on a big-endian machine")

        def read_storage(storage: _Storage) -> Tensor:
            return storage.tensor(archive.read(f"{root}data/{storage.key}"))

        return _Builder(read_storage).build(_unpickle(io.BytesIO(archive.read(root + "data.pkl"))))


def _read_legacy(stream: BinaryIO) -> Any:
    protocol, system = _unpickle(stream), _unpickle(stream)
    if protocol != _LEGACY_PROTOCOL or not isinstance(system, dict) or system.get("little_endian") is not True:
        raise PickleRefusedError("a PyTorch file of an unknown protocol or byte order")
    data, found = _unpickle_with_storages(stream)
    keys = _unpickle(stream)
    if not isinstance(keys, list):
        raise PickleRefusedError("the list of tensor storages is missing")
    tensors = {key: _legacy_storage(stream, found, key) for key in keys}
    return _Builder(lambda storage: tensors[storage.key]).build(data)


def _legacy_storage(stream: BinaryIO, found: dict[str, _Storage], key: object) -> Tensor:
    if not isinstance(key, str) or key not in found:
        raise PickleRefusedError("the file carries tensor data that nothing in it uses")
    (count,) = struct.unpack("<q", stream.read(8))
    storage = found[key]
    if count != storage.count:
        raise PickleRefusedError(f"tensor storage of {count} values where {storage.count} were announced")
    return storage.tensor(stream.read(count * storage.dtype.itemsize))


# --- the pickle machine -------------------------------------------------------------------------------------------


def _unpickle(stream: BinaryIO) -> Any:
    return _unpickle_with_storages(stream)[0]


def _unpickle_with_storages(stream: BinaryIO) -> tuple[Any, dict[str, _Storage]]:
    """One pickle from where the stream stands, as plain data and records, and the storages it refers to."""
    start = stream.tell()
    _check_memo(stream)
    length = stream.tell() - start
    stream.seek(start)
    unpickler = _Unpickler(io.BytesIO(stream.read(length)))
    return unpickler.load(), unpickler.storages


def _check_memo(stream: BinaryIO) -> None:
    """Walk to the end of the pickle; refuse memo numbers that would make the reader allocate a huge table."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        if opcode.name in _MEMO_WRITES and (not isinstance(argument, int) or argument > count):
            raise PickleRefusedError(f"memo number {argument} after only {count} operations")


class _Unpickler(pickle.Unpickler):
    """Python's machine with every name replaced by one of our records."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _NAMES[module, name]
        except KeyError:
            raise PickleRefusedError(f"the file asks for {module}.{name}, which plain data never needs") from None

    def persistent_load(self, pid: Any) -> _Storage:
        match pid:
            case ("storage", _Name(value=torch.dtype() as dtype), str(key), str(), int(count)):
                pass
            case ("storage", _Name(value=torch.dtype() as dtype), str(key), str(), int(count), None):
                pass
            case _:
                raise PickleRefusedError("a reference to tensor data in an unknown form")
        storage = _Storage(dtype, key, count)
        if self.storages.setdefault(key, storage).same_as(storage):
            return self.storages[key]
        raise PickleRefusedError(f"two different descriptions of the tensor data {key!r}")


class _Record:
    """What stands in for a named object; the pickle can neither read nor change it, but for what `accept` takes."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        self.accept(state)

    def accept(self, state: object) -> None:
        raise PickleRefusedError("the file tries to change an object that plain data never changes")


class _Name(_Record):
    """A name that only appears as an argument."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class _Function(_Record):
    """A name that may be called; the call makes a record."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., object]) -> None:
        self._make = make

    def __call__(self, *arguments: object) -> object:
        return self._make(*arguments)


class _Dict(dict):
    """An ordered dict; PyTorch hangs version notes on it, which are dropped."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        pass


class _Storage(_Record):
    """The flat memory behind one or several tensors."""

    __slots__ = ("count", "dtype", "key")

    def __init__(self, dtype: torch.dtype, key: str, count: int) -> None:
        if count < 0:
            raise PickleRefusedError(f"tensor data of {count} values")
        self.dtype, self.key, self.count = dtype, key, count

    def same_as(self, other: _Storage) -> bool:
        return (self.dtype, self.count) == (other.dtype, other.count)

    def tensor(self, data: bytes) -> Tensor:
        """The memory as a flat tensor, of exactly the announced size."""
        if len(data) != self.count * self.dtype.itemsize:
            raise PickleRefusedError(f"{len(data)} bytes of tensor data where {self.count} {self.dtype} were announced")
        return torch.frombuffer(bytearray(data), dtype=self.dtype) if data else torch.empty(0, dtype=self.dtype)


class _TensorRecord(_Record):
    """A view of a storage."""

    __slots__ = ("offset", "shape", "storage", "strides")

    def __init__(self, storage: object, offset: object, shape: object, strides: object, *_: object) -> None:
        self.offset = _sizes((offset,))[0]
        self.shape, self.strides = _sizes(shape), _sizes(strides)
        # More values than memory means strides of 0: a small file that unfolds to any size when copied.
        if not isinstance(storage, _Storage) or math.prod(self.shape) > storage.count:
            raise PickleRefusedError(f"a tensor of shape {self.shape} without enough data behind it")
        self.storage = storage


class _ArrayRecord(_Record):
    """A NumPy array, filled by `accept`."""

    __slots__ = ("array",)

    def __init__(self, *_: object) -> None:
        self.array: np.ndarray | None = None

    def accept(self, state: object) -> None:
        match state:
            case (1, tuple() as shape, _DType() as kind, bool(fortran), bytes(data)):
                flat = kind.values(data)
            case _:
                raise PickleRefusedError("a NumPy array in an unknown form, or one that holds objects")
        if math.prod(_sizes(shape)) != flat.size:
            raise PickleRefusedError(f"a NumPy array of shape {shape} with {flat.size} values")
        self.array = flat.reshape(shape, order="F" if fortran else "C")


class _DType(_Record):
    """A NumPy number type; `accept` takes its byte order."""

    __slots__ = ("_code", "_order")

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or code not in _DTYPES:
            raise PickleRefusedError(f"NumPy type {code!r}; only plain numbers are read")
        self._code, self._order = code, "="

    def accept(self, state: object) -> None:
        match state:
            case (_, "<" | ">" | "|" | "=" as order, None, None, None, *_):
                self._order = str(order)
            case _:
                raise PickleRefusedError("a NumPy type with fields; only plain numbers are read")

    def values(self, data: bytes) -> np.ndarray:
        """The flat, writable array of the bytes in native byte order."""
        stored = np.dtype(self._order + self._code)
        return np.frombuffer(data, stored).astype(stored.newbyteorder("="))


class _ScalarRecord(_Record):
    """One NumPy number."""

    __slots__ = ("value",)

    def __init__(self, kind: object, data: object) -> None:
        if not isinstance(kind, _DType) or not isinstance(data, bytes):
            raise PickleRefusedError("a NumPy number in an unknown form")
        (self.value,) = kind.values(data)


def _sizes(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple) or not all(type(v) is int and 0 <= v < 2**63 for v in values):
        raise PickleRefusedError(f"expected sizes, got {values!r:.80}")
    return values


def _latin1(text: object, encoding: object) -> bytes:
    """How Python 3 writes bytes in the pickles of protocol 2."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise PickleRefusedError("bytes in an unknown form")
    return text.encode("latin1")


_NAMES: Final[dict[tuple[str, str], _Record]] = {
    ("collections", "OrderedDict"): _Function(_Dict),
    ("torch._utils", "_rebuild_tensor_v2"): _Function(_TensorRecord),
    ("torch._utils", "_rebuild_parameter"): _Function(lambda tensor, *_: tensor),
    ("numpy", "ndarray"): _Name(np.ndarray),
    ("numpy", "dtype"): _Function(_DType),
    ("numpy.core.multiarray", "_reconstruct"): _Function(_ArrayRecord),
    ("numpy._core.multiarray", "_reconstruct"): _Function(_ArrayRecord),
    ("numpy.core.multiarray", "scalar"): _Function(_ScalarRecord),
    ("numpy._core.multiarray", "scalar"): _Function(_ScalarRecord),
    ("_codecs", "encode"): _Function(_latin1),
    **{("torch", name): _Name(dtype) for name, dtype in _STORAGE_TYPES.items()},
}


# --- records to data ----------------------------------------------------------------------------------------------


class _Builder:
    """Turns what the machine left, plain data and records, into data; shared parts stay shared."""

    def __init__(self, read_storage: Callable[[_Storage], Tensor]) -> None:
        self._read_storage = read_storage
        self._memories: dict[str, Tensor] = {}
        self._built: dict[int, Any] = {}
        self._open: set[int] = set()

    def build(self, value: object) -> Any:
        """The data of one value and all it contains."""
        if type(value) in _PLAIN:
            return value
        if id(value) not in self._built:
            if id(value) in self._open:
                raise PickleRefusedError("a container that contains itself")
            self._open.add(id(value))
            self._built[id(value)] = self._convert(value)
        return self._built[id(value)]

    def _convert(self, value: object) -> Any:
        match value:
            case dict():
                return {self.build(key): self.build(item) for key, item in value.items()}
            case list():
                return [self.build(item) for item in value]
            case tuple():
                return tuple(self.build(item) for item in value)
            case _ScalarRecord():
                return value.value
            case _ArrayRecord(array=np.ndarray() as array):
                return array
            case _TensorRecord():
                return self._tensor(value)
        raise PickleRefusedError("the file holds something other than numbers, texts, arrays and containers of them")

    def _tensor(self, record: _TensorRecord) -> Tensor:
        key = record.storage.key
        if key not in self._memories:
            self._memories[key] = self._read_storage(record.storage)
        return self._memories[key].as_strided(record.shape, record.strides, record.offset)
