"""The 80 identity components: principal components of the head sliders of the base mesh.

Every slider is linear, and so is rigid alignment to first order; the covariance of shapes is therefore known exactly
from the carried sliders and their spreads, and no sampling is needed.
"""

from __future__ import annotations

import re

import numpy as np

from backend.training.open_head.fields import signed
from backend.training.open_head.head import Head
from backend.training.open_head.part import Carry, normals
from backend.training.open_head.wheel import MPFB, Float64Array, Wheel

COMPONENTS = 80
FOLDERS = ("head", "forehead", "eyes", "eyebrows", "nose", "mouth", "cheek", "chin", "ears", "neck")
LEFT_OUT = re.compile(r"(head|neck|nose|mouth)-trans-(in|out)|measure-|head-angle|head-age|pointed")
OPPOSITES = (
    ("decr", "incr"),
    ("down", "up"),
    ("in", "out"),
    ("backward", "forward"),
    ("concave", "convex"),
    ("compress", "uncompress"),
)
SPREAD = {"head": 0.13, "neck": 0.13, "forehead": 0.15, "ears": 0.16, "mouth": 0.11}
OTHER_SPREAD = 0.22
JITTER = 0.05  # of each side on its own
RACE_SPREAD = 0.45
SEX_SPREAD = 0.5
AGE_SPREAD = 0.25
BUILD_SPREAD = 0.3


def sliders(wheel: Wheel) -> dict[str, tuple[Float64Array, float]]:
    """Displacement (19158, 3) of each slider at +1 and its standard deviation; sided ones without their prefix."""
    found: dict[str, tuple[Float64Array, float]] = {}
    for folder in FOLDERS:
        names = {path.rsplit("/", 1)[1].split(".")[0] for path in wheel.names(f"{MPFB}targets/{folder}/")}
        for name in sorted(names):
            if LEFT_OUT.search(name) or name.startswith("r-"):
                continue
            positive = _positive(name, names)
            if positive is None:
                continue
            field = wheel.target(f"{folder}/{positive}")
            if positive != name:
                field = (field - wheel.target(f"{folder}/{name}")) / 2
            found[f"{folder}/{positive}"] = (field, SPREAD.get(folder, OTHER_SPREAD))
    return found


def _positive(name: str, names: set[str]) -> str | None:
    """The other end of a two-ended slider if `name` is its negative end, `name` if it stands alone, else None."""
    for low, high in OPPOSITES:
        for a, b in ((low, high), (high, low)):
            if name.endswith(f"-{a}") and name[: -len(a)] + b in names:
                return name[: -len(a)] + b if a == low else None
    return name


def opposite(wheel: Wheel, name: str) -> Float64Array | None:
    """Displacement (19158, 3) of the negative end of a slider named by its positive one, None where it has none."""
    for low, high in OPPOSITES:
        if name.endswith(f"-{high}"):
            return wheel.target(name[: -len(high)] + low)
    return None


def macros(wheel: Wheel) -> list[Float64Array]:
    """Displacements of origin, sex, age and build at one standard deviation each."""
    people = {
        (race, sex, age): wheel.target(f"macrodetails/{race}-{sex}-{age}")
        for race in ("african", "asian", "caucasian")
        for sex in ("female", "male")
        for age in ("young", "old")
    }
    races, sexes = ("african", "asian", "caucasian"), ("female", "male")
    young = np.mean([people[r, s, "young"] for r in races for s in sexes], axis=0)
    fields = []
    for race in races:
        fields.append((np.mean([people[race, s, "young"] for s in sexes], axis=0) - young) * RACE_SPREAD)
        difference = (people[race, "male", "young"] - people[race, "female", "young"]) / 2
        fields.append(difference * SEX_SPREAD / 3)
    all_sexes = np.mean([people[r, "male", "young"] - people[r, "female", "young"] for r in races], axis=0)
    fields.append(all_sexes / 2 * SEX_SPREAD)
    old = np.mean([people[r, s, "old"] for r in races for s in sexes], axis=0)
    fields.append((old - young) * AGE_SPREAD)
    for low, high in (
        ("minmuscle-averageweight", "maxmuscle-averageweight"),
        ("averagemuscle-minweight", "averagemuscle-maxweight"),
    ):
        ends = [
            np.mean([wheel.target(f"macrodetails/universal-{s}-young-{end}") for s in sexes], axis=0)
            for end in (low, high)
        ]
        fields.append((ends[1] - ends[0]) / 2 * BUILD_SPREAD)
    return fields


