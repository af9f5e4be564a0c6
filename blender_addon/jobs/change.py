"""An edit of what a head plays that needs no backend: amounts, fewer keys, frames of another Action."""

from __future__ import annotations

from typing import Final

from ..trouble import Trouble
from .stepwise import Stepwise

STAGES: Final = {
    "": "Computing the keys",
    "copying": "Copying the Action",
    "reading": "Reading the keys",
    "keys": "Writing keys",
}
SHARES: Final = {"copying": (0.0, 0.05), "reading": (0.05, 0.4), "keys": (0.6, 1.0)}
GONE: Final = Trouble("head_gone", "The head or its Action was deleted meanwhile.", "Select a head and try again.")


class Change(Stepwise):
    """One press of such a button."""

    @property
    def stage(self) -> str:
        """See `Stepwise`."""
        return STAGES[self._paced.at[0]]

    def _share(self) -> float:
        stage, done, total = self._paced.at
        begin, end = SHARES.get(stage, (0.0, 0.0))
        return begin + (end - begin) * done / max(total, 1)

    def _told(self, error: Exception) -> Trouble:
        if isinstance(error, ReferenceError | KeyError):
            return GONE
        return Trouble("edit", f"The keys could not be changed: {error}", "Press Copy report.", repr(error))
