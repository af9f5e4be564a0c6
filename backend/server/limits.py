"""How much a request may ask for."""

from __future__ import annotations

from typing import Final

MAX_BODY: Final = 2 * 2**30  # bytes of a request with files, and of a file that a request names by its path
MAX_DOCUMENT: Final = 2**20  # bytes of any other request
MAX_AUDIO_SECONDS: Final = 4 * 3600.0
MAX_VIDEO_SECONDS: Final = 4 * 3600.0
MAX_REQUEST_JSON: Final = 2**20  # bytes of the part that describes the job
MAX_FILES: Final = 4
MOST_STEPS: Final = 3 * int(MAX_AUDIO_SECONDS)  # that count below: a file may declare any length
STALL_SECONDS: Final = 120.0  # a job that reports nothing for so long is ended, and
STALL_PER_STEP: Final = 1 / 16  # seconds more for each step it has announced, most of which are seconds of sound


def stall_seconds(steps: int) -> float:
    """How long a job may report nothing, of whose stages the longest has so many steps.

    Four hours of voice, performed in one step, take half a minute where nothing else runs, and have seventeen here.
    """
    return STALL_SECONDS + STALL_PER_STEP * min(steps, MOST_STEPS)
