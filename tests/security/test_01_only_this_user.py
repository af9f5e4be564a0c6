"""Promise 1: 127.0.0.1 only, a free port, a fresh token per launch in a file only the user can read, on every route."""

from __future__ import annotations

import ast
import inspect
import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.server import guard
from tests.backend.server.conftest import Real, launch
from tests.security.conftest import ask, code, end, request

_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
_WRONG = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer \xff",
    "Basic",
    "Basic Og==",
    "Basic \xff",
    "Digest username=a",
)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    running = launch(tmp_path_factory.mktemp("second"))
    yield running
    end(running)


def _paths(real: Real) -> list[str]:
    paths = list(real.http.get("/openapi.json").json()["paths"])
    assert len(paths) >= 12
    filled = [path.format(job_id="0" * 32, sha256="0" * 64, name="take.npz") for path in paths]
    return [*filled, "/", "/docs", "/openapi.json", "/v1/nothing", "/v1/jobs/", "//v1/jobs", "*"]


def _outer_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be used
        except OSError:
            pytest.skip("this machine has no other address")
        return str(probe.getsockname()[0])


def test_other_machines_cannot_connect(real: Real) -> None:
    port = real.runtime["port"]
    for address in (_outer_address(), "127.0.0.2", "::1"):
        with pytest.raises(OSError):
            socket.create_connection((address, port), 2).close()
    socket.create_connection(("127.0.0.1", port), 2).close()


def test_each_launch_has_its_own_port_and_token(real: Real, second: Real) -> None:
    assert real.runtime["port"] != second.runtime["port"]
    assert real.runtime["token"] != second.runtime["token"]
    assert len(real.runtime["token"]) >= 43  # 256 bits
    foreign = request(real, Authorization=f"Bearer {second.runtime['token']}")
    assert code(ask(real, foreign)) == (401, "unauthorised")


def test_only_the_user_can_read_the_token(real: Real, second: Real, folder: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no modes; the file inherits the rights of the user's own folder")
    assert stat.S_IMODE((folder / "runtime.json").stat().st_mode) == 0o600
    for private in ("slot-0", "cache", "face_models"):
        assert stat.S_IMODE((folder / "data" / private).stat().st_mode) == 0o700


def test_the_token_is_in_no_process_list_and_no_other_file(real: Real, folder: Path) -> None:
    token = real.runtime["token"].encode()
    holders = [path for path in folder.rglob("*") if path.is_file() and token in path.read_bytes()]
    assert holders == [folder / "runtime.json"]
    command = Path(f"/proc/{real.process.pid}/cmdline")
    if command.exists():
        assert token not in command.read_bytes()
        assert token not in Path(f"/proc/{real.process.pid}/environ").read_bytes()


@pytest.mark.parametrize("given", [None, "Bearer wrong"])
def test_every_route_wants_the_token(real: Real, given: str | None) -> None:
    for path in _paths(real):
        for verb in _VERBS:
            answer = ask(real, request(real, f"{verb} {path} HTTP/1.1", Authorization=given))
            assert answer[0] == 401, (verb, path, answer)
            assert verb == "HEAD" or code(answer) == (401, "unauthorised")


@pytest.mark.parametrize("given", _WRONG)
def test_what_only_looks_like_a_token_is_refused(real: Real, given: str) -> None:
    for path in ("/v1/jobs", "/docs", "/openapi.json"):
        assert code(ask(real, request(real, f"GET {path} HTTP/1.1", Authorization=given))) == (401, "unauthorised")


def test_two_tokens_at_once_are_refused(real: Real) -> None:
    good = request(real)
    twice = good.replace(b"Connection: close", b"Authorization: Bearer x\r\nConnection: close")
    assert ask(real, good)[0] == 200
    assert code(ask(real, twice)) == (401, "unauthorised")


def test_the_token_in_the_address_is_no_token(real: Real) -> None:
    line = f"GET /v1/jobs?token={real.runtime['token']}&access_token={real.runtime['token']} HTTP/1.1"
    assert ask(real, request(real, line, Authorization=None))[0] == 401


def test_a_browsers_password_opens_the_page_about_the_routes_only(real: Real) -> None:
    from base64 import b64encode

    basic = "Basic " + b64encode(f"anyone:{real.runtime['token']}".encode()).decode()
    for path in _paths(real):
        for verb in ("GET", "POST", "DELETE"):
            status = ask(real, request(real, f"{verb} {path} HTTP/1.1", Authorization=basic))[0]
            assert status == (200 if verb == "GET" and path in {"/docs", "/openapi.json"} else 401), (verb, path)


def test_the_page_loads_and_runs_nothing(real: Real) -> None:
    page = real.http.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"<script|src=|https?://", page.text)


def test_the_token_is_compared_in_constant_time() -> None:
    """Measuring it over a socket would prove nothing, so the code is read: the token meets nothing but the compare."""
    tree = ast.parse(inspect.getsource(guard))
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "_token"]
    compares = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "secrets.compare_digest"
    ]
    assert len(compares) == 1 and "self._token" in ast.unparse(compares[0])
    assert len(uses) == 2  # kept once, compared once