def spanning_fields(wheel: Wheel, head: Head, mend: Carry) -> tuple[Float64Array, Float64Array]:
    """Aligned displacements at one standard deviation: symmetric (s, n, 3) and antisymmetric (a, n, 3).

    `mend` keeps lips and lids working; it must be linear.
    """
    symmetric, antisymmetric = [], []
    for field in macros(wheel):
        symmetric.append(_both_sides(head, head.whole.carry(field), 1.0))
    for name, (field, spread) in sliders(wheel).items():
        carried = head.whole.carry(field)
        if "/l-" in name:
            symmetric.append((carried + head.mirrored(carried)) * spread)
            antisymmetric.append((carried - head.mirrored(carried)) * JITTER / np.sqrt(2))
        else:
            symmetric.append(_both_sides(head, carried, spread))
    align = aligner(head)
    return (
        np.stack([mend(align(field)) for field in symmetric]),
        np.stack([mend(align(field)) for field in antisymmetric]),
    )


def _both_sides(head: Head, field: Float64Array, spread: float) -> Float64Array:
    return (field + head.mirrored(field)) / 2 * spread


def aligner(head: Head) -> Carry:
    """The linear map that takes the best small translation and turn of the face out of a displacement."""
    rest = head.whole.rest
    weight = np.sqrt(face_weight(head))
    centre = np.average(rest, axis=0, weights=weight**2)
    arms = rest - centre
    moves = [np.tile(axis, (len(rest), 1)) for axis in np.eye(3)]
    moves += [np.cross(np.tile(axis, (len(rest), 1)), arms) for axis in np.eye(3)]
    motion = np.stack([move.ravel() for move in moves], axis=1)
    repeated = np.repeat(weight, 3)[:, None]
    fit = np.linalg.pinv(motion * repeated)

    def align(field: Float64Array) -> Float64Array:
        share = fit @ (field.ravel() * repeated[:, 0])
        return field - (motion @ share).reshape(field.shape)

    return align


def face_weight(head: Head) -> Float64Array:
    """Weight (n,) of each vertex in alignment and components: its area times how far it faces forward."""
    rest, triangles = head.whole.rest, head.whole.triangles
    a, b, c = (rest[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    share = np.zeros(len(rest))
    for k in range(3):
        np.add.at(share, triangles[:, k], area / 3)
    facing = np.clip(normals(rest, triangles)[:, 2], 0, None)
    weight = share * (0.05 + facing)
    outside = np.ones(len(rest), dtype=bool)
    outside[head.indices("skin")] = False
    weight[outside] = 0
    weight[rest[:, 1] < 6.2] *= 0.05
    return weight / weight.sum()


def components(
    symmetric: Float64Array, antisymmetric: Float64Array, weight: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Principal components (80, n, 3), scaled for standard normal coefficients, and their weighted variances."""
    parts, variances = [], []
    for fields in (symmetric, antisymmetric):
        flat = fields.reshape(len(fields), -1)
        weighted = flat * np.repeat(np.sqrt(weight), 3)
        values, mixing = np.linalg.eigh(weighted @ weighted.T)
        parts.append(mixing.T @ flat)
        variances.append(values)
    basis, variance = np.concatenate(parts), np.concatenate(variances)
    order = np.argsort(-variance, kind="stable")[:COMPONENTS]
    shaped = signed(basis[order]).reshape(len(order), -1, 3)
    return shaped, variance[order]
