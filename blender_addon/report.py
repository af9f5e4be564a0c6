"""What *Copy report* puts on the clipboard: facts, the last error and the log, without secrets (no bpy)."""

from __future__ import annotations

import platform
import re
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from .trouble import Trouble

CAPACITY: Final = 2000  # lines
REPORTED: Final = 200  # lines
LONGEST_LINE: Final = 2000  # characters
TALE: Final = 3  # as many words of a transcript in a row give it away
QUOTES_TRANSCRIPT: Final = frozenset({"bad_transcript"})  # codes whose text may repeat single words of it


class Log:
    """The last `CAPACITY` lines with their times; any thread may write."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._lines: deque[str] = deque(maxlen=capacity)
        self._secrets: dict[str, None] = {}
        self._transcripts: set[tuple[str, ...]] = set()
        self._last: tuple[str, Trouble] | None = None
        self._lock = threading.Lock()

    def add(self, source: str, text: str) -> None:
        """Add the lines of `text`, said by `source` ("backend", "run", …)."""
        now = datetime.now(UTC).strftime("%H:%M:%S.%f")[:-3]
        with self._lock:
            self._lines.extend(f"{now} {source}: {line[:LONGEST_LINE]}" for line in text.splitlines())

    def trouble(self, source: str, trouble: Trouble) -> None:
        """Add an error, and remember it as the last one."""
        with self._lock:
            self._last = (source, trouble)
        self.add(source, _told(trouble))

    def hide(self, secret: str) -> None:
        """Keep `secret` (a token) out of all reports from now on."""
        if secret:
            with self._lock:
                self._secrets[secret] = None

    def hide_transcript(self, transcript: str) -> None:
        """Keep what is said out of all reports: every three of its words in a row."""
        words = _words(transcript)
        with self._lock:
            self._transcripts.update(tuple(words[i : i + TALE]) for i in range(max(1, len(words) - TALE + 1)))

    def lines(self, last: int = REPORTED) -> list[str]:
        """The last lines, oldest first, without secrets."""
        with self._lock:
            chosen = list(self._lines)[-last:]
        return [self.clean(line) for line in chosen]

    @property
    def last_trouble(self) -> tuple[str, Trouble] | None:
        """Who said the last error, and the error."""
        return self._last

    def clean(self, text: str) -> str:
        """`text` without tokens, transcripts and the names of home folders."""
        with self._lock:
            secrets, tales = list(self._secrets), set(self._transcripts)
        for secret in secrets:
            text = text.replace(secret, "<hidden>")
        return without_home(_without_tales(text, tales))


LOG: Final = Log()
"""The add-on's log."""


def report_text(facts: Mapping[str, object], log: Log = LOG) -> str:
    """The report: `facts` (versions, state …), the platform, the last error with its details, the last log lines."""
    lines = ["Style Avatar report", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"), ""]
    lines += [log.clean(f"{name}: {value}") for name, value in {**facts, **platform_facts()}.items()]
    lines += ["", *_last_error(log), "", "Log", *(log.lines() or ["(empty)"])]
    return "\n".join(lines) + "\n"


def platform_facts() -> dict[str, str]:
    """System, machine, Python and NumPy."""
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
    }


def without_home(text: str, home: Path | None = None) -> str:
    """`text` with the home folder as "~", in whatever form, and its name gone from all other paths."""
    home = home or Path.home()
    forms = {str(home), home.as_posix(), str(home).replace("\\", "\\\\"), str(home.resolve())}
    for form in sorted(forms - {"/", ""}, key=len, reverse=True):
        text = re.sub(rf"{re.escape(form)}(?![\w.-])", "~", text, flags=re.IGNORECASE)
    if not home.name:
        return text
    return re.sub(rf"(?<=[/\\]){re.escape(home.name)}(?=[/\\])", "<user>", text, flags=re.IGNORECASE)


def _last_error(log: Log) -> list[str]:
    if log.last_trouble is None:
        return ["Last error: none"]
    source, trouble = log.last_trouble
    details = [] if trouble.code in QUOTES_TRANSCRIPT else trouble.details.splitlines()
    return [log.clean(line) for line in (f"Last error: {source} {_told(trouble)}", *details)]


def _told(trouble: Trouble) -> str:
    said = "(left out: it may quote the transcript)" if trouble.code in QUOTES_TRANSCRIPT else trouble.sentence
    return f"[{trouble.code}] {said}"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _without_tales(text: str, tales: Iterable[tuple[str, ...]]) -> str:
    """`text` with every run of words that is in `tales` replaced."""
    tales = set(tales)
    if not tales:
        return text
    found = list(re.finditer(r"\w+", text))
    words = [one[0].casefold() for one in found]
    hidden = {
        index
        for length in {len(tale) for tale in tales}
        for start in range(len(words) - length + 1)
        if tuple(words[start : start + length]) in tales
        for index in range(start, start + length)
    }
    for index in sorted(hidden, reverse=True):
        text = f"{text[: found[index].start()]}…{text[found[index].end() :]}"
    return text
