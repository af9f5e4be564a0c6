"""The API asked with what its own description allows and forbids: every answer is one that the description names.

Schemathesis makes requests out of `/openapi.json`, good ones and such as break one rule each, always the same ones.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, checks
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi import checks as rules

from backend.server.app import make_app
from backend.server.context import Server
from backend.server.errors import STATUS
from tests.backend.server.conftest import SAFETY, Real
from tests.security.conftest import warm

EXAMPLES: Final = 20  # for each operation; the cases at the borders of its rules come on top
CHECKS: Final = [
    checks.not_a_server_error,
    rules.status_code_conformance,
    rules.content_type_conformance,
    rules.response_schema_conformance,
    rules.response_headers_conformance,
]


def _described() -> Any:
    """The application's description; it asks its server for nothing but the version."""
    generation = GenerationConfig(deterministic=True, max_examples=EXAMPLES, with_security_parameters=False)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_dict(make_app(cast(Server, SimpleNamespace(version="0"))).openapi(), config=config)


api = _described()


of_a_job = api.include(path_regex=r"\{job_id\}").exclude(method="DELETE")
bounded = settings(suppress_health_check=list(HealthCheck), deadline=None, database=None)


@pytest.fixture(scope="module")
def ready(real: Real) -> Real:
    """The real server with its models loaded: until then it answers 503, as it should."""
    return warm(real)


@pytest.fixture(scope="module")
def job(ready: Real) -> str:
    """A job that has ended: of a recording that is none."""
    ended = ready.wait(ready.animate(b"no sound"))
    assert ended["error"]["code"] == "bad_audio"
    return str(ended["id"])


@api.parametrize()
@bounded
def test_every_answer_is_one_that_the_description_names(case: Case, ready: Real) -> None:
    check(case, ready)


@of_a_job.parametrize()
@bounded
def test_so_is_every_answer_about_a_job_that_is_there(case: Case, ready: Real, job: str) -> None:
    case.path_parameters = {**(case.path_parameters or {}), "job_id": job}
    check(case, ready)


def check(case: Case, server: Real) -> None:
    """Ask, and hold the answer against the description and against the one shape of errors."""
    headers = {name: server.http.headers[name] for name in ("Authorization", "X-Style-Avatar-Protocol")}
    answer = case.call(base_url=str(server.http.base_url), headers=headers, timeout=SAFETY)
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert STATUS[error["code"]] == answer.status_code and error["message"] and error["advice"]
