"""One press of Add Hair: strands are computed in a thread, then put on the head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import bpy

from ..building import unfinished
from ..building.steps import Outcome, Steps
from ..hair.add import hair_steps
from ..hair.groom import Groom
from ..hair.surface import HairError
from ..translations import tr
from ..trouble import Trouble
from .stepwise import Stepwise

STAGES: Final = {"": "Growing the hair", "hair": "Putting the hair on the head"}
GONE: Final = Trouble("head_gone", "The head was deleted meanwhile.", "Select a head and try again.")
BARREN: Final = "Hair cannot grow on this head: {reason}"


class Grooming(Stepwise):
    """Hair that is being made."""

    @property
    def stage(self) -> str:
        """See `Stepwise`."""
        return STAGES[self._paced.at[0]]

    def _share(self) -> float:
        _, done, total = self._paced.at
        return done / max(total, 1)

    def _told(self, error: Exception) -> Trouble:
        if isinstance(error, ReferenceError | KeyError):
            return GONE
        if isinstance(error, HairError):
            return Trouble("hair", tr(BARREN).format(reason=error), "Choose another cut, or make the head again.")
        return Trouble("hair", f"The hair could not be made: {error}", "Press Copy report.", repr(error))


def grooming_steps(name: str, groom: Groom) -> Callable[[], Steps[Outcome]]:
    """What lets the head called `name` wear `groom`; raises KeyError when it is gone."""

    def steps() -> Steps[Outcome]:
        head_object: Any = bpy.data.objects[name]
        yield from hair_steps(head_object, groom)
        unfinished.settle()
        return Outcome(name, tr("{name} has its hair.").format(name=name))

    return steps
