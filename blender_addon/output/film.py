"""A film that another Blender renders, watched from this one (no bpy)."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ..trouble import Trouble

SCRIPT: Final = Path(__file__).with_name("render_job.py")
MARK: Final = "RENDERED"
LINES: Final = 40  # of the other Blender's words, for the report


class Film:
    """Renders `blend`, a copy of the file, into `output`; the copy's folder belongs to the film and goes with it.

    command: how a Blender is started with a file, as a list with "{blend}" in its place and the script's own words at
    the end; settings: for `render_job`, less the output.
    """

    def __init__(self, command: Sequence[str], blend: Path, output: Path, settings: dict[str, Any]) -> None:
        self.output, self.done, self.total = output, 0, 0
        self.trouble: Trouble | None = None
        self.finished, self.cancelled = False, False
        self._partial = output.with_name(f".{output.stem}.part.mp4")
        self._words: deque[str] = deque(maxlen=LINES)
        self._blend, self._ended = blend, threading.Event()
        order = blend.with_name("render.json")
        order.write_text(json.dumps({**settings, "output": str(self._partial)}), encoding="utf-8")
        words = [word.replace("{blend}", str(blend)).replace("{settings}", str(order)) for word in command]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        threading.Thread(target=self._watch, name="style-avatar-film", daemon=True).start()

    @property
    def fraction(self) -> float:
        """How much is rendered, 0..1."""
        return self.done / self.total if self.total else 0.0

    def cancel(self) -> None:
        """Give up; what was rendered is removed. Harmless when finished."""
        if not self.finished:
            self.cancelled = True
            self._process.kill()

    def wait(self, seconds: float) -> None:
        """Wait until it is finished, for scripts and tests."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._ended.wait(5.0)

    def _watch(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            if len(words) == 3 and words[0] == MARK:
                self.done, self.total = int(words[1]), int(words[2])
            else:
                self._words.append(line.rstrip())
        code = self._process.wait()
        try:
            self._settle(code)
        finally:
            self._partial.unlink(missing_ok=True)
            for one in (self._blend, self._blend.with_name("render.json")):
                one.unlink(missing_ok=True)
            with suppress(OSError):
                self._blend.parent.rmdir()
            self.finished = True
            self._ended.set()

    def _settle(self, code: int) -> None:
        if self.cancelled:
            return
        if code == 0 and self._partial.is_file() and self.total and self.done == self.total:
            try:
                self._partial.replace(self.output)
                return
            except OSError as error:
                self._words.append(str(error))
        self.trouble = Trouble(
            "render",
            "The film could not be rendered.",
            "Try Cycles if this computer has no graphics card, or press Copy report.",
            f"exit code {code}\n" + "\n".join(self._words),
        )
