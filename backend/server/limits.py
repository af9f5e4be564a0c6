"""How much a request may ask for."""

from __future__ import annotations

from typing import Final

MAX_AUDIO_SECONDS: Final = 4 * 3600.0
MAX_REQUEST_JSON: Final = 2**20  # bytes of the part that describes the job
MAX_FILES: Final = 4
STALL_SECONDS: Final = 15 * 60.0  # a job that reports nothing for so long is ended
