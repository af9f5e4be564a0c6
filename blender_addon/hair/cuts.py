"""The cuts of the head's hair (no bpy): how long it is where, how it is combed and how it holds together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from . import combs
from .grow import Plan
from .regions import above_hairline, angles, from_part, off_the_face, smooth
from .roots import Roots
from .surface import Float64Array, Surface

SIDE: Final = 0.028  # where hair is parted, see `Cut.part`
BOB: Final = 0.022
MIDDLE: Final = -0.004


@dataclass(frozen=True)
class Locks:
    """How strands hold together: locks `size` metres wide, drawn together by `hold` 0..1 (and up to `spread` less), the
    nearer to the tip the larger `shape`; they lie `layer` metres higher or lower than each other."""

    size: float
    hold: float
    shape: float = 1.2
    spread: float = 0.3
    layer: float = 0.0


@dataclass(frozen=True)
class Waves:
    """Waves `width` metres high and `period` metres long; `flat` 0 for coils, 1 for waves in a plane."""

    width: float
    period: float
    flat: float = 0.6


@dataclass(frozen=True)
class Cut:
    """One cut.

    strands: how many there are at density 1; plan: how they grow; level: heights (n,) at which they are cut off;
    frizz: metres that a tip is off its way; flying: share of strands that keep to no lock; radius: at the root, metres,
    at density 1; tip: radius there against the root's; part: metres to the subject's left of the middle, where hair is
    parted; shade: 0..1, how much the skin below has of the hair's colour, for the hairs that are not there;
    root: factor on the colour at the root.
    """

    strands: int
    plan: Callable[[Surface, Roots, np.random.Generator], Plan]
    locks: tuple[Locks, ...] = ()
    waves: Waves | None = None
    level: Callable[[Surface, Roots, np.random.Generator], Float64Array] | None = None
    frizz: float = 0.001
    flying: float = 0.03
    radius: float = 0.0001
    tip: float = 0.25
    part: float | None = None
    shade: float = 0.6
    root: float = 0.6


def _jitter(count: int, spread: float, rng: np.random.Generator) -> Float64Array:
    """Factors (count,) about 1."""
    return 1 + spread * rng.uniform(-1, 1, count)


def _everywhere(points: Float64Array) -> Float64Array:
    return np.ones(len(points))


def _buzz(surface: Surface, roots: Roots, rng: np.random.Generator) -> Plan:
    inside = above_hairline(surface, roots.points)
    count = len(roots)
    length = (0.003 + 0.0045 * smooth(inside, 2, 30)) * _jitter(count, 0.25, rng)
    return Plan(
        length=length,
        height=length,
        lift=_jitter(count, 0.3, rng) * 0.45,
        comb=combs.from_whorl(surface.measures),
        falls=_everywhere,
        gravity=0.0,
        stiffness=0.85,
        steps=4,
    )


def _top(surface: Surface, roots: Roots) -> Float64Array:
    """0..1 for n roots: whether they are on top of the head, where short cuts are longer."""
    azimuth, elevation, _ = angles(surface, roots.points)
    return smooth(elevation - 14 * smooth(np.abs(azimuth), 100, 150), 20, 62)


def _beside(surface: Surface, roots: Roots, part: float) -> Float64Array:
    """0..1 for n roots: 0 on a parting, where hair is combed flat to either side, 1 from three centimetres on."""
    ahead = 1 - smooth(roots.points[:, 1] - surface.measures.crown[1], -0.02, 0.03)
    return smooth(np.abs(from_part(surface.measures, part, roots.points)) / np.maximum(ahead, 0.01), 0, 0.03)


def _side_part(surface: Surface, roots: Roots, rng: np.random.Generator) -> Plan:
    measures, count = surface.measures, len(roots)
    inside, top = above_hairline(surface, roots.points), _top(surface, roots)
    low = 0.007 + 0.019 * smooth(inside, 0, 30)
    length = ((1 - top) * low + top * 0.062) * _jitter(count, 0.22, rng)
    front = smooth(-(roots.points[:, 1] - measures.centre[1]) / measures.height, 0.2, 0.6) * top
    beside = _beside(surface, roots, SIDE)
    return Plan(
        length=length,
        height=(0.002 + (0.009 * top + 0.009 * front) * (0.3 + 0.7 * beside)) * _jitter(count, 0.6, rng),
        lift=(0.12 + (0.25 * top + 0.25 * front) * beside) * _jitter(count, 0.3, rng),
        comb=combs.parted(measures, SIDE, back=0.9, fall=0.5),
        falls=_everywhere,
        gravity=0.15,
        cling=0.9,
        stiffness=0.6,
        rise=0.3,
        settle=0.8,
        steps=10,
    )


def _swept_back(surface: Surface, roots: Roots, rng: np.random.Generator) -> Plan:
    measures, count = surface.measures, len(roots)
    inside, top = above_hairline(surface, roots.points), _top(surface, roots)
    low = 0.012 + 0.022 * smooth(inside, 0, 35)
    length = ((1 - top) * low + top * 0.085) * _jitter(count, 0.2, rng)
    front = smooth(-(roots.points[:, 1] - measures.centre[1]) / measures.height, 0.2, 0.6) * top
    return Plan(
        length=length,
        height=(0.002 + 0.010 * top + 0.008 * front) * _jitter(count, 0.6, rng),
        lift=(0.1 + 0.3 * top + 0.35 * front) * _jitter(count, 0.25, rng),
        comb=combs.swept_back(measures),
        falls=_everywhere,
        gravity=0.1,
        cling=0.9,
        stiffness=0.6,
        rise=0.3,
        settle=0.85,
        steps=12,
    )


def _long(
    surface: Surface, roots: Roots, rng: np.random.Generator, length: float, part: float, volume: float, tuck: float
) -> Plan:
    measures, count = surface.measures, len(roots)
    inside = above_hairline(surface, roots.points)
    layer = smooth(inside, 0, 75) * (0.35 + 0.65 * _beside(surface, roots, part))
    return Plan(
        length=length * _jitter(count, 0.06, rng),
        height=(0.0015 + volume * layer) * _jitter(count, 0.5, rng),
        lift=(0.05 + 0.4 * layer) * _jitter(count, 0.3, rng),
        comb=combs.parted(measures, part, back=0.42, fall=0.75, tuck=tuck, off=0.35),
        falls=lambda points: off_the_face(surface, points, 40, 62),
        gravity=0.97,
        cling=0.8,
        stiffness=0.5,
        rise=0.22,
        steps=20,
    )


def _bob(surface: Surface, roots: Roots, rng: np.random.Generator) -> Plan:
    return _long(surface, roots, rng, 0.34, BOB, 0.012, 0.6)


def _bob_level(surface: Surface, roots: Roots, rng: np.random.Generator) -> Float64Array:
    """A little above the chin in front, shorter at the nape."""
    measures = surface.measures
    azimuth, _, _ = angles(surface, roots.points)
    back = smooth(np.abs(azimuth), 70, 170)
    level = measures.chin[2] + measures.height * (0.1 + 0.16 * back)
    return level + 0.003 * _uneven(roots, rng) + rng.normal(0, 0.0035, len(roots))


def _wavy(surface: Surface, roots: Roots, rng: np.random.Generator) -> Plan:
    return _long(surface, roots, rng, 0.42, MIDDLE, 0.013, 0.2)


def _wavy_level(surface: Surface, roots: Roots, rng: np.random.Generator) -> Float64Array:
    """About the collarbones; neighbours end together, so that locks have tips."""
    measures = surface.measures
    level = measures.chin[2] - measures.height * rng.triangular(0.40, 0.46, 0.48, len(roots))
    return level + 0.011 * _uneven(roots, rng)


def _uneven(roots: Roots, rng: np.random.Generator) -> Float64Array:
    """(n,) numbers about -1..1 that change from lock to lock."""
    waves = roots.points @ rng.normal(0, 160, (3, 4)) + rng.uniform(0, 6, 4)  # radians per metre
    return np.sin(waves).sum(axis=1) / 2


CUTS: Final[Mapping[str, Cut]] = {
    "buzz": Cut(strands=60000, plan=_buzz, frizz=0.0004, flying=0.0, radius=0.00012, tip=0.5, shade=0.75, root=0.9),
    "side_part": Cut(
        strands=32000,
        plan=_side_part,
        locks=(Locks(0.012, 0.4, 1.2, layer=0.0008), Locks(0.005, 0.35, 1.6)),
        waves=Waves(0.0012, 0.05, 0.5),
        frizz=0.0016,
        part=SIDE,
    ),
    "swept_back": Cut(
        strands=30000,
        plan=_swept_back,
        locks=(Locks(0.014, 0.5, 1.0, layer=0.001), Locks(0.006, 0.55, 1.4)),
        waves=Waves(0.0015, 0.06, 0.5),
        frizz=0.0018,
    ),
    "bob": Cut(
        strands=28000,
        plan=_bob,
        level=_bob_level,
        locks=(Locks(0.018, 0.4, 1.2, layer=0.0018), Locks(0.007, 0.6, 1.4, layer=0.0012)),
        waves=Waves(0.002, 0.11, 0.5),
        frizz=0.002,
        tip=0.5,
        part=BOB,
    ),
    "long_wavy": Cut(
        strands=28000,
        plan=_wavy,
        level=_wavy_level,
        locks=(Locks(0.026, 0.75, 0.9, 0.2, layer=0.0025), Locks(0.010, 0.85, 1.1, 0.2, layer=0.002)),
        waves=Waves(0.012, 0.085, 0.5),
        frizz=0.0016,
        tip=0.55,
        part=MIDDLE,
    ),
}
