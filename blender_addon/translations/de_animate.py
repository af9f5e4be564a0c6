"""German of the panels that make a talking head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Animate": "Animieren",
    "Variation": "Variation",
    "Another number gives other blinks, glances and head movements for the same voice": (
        "Eine andere Zahl ergibt andere Lidschläge, Blicke und Kopfbewegungen zur selben Stimme"
    ),
    "{name} is running. Wait for it or press Cancel.": (
        "{name} läuft. Warten Sie, bis es fertig ist, oder drücken Sie Abbrechen."
    ),
}
