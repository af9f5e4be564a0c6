"""A backend that does what a test tells it, mostly wrong: each route is a function that writes raw bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from blender_addon.connection.client import Backend

TOKEN = "test-token-0123456789"
JOB = "a" * 32


@dataclass
class Seen:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


Answer = Callable[["Handler"], None]


@dataclass
class FakeBackend:
    """`routes`: ("GET", "/v1/…") → what to answer; `seen`: requests in order; `released` ends all hanging."""

    port: int = 0
    routes: dict[tuple[str, str], Answer] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Give `answers` one after the other, the last one forever."""
        left = list(answers)
        self.routes[method, path] = lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)

    def client(self, timeout: float = 2.0) -> Backend:
        return Backend(self.port, TOKEN, timeout)

    def count(self, method: str, path: str) -> int:
        return sum((one.method, one.path) == (method, path) for one in self.seen)

    def hang(self, handler: Handler) -> None:
        """Say nothing until the test is over."""
        self.released.wait(20)


class Handler(BaseHTTPRequestHandler):
    fake: FakeBackend
    protocol_version = "HTTP/1.1"
    reads_body = True

    def _any(self) -> None:
        path, _, query = self.path.partition("?")
        seen = Seen(self.command, path, query, dict(self.headers))
        self.fake.seen.append(seen)
        answer = self.fake.routes.get((self.command, path)) or error(404, "not_found", "There is no such thing.", "")
        if not getattr(answer, "reads_no_body", False):
            seen.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with suppress(OSError):
            answer(self)
        self.close_connection = True

    do_GET = do_POST = do_DELETE = _any

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[FakeBackend]:
    fake = FakeBackend()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHandler", (Handler,), {"fake": fake}))
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()


def raw(data: bytes) -> Answer:
    return lambda handler: _write(handler, data)


def reply(status: int, body: bytes, *headers: str, length: int | None = None) -> Answer:
    """A proper answer, or one whose Content-Length is `length`."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return raw("\r\n".join(lines).encode() + body)


def document(value: Any, status: int = 200) -> Answer:
    return reply(status, json.dumps(value).encode())


def error(status: int, code: str, message: str, advice: str, details: str | None = None) -> Answer:
    return document({"error": {"code": code, "message": message, "advice": advice, "details": details}}, status)


def file(data: bytes, sha256: str | None = None, length: int | None = None) -> Answer:
    return reply(200, data, f'ETag: "{sha256 or hashlib.sha256(data).hexdigest()}"', length=length)


def events(*parts: bytes | Callable[[], Any]) -> Answer:
    """A stream of `parts`; a function is called (to wait), the connection closes at the end."""

    def answer(handler: Handler) -> None:
        _write(handler, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for part in parts:
            if callable(part):
                part()
            else:
                _write(handler, part)

    return answer


def event(kind: str, data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def job(state: str, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": JOB, "kind": "animate", "state": state, "position": None, "stage": None}
    plain |= {"frames": {"ready": 0, "total": None}, "files": [], "result": None, "error": None, "cached": False}
    return plain | changes


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def frames(first: int, count: int, value: float = 0.0, fps: float = 25.0) -> bytes:
    return npz(coefficients=np.full((count, 257), value, np.float32), first=np.int64(first), fps=np.float64(fps))


def form_parts(seen: Seen) -> dict[str, tuple[str | None, bytes]]:
    """The parts of a form: name → (file name, content)."""
    boundary = seen.headers["Content-Type"].partition("boundary=")[2].encode()
    first, *parts, last = seen.body.split(b"--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    found = {}
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        words = re.findall(r'(name|filename)="([^"]*)"', head.decode())
        found[dict(words)["name"]] = (dict(words).get("filename"), content.removesuffix(b"\r\n"))
    return found


def _write(handler: Handler, data: bytes) -> None:
    handler.wfile.write(data)
    handler.wfile.flush()
