"""From what is heard to contact of lips and teeth: how firmly they have to touch, moment by moment.

The plateaus are those of `models.motion.contacts`, placed so that a moment's contact depends on nothing that is said
more than 200 ms later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.motion.contacts import LONGEST_STOP, MARGIN, PACE, RAMP, REST_OPENING, Plateau, envelope
from models.motion.learned.events import LIPS, SILENT, TEETH, Span, SpanFinder, probability
from models.motion.learned.features import Features
from models.motion.motion import FloatArray

LOOK_AHEAD: Final = 0.200  # seconds that are heard before a moment is judged
LATER: Final = 0.030  # seconds from where a closure is heard to where it is complete
FRAME: Final = 0.040  # seconds that a contact lasts at least: a frame at 25 per second lies in it
LEAVE: Final = 0.4  # a contact goes on down to this probability,
STAY: Final = 0.3  # a silence down to this: a click or a breath does not end it
BELIEVED: Final = 0.012  # seconds of probability from which on a closure is one
CLOSING: Final = 0.090  # seconds from the beginning of a silence, which is heard late, to closed lips
SILENCE: Final = 0.180  # seconds from which on a silence closes the mouth
BESIDE: Final = 0.045  # seconds between a silence and a closure that have nothing to open for
FORGET: Final = 5.0  # seconds after which an event is over


class ContactFinder:
    """Closures, bites and silences of features that come piece by piece."""

    def __init__(self) -> None:
        self.closures, self.bites, self.silences = SpanFinder(LEAVE), SpanFinder(LEAVE), SpanFinder(STAY)
        self._ended = False

    def hear(self, features: Features) -> None:
        """Take the next rows."""
        self.closures.hear(probability(features.posteriors, LIPS))
        self.bites.hear(probability(features.posteriors, TEETH))
        self.silences.hear(probability(features.posteriors, SILENT))

    def end(self) -> None:
        """The sound has ended."""
        self._ended = True
        for finder in (self.closures, self.bites, self.silences):
            finder.end()

    def at(self, times: FloatArray, crispness: float = 1.0) -> tuple[FloatArray, ...]:
        """Seal, bite and rest, (T,) in 0..1 each, at `times` (T,) up to 200 ms before the last row heard.

        crispness: the style's.
        """
        since = times[0] - FORGET if len(times) else 0.0
        closures, bites, silences = (
            [span for span in finder.spans if span.end > since] for finder in (self.closures, self.bites, self.silences)
        )
        ramp = RAMP / min(max(crispness, PACE[0]), PACE[1])
        seal = envelope(_parted([_hold(span, ramp) for span in closures if span.mass > BELIEVED]), times)
        bite = envelope(_parted([_hold(span, ramp) for span in bites if span.mass > BELIEVED]), times)
        rest = envelope(self._rests(silences, closures), times)
        return seal, bite * (1 - seal), rest

    def _rests(self, silences: Sequence[Span], closures: Sequence[Span]) -> list[Plateau]:
        """Where silence closes the mouth; before and after all speech, and beside a closure, at once."""
        heard = self.silences.seconds
        found = []
        for span in silences:
            first, last = span.start <= 0.0, self._ended and span.end >= heard
            if min(span.end, heard) - span.start < SILENCE and not (first or last):
                continue
            after = first or any(abs(closure.end - span.start) < BESIDE for closure in closures)
            before = last or any(abs(closure.start - span.end) < BESIDE for closure in closures)
            closing, opening = 0.0 if after else CLOSING, 0.0 if before else REST_OPENING
            found.append(Plateau(span.start + closing, span.end - opening, closing or RAMP, opening or RAMP))
        return found


def _hold(span: Span, ramp: float) -> Plateau:
    """A contact's plateau: its span less margins, no longer than a stop lasts, and at least a frame."""
    start = span.start + LATER
    end = min(span.end - MARGIN, start + LONGEST_STOP)
    if end - start < FRAME:
        centre = (span.start + span.end + LATER - MARGIN) / 2
        start, end = centre - FRAME / 2, centre + FRAME / 2
    return Plateau(start, end, ramp, ramp)


def _parted(plateaus: Sequence[Plateau]) -> list[Plateau]:
    """The same with ramps so short that the lips part between neighbours."""
    parted = list(plateaus)
    for i in range(len(parted) - 1):
        earlier, later = parted[i], parted[i + 1]
        ramp = max(later.start - earlier.end, 0.0) * 0.45
        parted[i] = Plateau(earlier.start, earlier.end, earlier.rise, min(earlier.fall, ramp))
        parted[i + 1] = Plateau(later.start, later.end, min(later.rise, ramp), later.fall)
    return parted
