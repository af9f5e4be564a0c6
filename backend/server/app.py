"""The application: routes, the guard around them, and errors in one shape."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from backend.server.context import Server
from backend.server.errors import ApiError, problem_of
from backend.server.guard import PROTOCOL, Guard
from backend.server.routes import docs, face_models, health, jobs, models, styles
from backend.server.schemas import ErrorDocument, JobRequest
from backend.server.styles import from_problem

_DESCRIPTION: Final = (
    "Turns a voice and a photo into a talking head, on this machine. Every request carries the launch's token as "
    f"'Authorization: Bearer …' and 'X-Style-Avatar-Protocol: {PROTOCOL}'. Errors are "
    "{error: {code, message, advice, details}}."
)


def make_app(server: Server) -> FastAPI:
    """The routes over `server`, without the guard."""
    app = FastAPI(
        title="Style Avatar",
        version=server.version,
        description=_DESCRIPTION,
        docs_url=None,  # FastAPI's page loads scripts from the internet
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        responses={"default": {"model": ErrorDocument, "description": "The request is refused"}},
    )
    app.state.server = server
    for module in (health, jobs, face_models, styles, models, docs):
        app.include_router(module.router)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (OSError, MemoryError, SQLAlchemyError, Exception):  # the named ones are no surprise worth a traceback
        app.add_exception_handler(kind, _failed)
    _describe_requests(app)
    return app


def guarded(server: Server, token: str, port: int) -> ASGIApp:
    """The application as it is served."""
    return Guard(make_app(server), token, port)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    server: Server = app.state.server
    server.supervisor.start()
    yield
    await server.supervisor.stop()


def _describe_requests(app: FastAPI) -> None:
    """Add to the description what FastAPI cannot see: the JSON inside the multipart form of a new job."""
    make: Any = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = make()
            _, extra = models_json_schema([(JobRequest, "validation")], ref_template="#/components/schemas/{model}")
            for name, schema in extra["$defs"].items():
                description["components"]["schemas"].setdefault(name, schema)
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


def _answer(error: ApiError) -> JSONResponse:
    return JSONResponse(error.document(), error.status)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _answer(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where, advice = ".".join(str(part) for part in first["loc"]), "See /docs for what it takes."
    message = f"{where} is not valid: {first['msg']}."
    if first["type"] == "extra_forbidden":
        return _answer(ApiError("unknown_field", message, advice, reason="field_unknown", field=where))
    return _answer(ApiError("bad_request", message, advice, reason="field_invalid", field=where))


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "wrong_method"}.get(error.status_code, "bad_request")
    refused = ApiError(code, f"{error.detail}.", "See /docs for the routes there are.")
    return JSONResponse(refused.document(), error.status_code, headers=error.headers)


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    return _answer(from_problem(problem_of(error, "".join(traceback.format_exception(error)))))
