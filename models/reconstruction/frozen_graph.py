"""Reads the numbers out of a frozen TensorFlow graph (`.pb`) without TensorFlow.

A graph is a protocol buffer: numbered fields, each a variable-length integer, 4 or 8 bytes, or a counted run of bytes
that may be fields again. Field numbers are those of TensorFlow's `graph.proto`, `node_def.proto`, `attr_value.proto`,
`tensor.proto` and `tensor_shape.proto`.
"""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FLOAT: Final = 1  # DT_FLOAT
_DEFAULT_EPSILON: Final = 1e-4  # of TensorFlow's FusedBatchNorm operations, where writers left the default out
_VARINT, _EIGHT_BYTES, _RUN, _FOUR_BYTES = 0, 1, 2, 5
_MAX_VARINT_BYTES: Final = 10
Fields = dict[int, list[int | memoryview]]


class GraphError(ValueError):
    """The file is not a frozen graph, or damaged."""


@dataclass(frozen=True)
class FrozenGraph:
    """What a frozen graph knows of its network.

    Attributes:
        weights: constant float32 arrays by node name, axes in TensorFlow's order.
        epsilons: the epsilon of every batch normalisation by node name.
    """

    weights: dict[str, NDArray[np.float32]]
    epsilons: dict[str, float]


def read_frozen_graph(path: str | Path) -> FrozenGraph:
    """The constants and epsilons of the graph in a file.

    Raises:
        GraphError: not a graph.
        FileNotFoundError: no such file.
    """
    data = memoryview(Path(path).read_bytes())
    graph = FrozenGraph({}, {})
    try:
        for node in _runs(_fields(data), 1):
            _add_node(graph, _fields(node))
    except (ValueError, IndexError, struct.error) as error:
        raise GraphError(f"{path} is not a frozen TensorFlow graph: {error}") from error
    if not graph.weights:
        raise GraphError(f"{path} is not a frozen TensorFlow graph with weights: it holds no float constants")
    return graph


def _add_node(graph: FrozenGraph, node: Fields) -> None:
    name, operation = (str(_run(node, number), "utf-8") for number in (1, 2))
    if operation == "Const":
        tensor = _fields(_run(_attribute(node, "value"), 8))
        if tensor.get(1) == [_FLOAT]:
            graph.weights[name] = _array(tensor)
    elif operation.startswith("FusedBatchNorm"):
        epsilon = _attribute(node, "epsilon")
        graph.epsilons[name] = struct.unpack("<f", _run(epsilon, 4))[0] if epsilon else _DEFAULT_EPSILON


def _attribute(node: Fields, name: str) -> Fields:
    """The value of an attribute; no fields at all when the node does not have it."""
    for entry in map(_fields, _runs(node, 5)):
        if _run(entry, 1) == name.encode():
            return _fields(_run(entry, 2))
    return {}


def _array(tensor: Fields) -> NDArray[np.float32]:
    sizes = [_fields(size).get(1, [0])[0] for size in _runs(_fields(_run(tensor, 2)), 2)]
    shape = tuple(size for size in sizes if isinstance(size, int))
    # Large arrays come as raw bytes (field 4); small ones as floats (field 5), the last one repeated to the end.
    content = b"".join(_runs(tensor, 4 if 4 in tensor else 5))
    values = np.frombuffer(content, "<f4").astype(np.float32)
    count = math.prod(shape)
    if 4 not in tensor and len(values) == 1:
        if count > 2**16:  # a scalar that fills an array of weights is no network, but could fill the memory
            raise ValueError(f"one number for an array of shape {shape}")
        values = np.repeat(values, count)
    if len(values) != count:
        raise ValueError(f"{len(values)} values for an array of shape {shape}")
    return values.reshape(shape)


def _runs(fields: Fields, number: int) -> list[memoryview]:
    return [value for value in fields.get(number, []) if isinstance(value, memoryview)]


def _run(fields: Fields, number: int) -> memoryview:
    found = _runs(fields, number)
    if not found:
        raise ValueError(f"field {number} is missing")
    return found[0]


def _fields(data: memoryview) -> Fields:
    fields: Fields = defaultdict(list)
    for number, value in _walk(data):
        fields[number].append(value)
    return fields


def _walk(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(data, place)
            yield key >> 3, value
            continue
        if kind == _RUN:
            length, place = _varint(data, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"field of unknown kind {kind}")
        if place + length > len(data):
            raise ValueError("the file ends within a field")
        yield key >> 3, data[place : place + length]
        place += length


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for position in range(_MAX_VARINT_BYTES):
        byte = data[place + position]
        value |= (byte & 127) << (7 * position)
        if byte < 128:
            return value, place + position + 1
    raise ValueError("a number of more than 10 bytes")
