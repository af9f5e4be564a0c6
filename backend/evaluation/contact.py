"""Contact of lips and teeth on the mesh against phone times, pooled over clips with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.evaluation.results import RESAMPLES, Interval, interval
from models.motion import lip_sync
from models.motion.lip_contact import LipGauge
from models.motion.lip_sync import Count
from models.motion.motion import Float32Array
from models.speech.phones import BILABIAL, LABIODENTAL, PhoneSpan

LAG_RESAMPLES = 300


@dataclass(frozen=True, eq=False)
class Seen:
    """What the mesh shows of one clip under one system, as counts to be pooled over clips."""

    closures: Count
    closure_events: Count
    bites: Count
    bite_events: Count
    pauses: Count
    profile: NDArray[np.float64]


@dataclass(frozen=True)
class Contact:
    """One line of the table; intervals are 95 % bootstrap intervals over clips."""

    speech: str
    system: str
    closures: int
    labiodentals: int
    closure_recall: float
    closure_recall_interval: Interval
    closure_precision: float
    closure_precision_interval: Interval
    contact_recall: float
    contact_recall_interval: Interval
    contact_precision: float
    pauses: float
    lag_ms: float
    lag_interval: Interval


def look(gauge: LipGauge, expression: Float32Array, fps: float, spans: Sequence[PhoneSpan]) -> Seen:
    """Judge motion (T, 64) of one clip against its gapless reference phones."""
    closed, touching = gauge.contacts(expression)
    return Seen(
        lip_sync.recall(closed, fps, spans, BILABIAL),
        lip_sync.precision(closed, fps, spans, BILABIAL),
        lip_sync.recall(touching, fps, spans, LABIODENTAL),
        lip_sync.precision(touching, fps, spans, LABIODENTAL, excused=BILABIAL | {"SIL"}),
        lip_sync.closed_pauses(closed, fps, spans),
        lip_sync.closing_profile(gauge.lip_gap(expression), fps, spans, BILABIAL)[0],
    )


def pooled(speech: str, system: str, seen: Sequence[Seen]) -> Contact:
    """All clips of one folder under one system."""

    def share(name: str) -> tuple[float, Interval]:
        return pooled_share([getattr(clip, name) for clip in seen])

    profiles = np.array([clip.profile for clip in seen])
    lags = np.array([lip_sync.lag(profiles[chosen].sum(axis=0)) for chosen in _draws(len(seen))[:LAG_RESAMPLES]]) * 1000
    numbers = (sum(clip.closures.total for clip in seen), sum(clip.bites.total for clip in seen))
    recall, precision, contact = share("closures"), share("closure_events"), share("bites")
    return Contact(
        speech, system, *numbers, *recall, *precision, *contact, share("bite_events")[0], share("pauses")[0],
        lip_sync.lag(profiles.sum(axis=0)) * 1000, interval(lags.astype(np.float64)),
    )  # fmt: skip


def pooled_share(counts: Sequence[Count]) -> tuple[float, Interval]:
    """The share of hits in the `counts` of some clips together, and its 95 % interval by resampling the clips."""
    numbers = np.array([(one.hits, one.total) for one in counts])
    hits, totals = numbers[_draws(len(counts))].sum(axis=1).T
    return _ratio(*numbers.sum(axis=0)), interval(hits[totals > 0] / totals[totals > 0])


def _draws(clips: int) -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, clips, (RESAMPLES, clips))


def _ratio(hits: int, total: int) -> float:
    return hits / total if total else float("nan")
