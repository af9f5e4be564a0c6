"""What a name says, however it is spelt: words, the side, and what was put in front of it (no bpy)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIDES: Final = {"l": "L", "left": "L", "lft": "L", "r": "R", "right": "R", "rgt": "R"}
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_COPY: Final = re.compile(r"\.\d{3,}$")  # Blender's own ending for a second thing of the same name


@dataclass(frozen=True)
class Reading:
    """One way to read a name: `base` in lower case without separators; side "L", "R" or ""; words left out in front."""

    base: str
    side: str
    prefix: tuple[str, ...]


def words(name: str) -> list[str]:
    """The words of a name, split at separators, digits and capitals, in lower case."""
    return [word.lower() for word in _WORDS.findall(_COPY.sub("", name))]


def readings(name: str) -> Iterator[Reading]:
    """Ways to read `name`, the most literal first: whole, then with a side taken out, then without its first words."""
    spelt = words(name)
    for dropped in range(len(spelt)):
        prefix, kept = tuple(spelt[:dropped]), spelt[dropped:]
        yield Reading("".join(kept), "", prefix)
        for place in _side_places(kept):
            rest = kept[:place] + kept[place + 1 :]
            if rest:
                yield Reading("".join(rest), SIDES[kept[place]], prefix)
        if len(kept[-1]) > 4 and kept[-1][-1] in "lr":  # eyeblinkl
            yield Reading("".join(kept)[:-1], kept[-1][-1].upper(), prefix)
        for side in ("left", "right"):  # eyeblinkleft
            if kept[-1].endswith(side) and kept[-1] != side:
                yield Reading("".join(kept).removesuffix(side), SIDES[side], prefix)


def _side_places(spelt: list[str]) -> list[int]:
    """Where a side is said, the end first, as "eyeLookLeft.R" has a direction and a side."""
    return [place for place in reversed(range(len(spelt))) if spelt[place] in SIDES]
