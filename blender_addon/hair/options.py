"""Hair on a command line (no bpy): the same options for everything that builds a head without a window."""

from __future__ import annotations

import argparse
import re
from typing import Final

from .groom import BALD, BEARD_NAMES, CUT_NAMES, NO_BEARD, Groom
from .known_colours import linear
from .surface import HairError

NO_HAIR: Final = "none"
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take `--hair`, `--beard`, `--hair-colour` and `--hair-density`."""
    parser.add_argument(
        "--hair",
        choices=(NO_HAIR, *CUT_NAMES),
        default=NO_HAIR,
        help="the cut; bald: fine brows only; none: the head as it is",
    )
    parser.add_argument("--beard", choices=BEARD_NAMES, default=NO_BEARD, help="how a beard is worn")
    parser.add_argument("--hair-colour", metavar="RRGGBB", help="sRGB; the photo's hair without it")
    parser.add_argument("--hair-density", type=float, default=1.0, help="1: some 30,000 hairs")


def groom_of(options: argparse.Namespace) -> Groom | None:
    """What the options ask for, None for a head as it is.

    Raises:
        HairError: a colour or density that cannot be used.
    """
    if options.hair == NO_HAIR and options.beard == NO_BEARD:
        return None
    cut = BALD if options.hair == NO_HAIR else options.hair
    return Groom(cut=cut, beard=options.beard, colour=_colour(options.hair_colour), density=options.hair_density)


def _colour(text: str | None) -> tuple[float, float, float] | None:
    if text is None:
        return None
    found = _HEX.fullmatch(text)
    if found is None:
        raise HairError(f"a hair colour is six hexadecimal digits such as 4a2f1c, not {text!r}")
    red, green, blue = (linear(one / 255) for one in bytes.fromhex(found[1]))
    return red, green, blue
