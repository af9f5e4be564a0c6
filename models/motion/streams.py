"""Random numbers for the channels of motion, each channel's independent of all the others'."""

from __future__ import annotations

from typing import Final

import numpy as np

CHANNELS: Final = ("lips", "jaw", "brows", "blinks", "gaze", "head")


def stream(seed: int, channel: str) -> np.random.Generator:
    """The generator of `channel` (one of `CHANNELS`) for a take's `seed`, a whole number from 0 on.

    Channels draw from sequences spawned off the seed, so what one draws never shifts what another gets.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(CHANNELS.index(channel),))
    return np.random.Generator(np.random.PCG64(sequence))
