"""Uvicorn that says when it accepts connections, and whose signals become exit codes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from backend.server.ends import signals_to


@dataclass(frozen=True)
class Hooks:
    """What is called when connections are accepted, when the server begins to end, and by signals (exit code)."""

    started: Callable[[], None]
    ending: Callable[[], None]
    stop: Callable[[int], None]


class HttpServer(uvicorn.Server):
    """One application on one socket."""

    def __init__(self, app: ASGIApp, hooks: Hooks) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="none",
            proxy_headers=False,
            lifespan="on",
        )
        super().__init__(config)
        self._hooks = hooks

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        if self.started:
            self._hooks.started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let listeners go first: they would stay as long as their jobs."""
        self._hooks.ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Our own handling: uvicorn's raises the signals again at the end, which hides the exit code."""
        with signals_to(self._hooks.stop):
            yield
