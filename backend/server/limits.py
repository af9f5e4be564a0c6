"""How much a request may ask for."""

from __future__ import annotations

from typing import Final

MAX_BODY: Final = 2 * 2**30  # bytes of a request with files, and of a file that a request names by its path
MAX_DOCUMENT: Final = 2**20  # bytes of any other request
MAX_AUDIO_SECONDS: Final = 4 * 3600.0
MAX_REQUEST_JSON: Final = 2**20  # bytes of the part that describes the job
MAX_FILES: Final = 4
STALL_SECONDS: Final = 15 * 60.0  # a job that reports nothing for so long is ended
