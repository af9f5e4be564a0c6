"""One HTTP request to the backend on this machine: straight to 127.0.0.1, bounded in time and size (no bpy).

`http.client` is used as it stands because it never asks the environment for a proxy.
"""

from __future__ import annotations

import http.client
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from ..trouble import BackendGone, BadAnswer, ClientError, WrongProtocol
from .answers import SAME_RELEASE, json_object, reason_of
from .multipart import Body

PROTOCOL: Final = 1
HOST: Final = "127.0.0.1"
PIECE: Final = 256 * 1024  # bytes read at a time
MAX_DOCUMENT: Final = 16 << 20  # bytes of a JSON answer
MAX_DETAILS: Final = 2000  # characters of an error's details

OnBytes = Callable[[int, int], None]
"""`(done, total)` in bytes, called for each piece; what it raises ends the transfer.

Of a body that is sent it hears before each piece goes: once everything is sent, only the answer says what became of it.
"""


class Connection:
    """Where the backend listens and the token it knows us by; each request opens a socket of its own.

    timeout: seconds without a byte after which the backend counts as hanging.
    """

    def __init__(self, port: int, token: str, timeout: float) -> None:
        self.port, self.token, self.timeout = port, token, timeout
        self.closed = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Cut what is open, in whichever thread; every further request raises BackendGone."""
        self.closed.set()
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def request(
        self,
        method: str,
        path: str,
        *,
        body: Body | bytes | None = None,
        on_bytes: OnBytes | None = None,
        timeout: float | None = None,
        accept: frozenset[int] = frozenset(),
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and give the answer, whose status is below 400 or one of `accept`, to the block.

        Raises:
            BackendGone: nobody listens, or nothing came for `timeout` seconds.
            BadAnswer: what listens does not speak HTTP.
            WrongProtocol: the backend speaks another version.
            ClientError: the backend said no; its own code, message and advice.
            OSError: a file of the body cannot be read.
        """
        link = http.client.HTTPConnection(HOST, self.port, timeout=timeout or self.timeout)
        try:
            with translated():
                link.connect()
            with self._counted(link.sock):
                with translated():
                    self._send_head(link, method, path, body)
                self._send_body(link, body, on_bytes)
                with translated():
                    response = link.getresponse()
                with response:
                    if response.status >= 400 and response.status not in accept:
                        raise refusal(response.status, self.read_all(response, MAX_DOCUMENT))
                    yield response
        finally:
            link.close()

    @contextmanager
    def _counted(self, one: socket.socket) -> Iterator[None]:
        with self._lock:
            self._sockets.add(one)
        try:
            if self.closed.is_set():
                raise BackendGone("backend_gone", "The connection to the backend was closed.")
            yield
        finally:
            with self._lock:
                self._sockets.discard(one)

    def _send_head(self, link: http.client.HTTPConnection, method: str, path: str, body: Body | bytes | None) -> None:
        link.putrequest(method, path)
        link.putheader("Authorization", f"Bearer {self.token}")
        link.putheader("X-Style-Avatar-Protocol", str(PROTOCOL))
        link.putheader("Connection", "close")
        if isinstance(body, Body):
            link.putheader("Content-Type", body.content_type)
            link.putheader("Content-Length", str(body.size))
        elif body is not None:
            link.putheader("Content-Type", "application/json")
            link.putheader("Content-Length", str(len(body)))
        elif method == "POST":
            link.putheader("Content-Length", "0")
        link.endheaders(body if isinstance(body, bytes) else None)

    def _send_body(self, link: http.client.HTTPConnection, body: Body | bytes | None, on_bytes: OnBytes | None) -> None:
        """Send the pieces; stop when the answer is there early (too large, wrong token), which is then read."""
        if not isinstance(body, Body):
            return
        done = 0
        for piece in body.pieces():
            if _readable(link.sock):
                return
            done += len(piece)
            if on_bytes:
                on_bytes(done, body.size)
            try:
                link.send(piece)
            except TimeoutError as error:
                raise no_answer() from error
            except OSError:
                return  # the answer, if there is one, says why

    def pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """The answer's body as it comes in.

        Raises:
            BackendGone: the connection broke off before the end, or nothing came for the timeout.
        """
        left = response.length  # None: unknown, ends with the connection or the last chunk
        while left is None or left > 0:
            with translated():
                piece = response.read1(PIECE if left is None else min(PIECE, left))
            if not piece:
                if left is not None:
                    raise broken_off(f"{left} bytes were missing")
                return
            if left is not None:
                left -= len(piece)
            yield piece

    def read_all(self, response: http.client.HTTPResponse, limit: int) -> bytes:
        """The whole body, of at most `limit` bytes and within four timeouts.

        Raises:
            BackendGone: it broke off or took too long.
            BadAnswer: it is longer.
        """
        deadline, data = time.monotonic() + 4 * self.timeout, bytearray()
        for piece in self.pieces(response):
            data += piece
            if len(data) > limit:
                raise BadAnswer("bad_answer", "The backend's answer is far too long.", SAME_RELEASE)
            if time.monotonic() > deadline:
                raise no_answer()
        return bytes(data)

    def document(
        self, method: str, path: str, *, body: bytes | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """The JSON object that a request answers with; raises as `request` and `read_all` do."""
        with self.request(method, path, body=body, timeout=timeout) as response:
            return json_object(self.read_all(response, MAX_DOCUMENT))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what goes wrong on a socket into the errors of this package."""
    try:
        yield
    except TimeoutError as error:
        raise no_answer() from error
    except ConnectionRefusedError as error:
        raise BackendGone("backend_gone", "The backend is not running.", "Start the backend.") from error
    except (OSError, http.client.IncompleteRead) as error:  # a reset; RemoteDisconnected is one, too
        raise broken_off(str(error)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise BadAnswer(
            "bad_answer", "What answers is not the backend.", "Start the backend again.", repr(error)
        ) from error


def no_answer() -> BackendGone:
    """The backend hangs."""
    return BackendGone(
        "no_answer",
        "The backend does not answer.",
        "Wait a moment; if it stays so, stop the backend and start it again.",
    )


def broken_off(details: str) -> BackendGone:
    """The connection ended too early."""
    return BackendGone(
        "backend_gone",
        "The connection to the backend broke off.",
        "Start the backend again if it has stopped.",
        details,
    )


def refusal(status: int, data: bytes) -> ClientError:
    """The error that an answer with `status` carries."""
    try:
        error = json_object(data).get("error")
    except BadAnswer:
        error = None
    if not isinstance(error, dict) or not error.get("message"):
        message = f"The backend refused the request ({status})."
        error = {"code": "internal", "message": message, "advice": SAME_RELEASE, "details": repr(data[:200])}
    code, message, advice, details = (str(error.get(key) or "") for key in ("code", "message", "advice", "details"))
    kind = WrongProtocol if status == 426 or code == "wrong_protocol" else ClientError
    return kind(code or "internal", message, advice, details[:MAX_DETAILS], *reason_of(error))


def _readable(one: socket.socket) -> bool:
    """Whether an answer (or the end) has come; `selectors`, as `select` fails for handles above 1023."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ)
        return bool(selector.select(0))
