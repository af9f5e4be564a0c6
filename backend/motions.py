"""Who turns speech into motion, by the names that commands and requests use; nothing is loaded here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

MotionName = Literal["articulator", "learned"]

MOTIONS: Final[Mapping[MotionName, str]] = {
    "articulator": "rules that move the lips from phone to phone",
    "learned": "a network that learned from rules and from captured mouths",
}
"""What each is, in a few words."""

DEFAULT_MOTION: Final[MotionName] = "learned"
"""Who moves where nobody chooses."""
