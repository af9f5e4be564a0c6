"""Who may speak to the server: the token, the protocol, and requests that come from this machine and no web page.

Pure ASGI, outside of everything else, so that no route can be added without it.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.server.errors import ApiError
from backend.server.limits import MAX_BODY, MAX_DOCUMENT

PROTOCOL: Final = 1
_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
_BROWSER_PATHS: Final = frozenset({"/docs", "/openapi.json"})
_UPLOAD: Final = ("POST", "/v1/jobs")


class Guard:
    """Refuses requests that are not the add-on's; see SECURITY.md."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token.encode()
        self._hosts = {*_HOSTS, *(f"{host}:{port}" for host in _HOSTS)}
        self._origins = {f"http://{host}:{port}" for host in _HOSTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with an error."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            if scope["type"] != "http":
                raise ApiError("bad_request", "This server speaks HTTP only.", "Use plain HTTP requests.")
            self._check(scope)
            await self._app(scope, _capped(receive, _limit(scope)), send)
        except ApiError as error:
            await _refuse(error, send)

    def _check(self, scope: Scope) -> None:
        headers = _headers(scope)
        if len(headers.get("host", [])) != 1 or headers["host"][0].lower() not in self._hosts:
            raise ApiError("bad_host", "The request names another host.", "Use http://127.0.0.1 and the server's port.")
        origins, site = headers.get("origin", []), headers.get("sec-fetch-site", ["none"])
        if any(origin not in self._origins for origin in origins) or not set(site) <= {"none", "same-origin"}:
            raise ApiError(
                "foreign_origin", "Web pages may not use the backend.", "Use the add-on or the command line."
            )
        browser = scope["path"] in _BROWSER_PATHS and scope["method"] in {"GET", "HEAD"}
        if not self._known(headers.get("authorization", []), basic=browser):
            raise ApiError(
                "unauthorised", "The request carries no valid token.", "Start the backend again from the add-on."
            )
        if not browser and headers.get("x-style-avatar-protocol") != [str(PROTOCOL)]:
            raise ApiError(
                "wrong_protocol",
                f"The add-on and the backend do not fit together: the backend speaks protocol {PROTOCOL}.",
                "Update both to the same version.",
                protocol=PROTOCOL,
            )
        length, limit = headers.get("content-length", ["0"])[0], _limit(scope)
        if length.isdecimal() and int(length) > limit:
            raise _too_large(limit)

    def _known(self, given: list[str], *, basic: bool) -> bool:
        if len(given) != 1:
            return False
        scheme, _, word = given[0].partition(" ")
        if scheme.lower() == "basic" and basic:
            try:
                word = base64.b64decode(word, validate=True).decode().partition(":")[2]
            except ValueError:  # no base64, or no text
                return False
        elif scheme.lower() != "bearer":
            return False
        return secrets.compare_digest(word.encode(), self._token)


def _limit(scope: Scope) -> int:
    """Bytes that the body may have: files wait on the disk, everything else is held in memory."""
    return MAX_BODY if (scope["method"], scope["path"]) == _UPLOAD else MAX_DOCUMENT


def _capped(receive: Receive, limit: int) -> Receive:
    """Count what really arrives; a length that was declared may be a lie, or missing."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counted


def _headers(scope: Scope) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


def _too_large(limit: int) -> ApiError:
    return ApiError(
        "too_large",
        f"The request is larger than {limit // 2**20} MiB.",
        "Send a shorter recording or a smaller file.",
        reason="request_too_large",
        limit=limit // 2**20,
    )


async def _refuse(error: ApiError, send: Send) -> None:
    body = json.dumps(error.document()).encode()
    headers: list[Any] = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if error.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Style Avatar", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
