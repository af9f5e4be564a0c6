"""A shot's pictures become a dynamic texture, in two readings of the clip and memory that does not grow with it.

The first reading, at few texels, finds each picture's exposure and which mixtures of units move the texture
(`backend.subject.regression`). The second fits, texel by texel at full size, what each of them adds: a weighted ridge
regression whose weights are how well each picture shows the texel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.progress import Progress, silent
from backend.subject.base_texture import SkinJudge, SubjectBase
from backend.subject.observer import Observer
from backend.subject.regions import Region, regions
from backend.subject.regression import Following, follow
from backend.subject.shot import Shot
from backend.subject.texel_fit import TexelFit
from models.coefficients import ANGLES, EXPRESSION
from models.face.model import FaceModel
from models.texture.dynamic import DynamicTexture, activations

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

MOST_PICTURES: Final = 300  # that are learned from; of longer clips evenly spread ones are taken
FEW_TEXELS: Final = 160  # along a side, in the first reading
SEEN: Final = 0.25  # mean weight from which a texel counts in the first reading
POSE_SCALE: Final = 2.0  # a turn of 0.2 radians counts as much as 0.4 of a unit


@dataclass(frozen=True, eq=False)
class Learned:
    """What a shot's pictures taught.

    texture: what moves; still: (S, S, 3) uint8, the best single texture for the same pictures; trust: (S, S) 0..1,
    which texels are skin that the pictures show; gains: (n, 3) exposure of the pictures `indices`; explained: share of
    the texture's variance that its model explains in pictures left out, at few texels; parts: the same by part of the
    face, with the number of components and the ridge.
    """

    texture: DynamicTexture
    still: UInt8Array
    trust: Float32Array
    indices: tuple[int, ...]
    gains: Float32Array
    explained: float
    parts: dict[str, dict[str, float]]


def learn(shot: Shot, indices: Sequence[int], size: int, progress: Progress = silent, stage: str = "learn") -> Learned:
    """Learn from the pictures `indices` of `shot`, for a texture of `size` texels a side."""
    chosen = spread(indices, MOST_PICTURES)
    steps = 2 * len(chosen) + 1
    judge = SkinJudge(shot, chosen)
    few = _few_texels(shot, chosen, judge, lambda done: progress(stage, done, steps))
    gains, evened = even_exposure(few.textures, few.weights)
    rows = shot.coefficients[list(chosen)].astype(np.float64)
    found = [
        (region, follow(rows[:, EXPRESSION][:, region.units], POSE_SCALE * rows[:, ANGLES], evened * share))
        for region, share in zip(regions(shot.face_model, size), few.shares, strict=True)
    ]
    weights, bias = _driven(found)
    active = activations(weights, bias, shot.coefficients[list(chosen), EXPRESSION])

    shares = [region.share for region, following in found for _ in following.weights]
    fit = TexelFit(size, shares)
    observer = Observer(shot, size)
    for done, ((index, image), gain, row) in enumerate(zip(shot.pictures(chosen), gains, active, strict=True)):
        seen = observer(index, image)
        fit.add(seen.texture / gain, seen.weight, row)
        progress(stage, len(chosen) + done + 1, steps)
    base = SubjectBase(shot, chosen, judge, size)
    texture = DynamicTexture(
        base=base.completed(fit.base(), fit.weight),
        residuals=fit.residuals() * base.trust[..., None],
        weights=weights,
        bias=bias,
        names=component_names(found, shot.face_model),
        face_model=shot.face_model.name,
        sha256=shot.face_model.sha256,
    )
    progress(stage, steps, steps)
    total = sum(following.total for _, following in found)
    return Learned(
        texture,
        base.completed(fit.mean(), fit.weight),
        base.trust * (fit.weight > 1),
        tuple(chosen),
        gains,
        sum(following.explained for _, following in found) / max(total, 1e-9),
        {region.name: _facts(following) for region, following in found},
    )


def _driven(found: Sequence[tuple[Region, Following]]) -> tuple[Float32Array, Float32Array]:
    """Weights (K, 64) and bias (K,) of all regions' components, each 0 to 1 over what the clip showed."""
    weights, bias = [np.zeros((0, 64), np.float32)], [np.zeros(0, np.float32)]
    for region, following in found:
        span = np.maximum(following.high - following.low, 1e-6)
        row = np.zeros((len(span), 64), np.float32)
        row[:, region.units] = following.weights / span[:, None]
        weights.append(row)
        bias.append((-following.low / span).astype(np.float32))
    return np.concatenate(weights), np.concatenate(bias)


