"""How long work reports itself: one callback from the pipeline up, a bar or JSON lines at the top."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import TracebackType

from tqdm import tqdm

Progress = Callable[[str, int, int], None]
"""`(stage, done, total)`: a stage's name, how many of its steps are done, and of how many."""


def silent(stage: str, done: int, total: int) -> None:
    """A `Progress` that says nothing."""


class TerminalProgress:
    """A `Progress` that draws one tqdm bar per stage; use as a context manager so that bars are closed."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._bar: tqdm | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar; a new stage closes the last one's."""
        if stage != self._stage:
            self._close()
            self._stage, self._bar = stage, tqdm(total=total, desc=stage, file=sys.stderr)
        assert self._bar is not None
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._stage, self._bar = None, None


class JsonProgress:
    """A `Progress` that writes one JSON object per report to standard error, for scripts and farms."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Write one report."""
        print(json.dumps({"stage": stage, "done": done, "total": total}), file=sys.stderr, flush=True)

    def __enter__(self) -> JsonProgress:
        return self

    def __exit__(self, *_: object) -> None:
        return None
