"""JSON as the standard has it: no NaN, no infinity, no key twice, nothing that is not text; and no abyss."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**63  # larger ones cannot be kept in the queue, nor become floats


def strict_json(text: str | bytes) -> Any:
    """The value that `text` describes.

    Raises:
        ValueError: it is not JSON, is nested deeper than 32 levels, or holds NaN, infinity (also by overflow), an
            integer of more than 64 bits, a key twice, or half a surrogate pair.
    """
    try:
        value = json.loads(
            text, parse_constant=_refuse, parse_float=_finite, parse_int=_bounded, object_pairs_hook=_without_doubles
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check_depth(value)
    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be written down again
    return value


class StrictRoute(APIRoute):
    """A route whose JSON body is read by `strict_json`; FastAPI answers its ValueError with 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request that reads strictly."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    if level:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")


def _bounded(text: str) -> int:
    if len(text) > 20 or abs(number := int(text)) >= MAX_INTEGER:
        raise ValueError(f"{text[:20]} is too large")
    return number


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is too large")
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value