def _facts(following: Following) -> dict[str, float]:
    return {
        "components": len(following.weights),
        "ridge": following.ridge,
        "explained": round(following.explained / max(following.total, 1e-9), 4),
    }


def spread(indices: Sequence[int], most: int) -> list[int]:
    """At most so many of `indices`, evenly spread."""
    if len(indices) <= most:
        return list(indices)
    return [indices[i] for i in np.linspace(0, len(indices) - 1, most).round().astype(int)]


def even_exposure(textures: Float32Array, weights: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Gains (T, 3) of pictures with texels (T, n, 3) and weights (T, n), and deviations (T, 3n) from the mean texture.

    A gain is the median ratio to the mean texture, so that a fold or a flush does not pass for exposure. Texels that a
    picture does not show deviate by nothing.
    """
    gains = np.ones((len(textures), 3), np.float32)
    for _ in range(3):
        total = np.einsum("tn,tnc->nc", weights, textures / gains[:, None])
        mean = total / np.maximum(weights.sum(axis=0), 1e-6)[:, None]
        gains = np.stack([exposure(t, w, mean) for t, w in zip(textures, weights, strict=True)])
        gains /= np.exp(np.log(gains).mean(axis=0))
    apart = (textures / gains[:, None] - mean) * weights[..., None]
    return gains, apart.reshape(len(apart), -1)


def exposure(texture: Float32Array, weight: Float32Array, mean: Float32Array) -> Float32Array:
    """(3,) how much brighter `texture` (n, 3) is than `mean` (n, 3) where `weight` (n,) says it is seen."""
    seen = (weight > 0.5 * max(float(weight.max(initial=0)), 1e-6)) & (mean.min(axis=1) > 10)
    if np.count_nonzero(seen) < 50:
        return np.ones(3, np.float32)
    return np.median(texture[seen] / mean[seen], axis=0).astype(np.float32)


def component_names(found: Sequence[tuple[Region, Following]], face_model: FaceModel) -> tuple[str, ...]:
    """For each component its region and the units that move it most."""
    names = []
    for region, following in found:
        for row in following.weights:
            strongest = [k for k in np.argsort(-np.abs(row))[:2] if abs(row[k]) > 0.3 * np.abs(row).max()]
            units = [("-" if row[k] < 0 else "") + face_model.expression_names[region.units[k]] for k in strongest]
            names.append(f"{region.name}: {', '.join(units)}")
    return tuple(names)


@dataclass(frozen=True, eq=False)
class _FewTexels:
    """De-lit colours (T, n, 3) and weights (T, n) at n texels, and each region's share of them, (3n,)."""

    textures: Float32Array
    weights: Float32Array
    shares: list[Float32Array]


def _few_texels(shot: Shot, chosen: Sequence[int], judge: SkinJudge, report: Callable[[int], None]) -> _FewTexels:
    """What the pictures show at the skin's texels that most of them show."""
    observer = Observer(shot, FEW_TEXELS)
    textures, weights = [], []
    for done, (index, image) in enumerate(shot.pictures(chosen), start=1):
        seen = observer(index, image)
        textures.append(seen.texture.astype(np.float16))
        weights.append(seen.weight.astype(np.float16))
        report(done)
    trust = judge.trust(FEW_TEXELS) > 0.5
    often = trust & (np.mean(weights, axis=0, dtype=np.float32) > SEEN)
    return _FewTexels(
        np.stack([t[often] for t in textures]).astype(np.float32),
        np.stack([w[often] for w in weights]).astype(np.float32),
        [np.repeat(region.share[often], 3) for region in regions(shot.face_model, FEW_TEXELS)],
    )
