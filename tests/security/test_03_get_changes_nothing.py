"""Promise 3: looking changes nothing, neither in the queue nor on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from tests.backend.server.conftest import Real
from tests.security.conftest import ask, request, snapshot, warm


def test_every_get_and_head_leaves_queue_and_disk_as_they_were(real: Real, folder: Path, voice: Path) -> None:
    warm(real)
    job = real.wait(real.animate(voice))
    hash_ = job["result"]["face_model"]["sha256"]
    names = [file["name"] for file in job["files"]]
    known = [path for path, verbs in real.http.get("/openapi.json").json()["paths"].items() if "get" in verbs]
    assert len(known) >= 11
    filled = [path.format(job_id=job["id"], sha256=hash_, name=name) for path in known for name in names]
    paths = sorted(
        {
            *filled,
            *(path + "?first=3" for path in filled if path.endswith("/frames")),
            "/docs",
            "/openapi.json",
            "/v1/nothing",
        }
    )

    before, jobs = snapshot(folder), real.http.get("/v1/jobs").json()
    for path in paths:
        assert ask(real, request(real, f"GET {path} HTTP/1.1"))[0] in {200, 404}, path
        assert ask(real, request(real, f"HEAD {path} HTTP/1.1"))[0] in {200, 404, 405}, path
        body = request(real, f"GET {path} HTTP/1.1", Content_Length="2") + b"{}"
        assert ask(real, body)[0] in {200, 404}, path
    assert real.http.get("/v1/jobs").json() == jobs
    # SQLite touches its shared-memory file when it reads; what it holds is no part of the queue.
    assert {k: v for k, v in snapshot(folder).items() if not k.endswith("-shm")} == {
        k: v for k, v in before.items() if not k.endswith("-shm")
    }


def test_a_get_cannot_be_made_to_act(real: Real, voice: Path) -> None:
    job = real.wait(real.animate(voice))
    for path, method in ((f"/v1/jobs/{job['id']}/cancel", "POST"), (f"/v1/jobs/{job['id']}", "DELETE")):
        asked = request(real, f"GET {path}?_method={method} HTTP/1.1", X_HTTP_Method_Override=method)
        assert ask(real, asked)[0] in {200, 405}
    assert ask(real, request(real, "GET /v1/styles/mix HTTP/1.1"))[0] == 405
    assert real.job(job)["state"] == "done"


def test_listing_the_models_leaves_no_file(real: Real, folder: Path) -> None:
    home = Path(os.environ.get("STYLE_AVATAR_HOME", folder / "none"))
    there = home.exists()
    assert real.http.get("/v1/models").status_code == 200
    assert home.exists() == there
