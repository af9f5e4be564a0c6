"""Measured numbers with their intervals, and the tables they are printed as."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOTHING = "–"  # nothing to judge
RESAMPLES = 2000

Interval = tuple[float, float]
UNKNOWN: Interval = (math.nan, math.nan)


@dataclass(frozen=True)
class Result:
    """One cell: `measure` of `system` on `data`; interval: 95 %, NaN where there is none."""

    section: str
    data: str
    system: str
    measure: str
    value: float
    interval: Interval = UNKNOWN


def table(results: Sequence[Result]) -> str:
    """Markdown with a row for each data and system and a column for each measure, all in the order given.

    A system with nothing to measure (a curve that stands still has no correlation) gets no row.
    """
    results = [result for result in results if math.isfinite(result.value)]
    columns = list(dict.fromkeys(result.measure for result in results))
    cells = {(r.data, r.system, r.measure): _cell(r) for r in results}
    lines = [f"| data | system | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for data, system in dict.fromkeys((r.data, r.system) for r in results):
        row = [cells.get((data, system, column), NOTHING) for column in columns]
        lines.append(f"| {data} | {system} | {' | '.join(row)} |")
    return "\n".join(lines)


def interval(values: NDArray[np.float64]) -> Interval:
    """The middle 95 % of resampled `values` (N,), NaN left out."""
    known = values[np.isfinite(values)]
    if not known.size:
        return UNKNOWN
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def mean_with_interval(values: Sequence[float], seed: int = 0) -> tuple[float, Interval]:
    """The mean of what is known of `values` (N,), and its interval by resampling them."""
    known = np.array([value for value in values if math.isfinite(value)])
    if not known.size:
        return math.nan, UNKNOWN
    draws = np.random.default_rng(seed).integers(0, known.size, (RESAMPLES, known.size))
    return float(known.mean()), interval(known[draws].mean(axis=1))


def _cell(result: Result) -> str:
    low, high = result.interval
    as_text = _milliseconds if result.measure.endswith(" ms") else number
    between = f" ({as_text(low)} to {as_text(high)})" if math.isfinite(low) else ""
    return as_text(result.value) + between


def number(value: float) -> str:
    """Three figures at the most."""
    size = abs(value)
    if value == 0:
        return "0"
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _milliseconds(value: float) -> str:
    return f"{value:.0f}"
