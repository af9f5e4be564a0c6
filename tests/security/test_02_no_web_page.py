"""Promise 2: no web page reaches the server: exact hosts, foreign origins and cross-site fetches refused, no CORS."""

from __future__ import annotations

import pytest

from tests.backend.server.conftest import Real
from tests.security.conftest import ask, code, request

_OURS = ("127.0.0.1", "127.0.0.1:{port}", "localhost", "localhost:{port}", "LocalHost:{port}", "[::1]", "[::1]:{port}")
_FOREIGN = (
    "",
    "example.org",
    "example.org:{port}",
    "127.0.0.1.",
    "localhost.:{port}",
    "127.0.0.1:1",
    "127.0.0.1:0{port}",
    "127.0.0.1:",
    "127.0.0.1:{port}:{port}",
    "127.0.0.1:{port}, example.org",
    "127.0.0.1:{port}@example.org",
    "127.0.0.1 :{port}",
    "127.0.0.1:+{port}",
    "127.1",
    "127.0.0.2",
    "0.0.0.0",
    "0",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "::1",
    "[::1",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "localhost.localdomain",
    "127.0.0.1.nip.io:{port}",
    "rebind.example:{port}",
    "localhost\x00",
    "http://127.0.0.1:{port}",
    "lo\xadcalhost",
    "\uff4c".encode().decode("latin-1") + "ocalhost",
)
_ORIGINS = (
    "null",
    "",
    "http://example.org",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}.example.org",
    "http://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}",
    "file://",
    "chrome-extension://abc",
    "http://127.0.0.1:{port} http://example.org",
)


def _with_port(real: Real, text: str) -> str:
    return text.format(port=real.runtime["port"])


@pytest.mark.parametrize("host", _OURS)
def test_our_own_names_are_served(real: Real, host: str) -> None:
    assert ask(real, request(real, Host=_with_port(real, host)))[0] == 200


@pytest.mark.parametrize("host", _FOREIGN)
def test_other_hosts_are_refused(real: Real, host: str) -> None:
    answer = ask(real, request(real, Host=_with_port(real, host)))
    assert answer[0] == 400 or code(answer) == (421, "bad_host"), answer  # 400: no header at all in HTTP's eyes


def test_a_request_without_a_host_or_with_two_is_refused(real: Real) -> None:
    assert ask(real, request(real, Host=None))[0] in {400, 421}
    old = request(real, "GET /v1/health/live HTTP/1.0", Host=None)
    assert code(ask(real, old)) == (421, "bad_host")
    good = request(real)
    twice = good.replace(b"Connection: close", b"Host: example.org\r\nConnection: close")
    assert ask(real, twice)[0] in {400, 421}


def test_a_full_address_in_the_first_line_does_not_go_round_the_host(real: Real) -> None:
    for target in ("http://example.org/v1/jobs", "http://127.0.0.1/v1/jobs", "example.org:80"):
        for host in ("example.org", None):
            assert ask(real, request(real, f"GET {target} HTTP/1.1", Host=host))[0] in {400, 421}
        assert ask(real, request(real, f"GET {target} HTTP/1.1"))[0] == 404
    forwarded = {"X_Forwarded_Host": "127.0.0.1", "Forwarded": "host=127.0.0.1"}
    assert code(ask(real, request(real, Host="example.org", **forwarded))) == (421, "bad_host")


@pytest.mark.parametrize("origin", _ORIGINS)
def test_pages_from_elsewhere_are_refused(real: Real, origin: str) -> None:
    for line in ("GET /v1/jobs HTTP/1.1", "POST /v1/jobs HTTP/1.1", "GET /docs HTTP/1.1"):
        answer = ask(real, request(real, line, Origin=_with_port(real, origin)))
        assert code(answer) == (403, "foreign_origin")


def test_a_second_origin_does_not_hide_behind_a_good_one(real: Real) -> None:
    good = request(real, Origin=_with_port(real, "http://127.0.0.1:{port}"))
    assert ask(real, good)[0] == 200
    twice = good.replace(b"Connection: close", b"Origin: http://example.org\r\nConnection: close")
    assert code(ask(real, twice)) == (403, "foreign_origin")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "CROSS-SITE", "none, cross-site"])
def test_fetches_across_sites_are_refused(real: Real, site: str) -> None:
    assert code(ask(real, request(real, Sec_Fetch_Site=site))) == (403, "foreign_origin")
    assert ask(real, request(real, Sec_Fetch_Site="same-origin"))[0] == 200
    assert ask(real, request(real, Sec_Fetch_Site="none"))[0] == 200


def test_a_preflight_gets_nothing(real: Real) -> None:
    asks = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "authorization"}
    for origin in ("http://example.org", "null", _with_port(real, "http://127.0.0.1:{port}")):
        for token in (None, f"Bearer {real.runtime['token']}"):
            line = "OPTIONS /v1/jobs HTTP/1.1"
            status, headers, _ = ask(real, request(real, line, Origin=origin, Authorization=token, **asks))
            assert status in {401, 403, 405}
            assert not [name for name in headers if name.startswith("access-control")]


def test_a_rebound_name_learns_nothing(real: Real) -> None:
    """A page at rebind.example whose name suddenly means 127.0.0.1: same origin for the browser, but not for us."""
    host = _with_port(real, "rebind.example:{port}")
    seen = request(real, "GET /v1/jobs HTTP/1.1", Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin")
    status, headers, body = ask(real, seen)
    assert (status, "server" in headers, b"jobs" in body) == (421, False, False)


def test_no_answer_carries_cors_headers(real: Real) -> None:
    for path in ("/v1/jobs", "/docs", "/openapi.json", "/v1/nothing"):
        _, headers, _ = ask(real, request(real, f"GET {path} HTTP/1.1"))
        assert not [name for name in headers if name.startswith("access-control")]
