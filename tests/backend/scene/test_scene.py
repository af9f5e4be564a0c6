"""A take of the open head as a shot: a film with sound, pictures, errors, and nothing left of what was ended."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from backend.blender import BlenderError
from backend.media import VideoError
from backend.scene.delivery import SceneRequest, render_scene
from models import take as take_file
from models.take import Take
from tests.backend.render.conftest import talking

pytest.importorskip("bpy")
TINY: dict[str, Any] = {"engine": "cycles", "samples": 1, "size": "32x32"}


@pytest.fixture
def take_path(tmp_path: Path) -> Path:
    take_file.save(talking(4), tmp_path / "in" / "take.npz")
    return tmp_path / "in" / "take.npz"


def request(take: Path, out: Path, **more: Any) -> SceneRequest:
    return SceneRequest(take, out, **{**TINY, **more})


def test_a_film_has_pictures_and_sound(take_path: Path, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    soundfile.write(tmp_path / "voice.wav", 0.3 * np.sin(np.arange(16000) / 20), 16000)
    reports: list[tuple[str, int, int]] = []
    out = tmp_path / "out" / "shot.mp4"
    result = render_scene(
        request(take_path, out, audio=tmp_path / "voice.wav", fps=30.0), lambda *report: reports.append(report)
    )
    assert result["video"] == str(out) and (result["frames"], result["fps"]) == (5, 30)
    assert "texture.png" in result["note"] and "note 2" not in result
    assert ("render", 5, 5) in reports
    assert [one.name for one in out.parent.iterdir()] == ["shot.mp4"]
    with av.open(str(out)) as opened:
        video, sound = opened.streams.video[0], opened.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name, video.average_rate) == ("h264", "aac", 30)
        assert len([frame for frame in opened.decode(video)]) == 5
        opened.seek(0)
        assert max(np.abs(frame.to_ndarray()).max() for frame in opened.decode(sound)) > 0.1


def test_pictures_and_prores_hold_alpha(take_path: Path, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    out = tmp_path / "shot.mov"
    result = render_scene(request(take_path, out, frames="2-3"))
    assert (result["frames"], result["note"][:20]) == (2, "the film is silent: ")
    with av.open(str(out)) as opened:
        frames = [frame.to_ndarray(format="rgba") for frame in opened.decode(video=0)]
    assert len(frames) == 2 and frames[0][0, 0, 3] < 5 and frames[0][16, 16, 3] > 250


def test_cancelling_leaves_nothing(take_path: Path, tmp_path: Path) -> None:
    def impatient(stage: str, done: int, total: int) -> None:
        if stage == "render" and done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_scene(request(take_path, tmp_path / "out" / "shot.mp4"), impatient)
    assert list((tmp_path / "out").iterdir()) == []
    assert not [one for one in threading.enumerate() if "blender" in one.name.lower()]


def test_what_blender_refuses_is_told_in_its_words(take_path: Path, tmp_path: Path) -> None:
    blend = tmp_path / "own.blend"
    blend.write_bytes(b"BLENDER99-99v9900" + bytes(200))
    with pytest.raises(BlenderError, match=r"^Blender 5.* cannot open .*own\.blend"):
        render_scene(request(take_path, tmp_path / "shot.mp4", blend=blend))
    assert not (tmp_path / "shot.mp4").exists()


@pytest.mark.parametrize(
    ("more", "out", "said"),
    [
        ({}, "shot.avi", r"\.mp4, a \.mov or a folder"),
        ({"transparent": True}, "shot.mp4", "cannot hold transparency"),
        ({"camera": "Cam"}, "shot.mp4", "give it with --blend"),
        ({"blend": "take"}, "shot.mp4", None),
        ({"samples": 0}, "shot.mp4", "--samples takes"),
        ({"fps": 0.5}, "shot.mp4", "--fps takes"),
        ({}, "in", "not an empty folder"),
    ],
)
def test_unusable_requests_are_refused_at_once(
    take_path: Path, tmp_path: Path, more: dict[str, Any], out: str, said: str | None
) -> None:
    if said is None:  # an artist's file keeps its own rate
        more, said = {"blend": take_path, "fps": 30.0}, "keeps its own frame rate"
    with pytest.raises((ValueError, VideoError), match=said):
        render_scene(request(take_path, tmp_path / out, **more))


def test_takes_of_another_head_are_refused(take_path: Path, tmp_path: Path) -> None:
    take = take_file.load(take_path)
    for facts, said in (({"name": "bfm09", "sha256": "0"}, "bfm09"), ({"name": "open_head", "sha256": "0"}, "edition")):
        take_file.save(Take(take.coefficients, take.fps, {"face_model": facts}), tmp_path / "other.npz")
        with pytest.raises(ValueError, match=said):
            render_scene(request(tmp_path / "other.npz", tmp_path / "shot.mp4"))


def test_the_command_hands_everything_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from backend import cli
    from backend.scene import delivery

    seen: list[SceneRequest] = []

    def render_scene(request: SceneRequest, progress: Any) -> dict[str, Any]:
        seen.append(request)
        return {}

    monkeypatch.setattr(delivery, "render_scene", render_scene)
    words = ["scene", "t.npz", "--out", "shot.mp4", "--blend", "own.blend", "--camera", "Cam", "--light", "rim"]
    assert cli.main([*words, "--samples", "8", "--no-backdrop", "--frames", "1-9", "--quiet"]) == 0
    (one,) = seen
    assert (one.take, one.out, one.blend) == (Path("t.npz"), Path("shot.mp4"), Path("own.blend"))
    assert (one.camera, one.light, one.samples, one.backdrop, one.frames) == ("Cam", "rim", 8, False, "1-9")
    assert (one.engine, one.transparent, one.blender) == ("auto", False, None)
