"""Work that is done in Blender's thread a little at a time, can be given up at any time, and is one undo step.

`tick` is called by a timer some twenty times a second and never takes longer than its budget and one piece of work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..building import unfinished
from ..building.steps import Outcome, Paced, Steps
from ..report import LOG
from ..trouble import ClientError, Trouble

BUDGET: Final = 0.02  # seconds of building per tick


class Stepwise:
    """Runs until `finished`; then `trouble` says why it failed, or `head` names the object that it was about.

    name: of the button, in English; undo_name: as Edit › Undo History shows it; said: what to tell the artist,
    translated, "" when nothing but that the head is ready.
    """

    def __init__(self, name: str, steps: Callable[[], Steps[Outcome]], undo_name: str = "") -> None:
        self.name, self.undo_name = name, undo_name or name
        self.finished, self.cancelled = False, False
        self.trouble: Trouble | None = None
        self.head, self.said = "", ""
        self._steps = steps
        self._paced = self._new_pace()
        self._highest = 0.0

    @property
    def pace(self) -> str:
        """The longest piece of building so far, for the log."""
        return f"{1000 * self._paced.slowest:.0f} ms ({self._paced.slowest_at})"

    @property
    def stage(self) -> str:
        """What happens now, in English; for `tr`."""
        raise NotImplementedError

    @property
    def fraction(self) -> float:
        """How much of the whole is done, 0..1; never less than before."""
        self._highest = max(self._highest, self._share())
        return self._highest

    @property
    def seconds_left(self) -> float | None:
        """About how long it takes, as far as is known."""
        return None

    def tick(self) -> None:
        """Do the next little; never raises."""
        if self.finished:
            return
        try:
            self._prepare()
            if not self.finished and self._paced.advance(BUDGET):
                self._succeed()
        except Exception as error:
            self._fail(error.trouble if isinstance(error, ClientError) else self._told(error))

    def cancel(self) -> None:
        """Give up and take back what was built; harmless when finished."""
        if not self.finished:
            self.cancelled = True
            self._end()

    def begin_again(self) -> None:
        """Build again from the beginning with what has come so far; after undo has taken away what was built."""
        if not self.finished:
            self._paced.drop()
            unfinished.take_back()
            self._paced = self._new_pace()

    def abandon(self) -> None:
        """Give up without touching the file: it is another one now."""
        self.finished = self.cancelled = True
        self._paced.drop()

    def _prepare(self) -> None:
        """What is to be done before the next pieces."""

    def _share(self) -> float:
        """How much is done, as far as the last piece tells."""
        raise NotImplementedError

    def _told(self, error: Exception) -> Trouble:
        """An error of Blender's as a sentence."""
        raise NotImplementedError

    def _new_pace(self) -> Paced:
        return Paced(self._steps(), unfinished.marking)

    def _succeed(self) -> None:
        outcome = self._paced.result
        assert isinstance(outcome, Outcome)
        self.head, self.said, self.finished = outcome.head, outcome.said, True

    def _fail(self, trouble: Trouble) -> None:
        LOG.trouble("work", trouble)
        self.trouble = trouble
        self._end()

    def _end(self) -> None:
        self.abandon()
        unfinished.take_back()
