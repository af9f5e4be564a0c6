"""Building blocks of motion over time. All are functions of continuous time: any frame rate samples the same curve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.motion.motion import FloatArray


def smooth_step(level: FloatArray) -> FloatArray:
    """Minimum-jerk course from 0 to 1 (Flash & Hogan 1985) for `level` in 0..1, held outside."""
    x = np.clip(level, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def drift(
    generator: np.random.Generator, times: FloatArray, slowest: float, fastest: float, waves: int = 7
) -> FloatArray:
    """A smooth random curve (T,) of unit deviation with frequencies from `slowest` to `fastest` hertz.

    A sum of sines with random phases whose amplitudes fall as 1/f.
    """
    frequencies = np.geomspace(slowest, fastest, waves) * generator.uniform(0.85, 1.18, waves)
    phases = generator.uniform(0.0, 2 * np.pi, waves)
    amplitudes = 1.0 / frequencies
    amplitudes *= np.sqrt(2.0 / np.sum(amplitudes**2))
    curve = np.zeros(len(times))
    for frequency, phase, amplitude in zip(frequencies, phases, amplitudes, strict=True):
        curve += amplitude * np.sin(2 * np.pi * frequency * times + phase)
    return curve


@dataclass(frozen=True, slots=True)
class Bump:
    """A rise to `height`, a hold and a fall; `peak` is the time in seconds at which the rise is complete."""

    peak: float
    rise: float
    hold: float
    fall: float
    height: float = 1.0


def bumps(shapes: Iterable[Bump], times: FloatArray) -> FloatArray:
    """The sum (T,) of all `shapes` at `times` (T,)."""
    curve = np.zeros(len(times))
    for bump in shapes:
        first = np.searchsorted(times, bump.peak - bump.rise)
        last = np.searchsorted(times, bump.peak + bump.hold + bump.fall, side="right")
        now = times[first:last] - bump.peak
        level = np.minimum(1.0 + now / bump.rise, 1.0 - (now - bump.hold) / bump.fall)
        curve[first:last] += bump.height * smooth_step(level)
    return curve


def glide(starts: FloatArray, durations: FloatArray, targets: FloatArray, times: FloatArray) -> FloatArray:
    """Hold a target, and move on to the next one: (T, D) at `times` (T,).

    starts: (K,) ascending times at which the move to `targets` (K, D) begins, durations: (K,) of the moves, each over
    before the next one begins. Before the first start the first target holds.
    """
    current = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, None)
    previous = targets[np.maximum(current - 1, 0)]
    done = smooth_step((times - starts[current]) / durations[current])[:, None]
    return previous + (targets[current] - previous) * done


def at_rest_at_both_ends(times: FloatArray, fade: float, still: float, end: float) -> FloatArray:
    """A window (T,): 0 for `still` seconds from 0 and before `end`, 1 from `fade` seconds further on.

    A clip too short for that is at rest for a quarter of its length at most, at either end.
    """
    still = min(still, end / 4)
    fade = min(fade, max(end / 2 - still, 1e-6))
    return smooth_step((times - still) / fade) * smooth_step((end - still - times) / fade)
