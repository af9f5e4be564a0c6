"""Measuring a style over HTTP, on a take: the quickest clip there is."""

from __future__ import annotations

from pathlib import Path

from tests.backend.server.conftest import VOICE, Real


def test_a_style_measured_on_a_clip_can_drive_a_voice(real: Real, voice: Path, tmp_path: Path) -> None:
    made = real.wait(real.animate(VOICE, style="energetic"))
    clip = tmp_path / "somebody.npz"
    clip.write_bytes(real.http.get(f"/v1/jobs/{made['id']}/files/take.npz").content)
    request = {"kind": "measure", "video": {"upload": "clip"}, "name": "somebody"}
    measured = real.wait(real.post(request, clip=clip).json())
    assert measured["state"] == "done", measured["error"]
    document = measured["result"]["style"]
    assert document["name"] == "somebody" and document["source"]["kind"] == "take"
    assert measured["files"] == []

    performed = real.wait(real.animate(voice, style=document))
    assert (performed["state"], performed["result"]["style"]) == ("done", "somebody")


def test_a_clip_that_is_none_is_told(real: Real) -> None:
    request = {"kind": "measure", "video": {"upload": "clip"}, "name": "nobody"}
    failed = real.wait(real.post(request, clip=b"no video").json())
    assert failed["error"]["code"] == "bad_video"
    assert "clip.wav" in failed["error"]["message"]
