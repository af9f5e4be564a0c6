"""A learned person's own textures, from the folder that `style-avatar subject learn` wrote: no backend is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..building.living import living_steps
from ..trouble import Trouble
from .stepwise import Stepwise
from .textures import STAGES, told

LIVING: Final = "living.npz"
DYNAMIC: Final = "dynamic.safetensors"


def is_subject(folder: Path) -> bool:
    """Whether `folder` holds what is worn and what is baked."""
    return (folder / LIVING).is_file() and (folder / DYNAMIC).is_file()


class WearSubject(Stepwise):
    """Let `head` wear the textures in `folder`; name: of the button, in English."""

    def __init__(self, name: str, head: str, folder: Path) -> None:
        super().__init__(name, lambda: living_steps(head, folder / LIVING))

    @property
    def stage(self) -> str:
        """See `Stepwise`."""
        return STAGES.get(self._paced.at[0], STAGES[""])

    def _share(self) -> float:
        _, done, total = self._paced.at
        return done / max(total, 1)

    def _told(self, error: Exception) -> Trouble:
        return told(error)
