"""Weights drawn from a seed, so that full-size networks meet their goldens without a checkpoint (SPEC 0.3).

Every tensor has a generator of its own, seeded with the CRC-32 of "<seed>:<name>": the order of names never matters.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shapes = Mapping[str, Sequence[int]]
Weights = dict[str, NDArray[Any]]

TF_STEM = "resnet_v1_50/conv1/weights"  # sees 0..255 instead of 0..1, so its weights are drawn smaller
TF_STEM_SCALE = 1 / 64


def torch_weights(shapes: Shapes, seed: int) -> Weights:
    """Weights for a PyTorch state dict given as name -> shape; counters are int64, all else float32."""
    return {name: _torch_tensor(name, tuple(shape), seed, shapes) for name, shape in shapes.items()}


def tf_weights(shapes: Shapes, seed: int) -> Weights:
    """Weights for TensorFlow variables given as name -> shape, in TensorFlow's order of axes."""
    return {name: _tf_tensor(name, tuple(shape), seed) for name, shape in shapes.items()}


def _torch_tensor(name: str, shape: tuple[int, ...], seed: int, shapes: Shapes) -> NDArray[Any]:
    module, leaf = name.rsplit(".", 1)
    if leaf == "num_batches_tracked":
        return np.array(1000, np.int64)
    normalises = f"{module}.running_var" in shapes
    kinds = {"running_mean": "shift", "running_var": "variance", "bias": "shift"}
    if leaf in kinds:
        kind = kinds[leaf]
    elif normalises:
        kind = "gain"
    else:
        kind = "slope" if len(shape) == 1 else "kernel"
    return _draw(kind, shape, fan_in=int(np.prod(shape[1:])), generator=_generator(seed, name)).astype(np.float32)


def _tf_tensor(name: str, shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    kinds = {
        "moving_mean": "shift",
        "moving_variance": "variance",
        "gamma": "gain",
        "beta": "shift",
        "biases": "shift",
    }
    kind = kinds.get(name.rsplit("/", 1)[-1], "kernel")
    drawn = _draw(kind, shape, fan_in=int(np.prod(shape[:-1])), generator=_generator(seed, name))
    return (drawn * TF_STEM_SCALE if name == TF_STEM else drawn).astype(np.float32)


def _draw(kind: str, shape: tuple[int, ...], fan_in: int, generator: np.random.RandomState) -> NDArray[np.float64]:
    if kind == "shift":
        return 0.1 * generator.standard_normal(shape)
    if kind == "variance":
        return 0.5 + generator.random_sample(shape)
    if kind == "gain":
        return 0.3 + 0.6 * generator.random_sample(shape)
    if kind == "slope":
        return 0.1 + 0.3 * generator.random_sample(shape)
    return generator.standard_normal(shape) * np.sqrt(2.0 / fan_in)


def _generator(seed: int, name: str) -> np.random.RandomState:
    return np.random.RandomState(zlib.crc32(f"{seed}:{name}".encode("ascii")))
